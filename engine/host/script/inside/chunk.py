"""A chunk of a map as a worker runs it, and inputs as they are recorded."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

from array import array
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from typing import Any, Callable, cast

from ...record.display import MAX_TEXT, display
from ...record.values import all_scalars, is_scalar, is_text
from ...record.wire import packed
from ..messages import BATCH, FLOATS, INTS, MAP, NOTHING, STAR

SHORT = 8
"""A tuple of so few scalars is shown by its own repr."""


class TaskFailed(Exception):
    """A task of a chunk failed, and with it the chunk."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(error)
        self.error = error


_MIXED = object()


class Chunk:
    """A chunk as it is run: `done` of its items have given `values`."""

    def __init__(self, kind: str, function: Any, items: Sequence[Any]) -> None:
        self.kind = kind
        self.items = items
        self.call: Callable[[Any], Any] = function
        self.shown: Callable[[Any], Any] = shown
        if kind == STAR:
            self.call = lambda item: function(*item)
        elif kind == BATCH:
            self.call = lambda item: item[0](*item[1], **item[2])
            self.shown = lambda item: shown_call(item[1], item[2])
        self.is_plain = kind == MAP and all_scalars(items)
        """Whether its inputs are recorded as they are."""
        self.values: list[Any] = []
        self.done = 0
        self._kind: Any = None
        """The type of all values so far, if they are scalars of one; else `_MIXED`."""

    def note(self, kind: object) -> None:
        """Values of this type have come; None is of several, or of no scalar."""
        if self._kind is not kind:
            self._kind = kind if self._kind is None and kind is not None else _MIXED

    def as_numbers(self) -> tuple[str, bytes | None] | None:
        """The form of an answer with its values, and its bytes, if they need no pickle."""
        if self._kind is type(None):
            return NOTHING, None
        form = {int: (INTS, "q"), float: (FLOATS, "d")}.get(self._kind)
        if form is not None:
            with suppress(OverflowError, TypeError):
                return form[0], packed(array(form[1], self.values))
        return None


def nested(batch: Any) -> AbstractContextManager[Any]:
    """What a batch of joblib's has its calls run in: what becomes of `Parallel` in a task."""
    parallel: Any = sys.modules["joblib.parallel"]
    context = getattr(parallel, "parallel_config", None) or parallel.parallel_backend
    return context(batch._backend, n_jobs=batch._n_jobs)


def shown(item: Any) -> Any:
    """An input as it is recorded: plain data as it is, anything else as display text in a tuple of one."""
    if is_scalar(item) or (is_text(item) and len(item) <= MAX_TEXT):
        return item
    if type(item) is tuple:
        items = cast("tuple[Any, ...]", item)
        if len(items) <= SHORT and all_scalars(items):
            return (repr(items),)
    return (display(item),)


def shown_call(args: tuple[Any, ...], kwds: dict[str, Any]) -> Any:
    if len(args) == 1 and not kwds:
        return shown(args[0])
    if not kwds:
        return shown(args)
    parts = [*map(display, args), *(f"{name}={display(value)}" for name, value in kwds.items())]
    return (f"({', '.join(parts)})"[:MAX_TEXT],)
