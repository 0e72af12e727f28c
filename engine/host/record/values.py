"""How a result becomes what run.db keeps: a scalar as it is, anything else as display text and its pickle."""

from __future__ import annotations

import pickle
import reprlib
from array import array
from typing import Any

from . import arrays
from .arrays import ArrayPickler, is_array
from .objects import LARGE, ObjectFile, Place
from .wire import packed

SCALARS = frozenset([int, float, bool, type(None)])
"""Types kept as they are, whatever their value."""
TEXTS = (str, bytes)
MAX_TEXT = 65_536
"""Longest str or bytes kept as it is."""
MAX_PICKLE = 900_000_000
"""Longest pickle in run.db: a field of SQLite's holds a little more."""
MAX_DISPLAY = 10_000
"""Longest display text, in characters."""
MAX_ITEMS = 1_000
"""Containers longer than this are displayed by their first items."""

MAX_LONG_TEXT = 1_000
"""A longer str or bytes whose pickle is kept besides is displayed by so much of its beginning."""
MAX_INT_BITS = 14_000
"""Integers longer than this are displayed in hexadecimal."""


class Unpicklable(Exception):
    """A result that cannot be pickled. `display` still shows it."""

    def __init__(self, display: str) -> None:
        super().__init__(display)
        self.display = display


def _bounded_repr() -> reprlib.Repr:
    short = reprlib.Repr()
    for name in ("maxtuple", "maxlist", "maxarray", "maxdict", "maxset", "maxfrozenset", "maxdeque"):
        setattr(short, name, 100)
    for name in ("maxstring", "maxlong", "maxother"):
        setattr(short, name, MAX_DISPLAY)
    return short


_SHORT = _bounded_repr()


def display(value: Any) -> str:
    """`repr(value)`, bounded, and a text that says so where `repr` fails."""
    try:
        if type(value) in TEXTS and len(value) > MAX_DISPLAY:
            shown = value[: MAX_DISPLAY if len(value) <= MAX_TEXT else MAX_LONG_TEXT]
            return f"{shown!r}... ({len(value):,} long)"
        if type(value) in (list, tuple, dict, set, frozenset) and len(value) > MAX_ITEMS:
            text = _SHORT.repr(value) + f" ({len(value):,} items)"
        elif type(value) is int and value.bit_length() > MAX_INT_BITS:
            text = f"{value:#x}"  # Python refuses to write long integers in decimal
        elif is_array(value):
            text = arrays.display(value)
        else:
            text = repr(value)
    except Exception as error:
        return f"<{type(value).__name__}: its repr failed with {type(error).__name__}>"
    return text if len(text) <= MAX_DISPLAY else text[:MAX_DISPLAY] + "..."


def short(value: Any) -> str:
    """The beginning of its display text, for a sentence."""
    text = display(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _is_large(value: Any) -> bool:
    """Whether the pickle of a value is long for parts of it that need no copy."""
    if type(value) in (str, bytes, bytearray):
        return len(value) > LARGE
    return is_array(value) and value.nbytes > LARGE and not value.dtype.hasobject


def _pickled(value: Any, text: str, pickler: ArrayPickler) -> bytes:
    try:
        return pickler.dumps(value) if is_array(value) else pickle.dumps(value, 5)
    except MemoryError:
        raise
    except Exception as error:
        raise Unpicklable(text) from error


class Values:
    """The results of a batch as they gather; `clear` starts the next."""

    def __init__(self, file: ObjectFile | None = None) -> None:
        self._file = file
        self.arrays = ArrayPickler()
        self.items: list[Any] = []
        """A scalar or display text for each task so far."""
        self._opaque: array[int] = array("I")
        self.objects: list[bytes | Place] = []
        """The pickles of those that are text, or where in `file` they are."""
        self.written = ""
        """The file, where it has grown."""
        self.size = 0
        """Bytes of the values so far,"""
        self.texts = 0
        """of those that stand in `items` as they are,"""
        self._pickles = 0
        """and of those that stand in `objects`."""

    def encode(self, value: Any) -> Any:
        """What stands in `items` for a value that is not of `SCALARS`; keeps its pickle.

        Pickled at once: a function may return the same list again and change it. Raises `Unpicklable`.
        """
        if type(value) in TEXTS and len(value) <= MAX_TEXT:
            self.size += len(value)
            self.texts += len(value)
            return value
        found = self.arrays.by_pattern(value)
        if found is None:
            text = display(value)
            kept = self._kept(value, text)
        else:
            text, kept = found
        self._opaque.append(len(self.items))
        self.objects.append(kept)
        if isinstance(kept, bytes):
            self.size += len(kept)
            self._pickles += len(kept)
        else:
            self.written = kept[0]
            self.size += kept[2]
        return text

    def keep(self, pickles: list[bytes]) -> None:
        """Add to `objects`, for texts whose place is known by other means than `opaque`."""
        size = sum(map(len, pickles))
        self.objects += pickles
        self.size += size
        self._pickles += size

    def _kept(self, value: Any, text: str) -> bytes | Place:
        """The pickle of a value, or where it is now, if it is large and a file can be had."""
        file = self._file
        place = file.pickle(value) if file is not None and _is_large(value) else None
        if place is not None:
            return place
        data = _pickled(value, text, self.arrays)
        if file is not None and len(data) > LARGE:
            place = file.keep(data)
        if place is None and len(data) > MAX_PICKLE:
            size = f"{len(data):,} bytes long, and at most {MAX_PICKLE:,} are kept"
            raise Unpicklable(text) from ValueError(f"the pickled result is {size}")
        return data if place is None else place

    def columns(self) -> tuple[bytes | str, bytes | None, bytes | str | None]:
        """The columns `vals`, `opaque` and `objects` of table `batch`."""
        vals = self._column(self.items, self.texts)
        if not self.objects:
            return vals, None, None
        return vals, packed(self._opaque), self.kept_objects()

    def kept_objects(self) -> bytes | str | None:
        """The column `objects`."""
        return self._column(self.objects, self._pickles) if self.objects else None

    def _column(self, items: list[Any], size: int) -> bytes | str:
        return pickle.dumps(items, 5) if self._file is None else self._file.column(items, size)

    def clear(self) -> None:
        """Start anew; `items` stays the same list."""
        self.items.clear()
        self._opaque = array("I")
        self.objects = []
        self.written = ""
        self.size = self.texts = self._pickles = 0
