"""A long list as pickles of about a thousand items each, so that a few can be read without the others.

    pickle | pickle | ... | where each begins | how many there are

The numbers after the pickles are uint64. The format is the same in a column of run.db and in `objects/`.
"""

from __future__ import annotations

import io
import pickle
from array import array
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from itertools import accumulate, chain

from ..typed import Any, BinaryIO, cast
from .objects import LONG_COLUMN, ObjectFile, opened, place_of, told
from .plain import plain_loads
from .wire import PlainPickler, own_loads, packed, pickle_of_numbers, pickled_numbers, unpacked

PIECE = 1024
"""Items of a piece; the last one may have fewer."""
FEW = 3
"""Up to this many numbers are pickled in another way."""
WORD = 8
"""Size of a number after the pieces."""


def cut(items: list[Any]) -> list[list[Any]]:
    """A list in pieces."""
    if len(items) <= PIECE:
        return [items]
    return [items[first : first + PIECE] for first in range(0, len(items), PIECE)]


def dumps(pieces: Sequence[list[Any]], differ: bool = False) -> bytes:
    """Pieces as a column. Raises `wire.NotPlain`."""
    file = io.BytesIO()
    _write(pieces, file, differ)
    return file.getvalue()


def dumps_numbers(items: Sequence[Any]) -> bytes:
    """The pickle of one piece of more than three numbers of one type; empty for others."""
    kind = cast("object", type(items[0]))
    is_number = kind is int or kind is float or items[0] is None
    data, size = pickled_numbers(items) if is_number and len(items) > FEW else (b"", 0)
    return pickle_of_numbers(data, size) if size else b""


def dumps_piece(items: Sequence[Any]) -> bytes:
    """The pickle of any other piece. Raises `wire.NotPlain`."""
    file = io.BytesIO()
    PlainPickler(file, 5).dump(items if type(items) is list else list(items))
    return file.getvalue()


def joined(pieces: list[bytes]) -> bytes:
    """These pickles as a column."""
    begins = array("Q", accumulate(map(len, pieces[:-1]), initial=0))
    begins.append(len(begins))
    return b"".join((*pieces, packed(begins)))


def begins_of(column: bytes) -> array[int]:
    """Where each piece of a column begins, and where the last one ends."""
    (count,) = unpacked("Q", column[-WORD:])
    end = len(column) - WORD * (count + 1)
    begins = unpacked("Q", column[end:-WORD])
    begins.append(end)
    return begins


def own_items(column: bytes) -> list[Any]:
    """All items of a column that another process of this run has made."""
    data, items = memoryview(column), list[Any]()
    for begin in begins_of(column)[:-1]:
        items += pickle.loads(data[begin:])
    return items


def kept(
    pieces: Sequence[list[Any]], size: int, file: ObjectFile | None, differ: bool = False
) -> bytes | str:
    """Pieces as a column of a row: in the file if it is long and possible. Raises `wire.NotPlain`.

    `size` is the approximate length; what is known to be long is pickled straight into the file, which takes
    a third of the time. If all items `differ`, none is looked up among earlier ones: half the time again.
    """
    if file is not None and size > LONG_COLUMN:
        place = file.append(lambda: _write(pieces, file, differ))
        if place is not None:
            return told(place)
    data = dumps(pieces, differ)
    place = file.keep(data) if file is not None and len(data) > LONG_COLUMN else None
    return data if place is None else told(place)


def _write(pieces: Sequence[list[Any]], file: io.BytesIO | ObjectFile, differ: bool) -> None:
    start, begins = file.tell(), array("Q")
    for piece in pieces:
        begins.append(file.tell() - start)
        pickler = PlainPickler(file, 5)
        pickler.fast = differ
        pickler.dump(piece)
    begins.append(len(begins))
    file.write(packed(begins))


class Pieces:
    """Reads such a column, or the text with its location. Raises `OSError`, `ValueError`.

    `folder` is that of the files. With `own`, it was made by another process of this run; else by anybody.
    """

    def __init__(self, column: bytes | str, folder: str, own: bool = False) -> None:
        self._column = column
        self._folder = folder
        self._loads = own_loads if own else plain_loads
        self._begins: array[int] | None = None
        self._last: tuple[int, list[Any]] = (-1, [])
        """The number and content of the last piece that was read."""

    def piece(self, number: int) -> list[Any]:
        """One piece."""
        if self._last[0] != number:
            (items,) = self._read(number, number + 1)
            self._last = number, items
        return self._last[1]

    def items(self, first: int, stop: int) -> list[Any]:
        """The items `first .. stop - 1` of the list."""
        if first >= stop:
            return []
        begin = first // PIECE
        last = (stop - 1) // PIECE
        pieces = [self.piece(begin)] if begin == last else self._read(begin, last + 1)
        found = list(chain.from_iterable(pieces))[first - begin * PIECE : stop - begin * PIECE]
        if len(found) != stop - first:
            raise ValueError("a column has fewer items than its row")
        return found

    def pickles(self) -> list[bytes]:
        """The pickles of all pieces, as they are."""
        return self._stored(0, None)

    def all(self) -> list[Any]:
        """The whole list."""
        return list(chain.from_iterable(self._read(0, None)))

    def raw(self, number: int) -> bytes:
        """The pickle of one piece, which is not read."""
        (data,) = self._stored(number, number + 1)
        return data

    def _read(self, first: int, stop: int | None) -> list[list[Any]]:
        found: list[list[Any]] = []
        for data in self._stored(first, stop):
            items = self._loads(data)
            if not isinstance(items, list):
                raise ValueError("a column is no list")
            found.append(cast("list[Any]", items))
        return found

    def _stored(self, first: int, stop: int | None) -> list[bytes]:
        with self._opened() as (file, start, size):
            if self._begins is None:
                self._begins = _table(file, start, size)
            begins = self._begins
            last = len(begins) - 1 if stop is None else stop
            if last >= len(begins):
                raise ValueError("a column has fewer pieces than its row")
            file.seek(start + begins[first])
            data = file.read(begins[last] - begins[first])
            cuts = [begin - begins[first] for begin in begins[first : last + 1]]
            return [data[begin:end] for begin, end in zip(cuts, cuts[1:])]

    @contextmanager
    def _opened(self) -> Generator[tuple[BinaryIO, int, int], None, None]:
        """The file with the column, the column's offset in it, and its length."""
        if isinstance(self._column, bytes):
            yield io.BytesIO(self._column), 0, len(self._column)
            return
        place = place_of(self._column, self._folder)
        with opened(self._folder, place) as file:
            yield file, place[1], place[2]


def _table(file: BinaryIO, start: int, size: int) -> array[int]:
    """The offset of each piece, and the end of the last."""
    file.seek(start + max(0, size - WORD))
    count = int.from_bytes(file.read(WORD), "little")
    end = size - WORD * (count + 1)
    if end < 0:
        raise ValueError("a column has no table of its pieces")
    file.seek(start + end)
    begins = unpacked("Q", file.read(WORD * count))
    begins.append(end)
    if any(one > other for one, other in zip(begins, begins[1:])):
        raise ValueError("the table of a column is out of order")
    return begins
