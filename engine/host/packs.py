"""Inputs on their way from the reader to the workers: packed, and opened by the host only where it must."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, overload

from . import objects
from .inputs import Pickled
from .wire import plain_loads


def column(items: Iterable[Any]) -> bytes:
    """Inputs as run.db keeps them: plain data as it is, display text in a tuple of one."""
    return pickle.dumps([(item.text,) if type(item) is Pickled else item for item in items], 5)


def is_whole(item: Any) -> bool:
    """Whether an input that was kept so is all there: not the text that stands for one."""
    return type(item) is not tuple


class Spool:
    """A file of large inputs on the host's side, removed as soon as none of them is held."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __del__(self) -> None:
        with suppress(OSError):
            os.unlink(self.path)


class Pack(Sequence[Any]):
    """The inputs of contiguous tasks.

    `column` is as in run.db, `objects` a pickled list with a pickle for each display text in it, or its file,
    offset and length where it is large. That file is `path`; that of a long column is in `folder`.
    """

    def __init__(
        self,
        count: int,
        column: bytes | str,
        objects: bytes | None,
        path: str = "",
        folder: str = "",
        spool: Spool | None = None,
    ) -> None:
        self.column = column
        self._count = count
        self._objects = objects
        self._path = path
        self._folder = folder
        self._spool = spool
        self._items: list[Any] | None = None

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        return self._opened()[index]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._opened())

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        pickles = None if self._objects is None else pickle.PickleBuffer(self._objects)
        column = self.column if isinstance(self.column, str) else pickle.PickleBuffer(self.column)
        return Pack, (self._count, column, pickles, self._path, self._folder)

    def _opened(self) -> list[Any]:
        if self._items is None:
            items: list[Any] = plain_loads(objects.column(self._folder, self.column))
            if self._objects is not None:
                self._put_in(items, plain_loads(self._objects))
            self._items = items
        return self._items

    def _put_in(self, items: list[Any], pickles: list[Any]) -> None:
        """Put what is to be unpickled in the place of the texts that stand for it."""
        places = [place for place, item in enumerate(items) if not is_whole(item)]
        for place, data in zip(places, pickles):
            at = data if type(data) is bytes else (self._path, data[1])
            items[place] = Pickled(at, items[place][0], self._spool)
