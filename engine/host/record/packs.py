"""Inputs on their way from the reader to the workers: packed, and opened by the host only if necessary."""

from __future__ import annotations

import os
import pickle
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import accumulate

from ..inputs import Pickled
from ..typed import Any, overload
from .pieces import Pieces, cut, dumps

RANGE = re.compile(r"range\((-?\d{1,40}), (-?\d{1,40})(?:, (-?\d{1,40}))?\)", re.ASCII)
"""A column that is not a list, but the repr of the range that has the inputs."""
MOST_PARTS = 8
"""A long column is read again for each of at most about this many parts; shorter parts are copied."""


def column(items: Iterable[Any]) -> bytes:
    """Inputs as run.db stores them: plain data as it is, others as display text in a tuple of one."""
    return dumps(cut([(item.text,) if type(item) is Pickled else item for item in items]))


def range_of(kept: bytes | str) -> range | None:
    """The inputs in a column that only names the range of them. Raises `ValueError`."""
    if not isinstance(kept, str) or not (found := RANGE.fullmatch(kept)):
        return None
    start, stop, step = found.groups("1")
    return range(int(start), int(stop), int(step))


class Kept:
    """The column `inputs` of a row; long ones are in `folder`. Raises what `Pieces` raises."""

    def __init__(self, folder: str, kept: bytes | str) -> None:
        self._begin = 0
        self._range = range_of(kept)
        if isinstance(kept, str):
            *place, last = kept.split(":")
            if len(place) == 3:
                kept, self._begin = ":".join(place), int(last)
        if self._begin < 0:
            raise ValueError("a row has inputs before the first")
        self._pieces = Pieces(kept, folder)

    def items(self, begin: int, stop: int) -> list[Any]:
        """The inputs of some tasks, by offset in the row."""
        if self._range is not None:
            items = list(self._range[begin:stop])
            if len(items) != stop - begin:
                raise ValueError("a range has fewer items than its row")
            return items
        return self._pieces.items(self._begin + begin, self._begin + stop)


def is_whole(item: Any) -> bool:
    """Whether a kept input is complete, not just a display text."""
    return type(item) is not tuple


class Spool:
    """A file of large inputs on the host's side, removed as soon as none of them is needed."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __del__(self) -> None:
        with suppress(OSError):
            os.unlink(self.path)


class Column:
    """The content of packs, opened if necessary.

    `kept` is as in run.db; `objects` is a list in pieces with a pickle for each display text in it, or, if
    large, its file, offset and length. That file is `path`, which also has the list if that is long; the file
    of a long column is in `folder`.
    """

    def __init__(
        self,
        count: int,
        kept: bytes | str,
        objects: bytes | str | None,
        path: str = "",
        folder: str = "",
        spool: Spool | None = None,
    ) -> None:
        self.count = count
        self.kept = kept
        self.objects = objects
        self.path = path
        self.folder = folder
        self._spool = spool

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return Column, (self.count, _apart(self.kept), _apart(self.objects), self.path, self.folder)

    @property
    def is_long(self) -> bool:
        """Whether it is in files, so that the host should not open it."""
        return isinstance(self.kept, str) or isinstance(self.objects, str)

    @cached_property
    def shown(self) -> list[Any]:
        """Its items."""
        return Pieces(self.kept, self.folder, own=True).all()

    @cached_property
    def pickles(self) -> list[Any]:
        """The items of `objects`."""
        if self.objects is None:
            return []
        return Pieces(self.objects, os.path.dirname(self.path), own=True).all()

    @cached_property
    def _places(self) -> list[int]:
        return list(accumulate((not is_whole(item) for item in self.shown), initial=0))

    def pickles_before(self, place: int) -> int:
        """How many of `pickles` are for earlier items."""
        return 0 if self.objects is None else self._places[place]

    def item(self, place: int) -> Any:
        """The input at that index."""
        shown = self.shown[place]
        if is_whole(shown):
            return shown
        data = self.pickles[self.pickles_before(place)]
        return Pickled(data if type(data) is bytes else (self.path, data[1]), shown[0], self._spool)

    def item_by_value(self, place: int) -> Any:
        """The same, but not in a file. Raises `OSError`."""
        shown = self.shown[place]
        if is_whole(shown):
            return shown
        data = self.pickles[self.pickles_before(place)]
        if type(data) is not bytes:
            with open(self.path, "rb") as file:
                file.seek(data[1])
                data = file.read(data[2])
        return Pickled(data, shown[0])

    def cut(self, begin: int, stop: int) -> Column:
        """A part of it, as a column of its own."""
        pickles = self.pickles[self.pickles_before(begin) : self.pickles_before(stop)]
        kept = dumps(cut(self.shown[begin:stop]))
        apart = dumps([pickles]) if pickles else None
        return Column(stop - begin, kept, apart, self.path, self.folder, self._spool)


class Pack(Sequence[Any]):
    """The inputs of consecutive tasks: those of a column, or from its index `begin` to before `stop`."""

    def __init__(self, column: Column, begin: int = 0, stop: int | None = None) -> None:
        self._column = column
        self._begin = begin
        self._stop = column.count if stop is None else stop

    def __len__(self) -> int:
        return self._stop - self._begin

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> Pack: ...
    def __getitem__(self, index: int | slice) -> Any:
        places = range(self._begin, self._stop)[index]
        if isinstance(places, int):
            return self._column.item(places)
        return Pack(self._column, places.start, places.stop)

    def __iter__(self) -> Iterator[Any]:
        column = self._column
        if column.objects is None:
            return iter(column.shown[self._begin : self._stop])
        return map(column.item, range(self._begin, self._stop))

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        column = self._column
        if self._is_much_of_it() and (column.is_long or len(self) == column.count):
            return Pack, (column, self._begin, self._stop)
        return Pack, (column.cut(self._begin, self._stop),)

    @property
    def is_long(self) -> bool:
        """Whether they are in files, so that the host should not open them."""
        return self._column.is_long

    @property
    def kept(self) -> bytes | str:
        """The column `inputs` of a row with these tasks."""
        column = self._column
        if len(self) == column.count:
            return column.kept
        if isinstance(column.kept, str) and self._is_much_of_it():
            return f"{column.kept}:{self._begin}"
        return dumps(cut(column.shown[self._begin : self._stop]))

    def by_value(self) -> Sequence[Any]:
        """The same for another machine, with nothing in a file."""
        column = self._column
        if not column.is_long and all(type(each) is bytes for each in column.pickles):
            return self
        return [column.item_by_value(place) for place in range(self._begin, self._stop)]

    def _is_much_of_it(self) -> bool:
        return len(self) > self._column.count // MOST_PARTS


def _apart(kept: bytes | str | None) -> pickle.PickleBuffer | str | None:
    """Bytes as a separate part of a pickle."""
    return pickle.PickleBuffer(kept) if isinstance(kept, bytes) else kept
