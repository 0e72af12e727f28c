"""A chunk of a map as a worker runs it, and inputs as they are recorded."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

from collections.abc import Sequence
from itertools import starmap
from typing import Any, Callable, cast

from ...record.display import MAX_TEXT, display
from ...record.values import all_scalars, is_scalar, is_text

SHORT = 8
"""A tuple of so few scalars is shown by its own repr."""


class TaskFailed(Exception):
    """A task of a chunk failed, and with it the chunk."""

    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error


class Chunk:
    """A chunk as it is run: `done` of its items have given `values`."""

    def __init__(self, function: Callable[..., Any], items: Sequence[Any], star: bool) -> None:
        self.items = items
        self.call: Callable[[Any], Any] = (lambda item: function(*item)) if star else function
        self.mapped: Callable[[Sequence[Any]], Any] = (
            (lambda group: starmap(function, group)) if star else (lambda group: map(function, group))
        )
        self.is_plain = not star and all_scalars(list(items))
        """Whether its inputs are recorded as they are."""
        self.values: list[Any] = []
        self.done = 0


def shown(item: Any) -> Any:
    """An input as it is recorded: plain data as it is, anything else as display text in a tuple of one."""
    if is_scalar(item) or (is_text(item) and len(item) <= MAX_TEXT):
        return item
    if type(item) is tuple:
        items = cast("tuple[Any, ...]", item)
        if len(items) <= SHORT and all_scalars(list(items)):
            return (repr(items),)
    return (display(item),)


def shown_call(args: tuple[Any, ...], kwds: dict[str, Any]) -> Any:
    if len(args) == 1 and not kwds:
        return shown(args[0])
    if not kwds:
        return shown(args)
    parts = [*map(display, args), *(f"{name}={display(value)}" for name, value in kwds.items())]
    return (f"({', '.join(parts)})"[:MAX_TEXT],)
