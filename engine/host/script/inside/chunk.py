"""A chunk of a map as a worker runs it, and inputs as they are recorded."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import pickle
from array import array
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import starmap

from ...record import objects
from ...record.display import MAX_TEXT, display
from ...record.pieces import PIECE, begins_of
from ...record.values import all_scalars, is_scalar, is_text
from ...record.wire import packed
from ...typed import Any, Callable, cast
from ..messages import BATCH, MAP, PIECES, RANGE, STAR
from .kinds import FLAT, SHORT, are_fixed, are_recorded_as_they_are, kinds_of, shown_fixed, text_size


class TaskFailed(Exception):
    """A task of a chunk failed, and with it the chunk."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(error)
        self.error = error


class Chunk:
    """A running chunk: `done` of its items have ended, and main has the values of `answered` of them."""

    def __init__(self, kind: str, function: Any, items: Sequence[Any]) -> None:
        self.kind = kind
        self.items = items
        self.function = function
        self.call: Callable[[Any], Any] = function
        self.shown: Callable[[Any], Any] = shown
        if kind == STAR:
            self.call = lambda item: function(*tuple(item))
        elif kind == BATCH:
            self.call = lambda item: item[0](*item[1], **item[2])
            self.shown = lambda item: shown_call(item[1], item[2])
        kinds = FLAT if type(items) is InPieces else frozenset[Any]() if kind == RANGE else kinds_of(items)
        self.is_plain = kind in (PIECES, RANGE) or (kind == MAP and are_recorded_as_they_are(items, kinds))
        """Whether its inputs are recorded as they are."""
        self.is_fixed = self.is_plain or type(items) is InPieces or are_fixed(items, kinds)
        """Whether no task can change the input of another."""
        self.values: list[Any] = []
        """The values that main does not have yet."""
        self.has_fixed = True
        """Whether all of these are immutable."""
        self.is_mixed = False
        """Whether some of them are not numbers of one type."""
        self.is_uneven = False
        """Whether a group returned values that must be stored one by one."""
        self.done = self.answered = 0

    @property
    def can_group(self) -> bool:
        """Whether the next tasks can run in groups; for inputs in pieces, from the start of a piece."""
        is_whole = not self.is_plain or type(self.items) is not InPieces or self.done % PIECE == 0
        return self.is_fixed and self.has_fixed and is_whole and not self.is_uneven

    def results(self, items: Sequence[Any]) -> Iterator[Any]:
        """Call the function with each of these."""
        return starmap(self.function, items) if self.kind == STAR else map(self.call, items)

    def shown_one(self, item: Any) -> Any:
        return item if self.is_plain else self.shown(item)

    def all_shown(self, items: Sequence[Any]) -> Sequence[Any]:
        """These inputs as they are recorded."""
        if self.is_plain:
            return items
        kinds = kinds_of(items)
        is_short = self.is_fixed and text_size(items, kinds) >= 0
        shown = shown_fixed(items, kinds) if is_short else None
        return [*map(self.shown, items)] if shown is None else shown


class InPieces(Sequence[Any]):
    """Inputs that main has pickled as a column of run.db; each piece is read when it is its turn."""

    def __init__(self, kept: bytes | str, count: int, folder: str) -> None:
        """`kept` is the column, or where main has written it in `folder`, that of large data."""
        column = objects.column(folder, kept)
        self._kept = kept
        self._count = count
        self._data = memoryview(column)
        self._begins = begins_of(column)
        self._end = self._begins.pop()
        self._last: tuple[int, list[Any]] = (-1, [])

    def __len__(self) -> int:
        return self._count

    def _piece(self, number: int) -> list[Any]:
        if self._last[0] != number:
            self._last = number, pickle.loads(self._data[self._begins[number] :])
        return self._last[1]

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, int):
            return self._piece(index // PIECE)[index % PIECE]
        first, stop, _ = index.indices(self._count)
        items: list[Any] = []
        while first < stop:
            number, place = divmod(first, PIECE)
            part = self._piece(number)[place : place + stop - first]
            first += len(part)
            items = items + part if items else part
        return items

    def column_of(self, first: int, stop: int) -> bytes | str:
        """Some of them as a column, from the start of a piece on."""
        if isinstance(self._kept, str):
            return f"{self._kept}:{first}"
        begin, whole = first // PIECE, stop // PIECE
        offset = self._begins[begin]
        end = self._begins[whole] if whole < len(self._begins) else self._end
        places = [place - offset for place in self._begins[begin:whole]]
        parts: list[bytes | memoryview] = [self._data[offset:end]]
        if stop % PIECE:
            places.append(end - offset)
            parts.append(pickle.dumps(self[whole * PIECE : stop], 5))
        parts.append(packed(array("Q", [*places, len(places)])))
        return b"".join(parts)


def nested(batch: Any) -> AbstractContextManager[Any]:
    """The context in which a batch of joblib runs its calls: what `Parallel` becomes inside a task."""
    parallel: Any = sys.modules["joblib.parallel"]
    context = getattr(parallel, "parallel_config", None) or parallel.parallel_backend
    return context(batch._backend, n_jobs=batch._n_jobs)


def shown(item: Any) -> Any:
    """An input as it is recorded: plain data as it is, anything else as display text in a tuple of one."""
    if is_short(item):
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


def is_fixed(item: Any) -> bool:
    """Whether it is a scalar, a short text or a short tuple of these, and so immutable."""
    if type(item) is tuple:
        items = cast("tuple[Any, ...]", item)
        return len(items) <= SHORT and all(map(is_short, items))
    return is_short(item)


def is_short(item: Any) -> bool:
    """Whether it is a scalar, or a text that is recorded as it is."""
    return is_scalar(item) or (is_text(item) and len(item) <= MAX_TEXT)


def is_batch(function: Any) -> bool:
    """Whether it is one of joblib's batches of calls."""
    kind = cast("type[Any]", type(function))
    return kind.__name__ == "BatchedCalls" and kind.__module__ == "joblib.parallel"
