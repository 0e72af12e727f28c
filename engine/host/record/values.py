"""How a result becomes what run.db keeps: a scalar as it is, anything else as display text and its pickle."""

from __future__ import annotations

import io
import pickle
import reprlib
from array import array
from contextlib import suppress
from typing import Any, cast

from . import arrays
from .arrays import ArrayPickler, is_array
from .objects import LARGE, ObjectFile, Place
from .text import bounded, plain, type_name
from .wire import packed, plain_dumps

SCALARS = frozenset([int, float, bool, type(None)])
"""Types kept as they are, whatever their value."""
NONE = type(None)
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


def is_scalar(value: object) -> bool:
    """Whether a value is of `SCALARS`: by its true type, and without asking that (it may fail, or lie)."""
    kind = type(value)
    return kind is int or kind is float or kind is bool or kind is NONE


def is_text(value: object) -> bool:
    """Likewise for str and bytes."""
    kind = type(value)
    return kind is str or kind is bytes


def all_scalars(values: list[Any]) -> bool:
    """As `is_scalar` for each, and quicker; a class that lies to this is found as its row is packed."""
    try:
        return SCALARS.issuperset(map(type, values))
    except BaseException:  # a metaclass whose classes cannot be hashed or compared
        return False


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
    kind = cast("type[Any]", type(value))
    try:
        if (kind is str or kind is bytes) and len(value) > MAX_DISPLAY:
            shown = value[: MAX_DISPLAY if len(value) <= MAX_TEXT else MAX_LONG_TEXT]
            return f"{shown!r}... ({len(value):,} long)"
        if (kind is list or kind is tuple or kind is dict or kind is set or kind is frozenset) and len(
            value
        ) > MAX_ITEMS:
            text = _SHORT.repr(value) + f" ({len(value):,} items)"
        elif kind is int and value.bit_length() > MAX_INT_BITS:
            text = f"{value:#x}"  # Python refuses to write long integers in decimal
        elif is_array(value):
            text = arrays.display(value)
        else:
            text = repr(value)
    except BaseException as error:
        return f"<{type_name(kind)}: its repr failed with {type_name(type(error))}>"
    return plain(text) if str.__len__(text) <= MAX_DISPLAY else bounded(text, MAX_DISPLAY) + "..."


def short(value: Any) -> str:
    """The beginning of its display text, for a sentence."""
    text = display(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _is_large(value: Any) -> bool:
    """Whether the pickle of a value is long for parts of it that need no copy."""
    if is_text(value) or type(value) is bytearray:
        return len(value) > LARGE
    return is_array(value) and value.nbytes > LARGE and not value.dtype.hasobject


def _pickled(value: Any, text: str, pickler: ArrayPickler) -> bytes:
    try:
        return pickler.dumps(value) if is_array(value) else pickle.dumps(value, 5)
    except MemoryError:
        raise
    except BaseException as error:
        pickler_of_unhashable = _UnhashablePickler(file := io.BytesIO(), 5)
        with suppress(BaseException):  # the first error is the one to tell
            pickler_of_unhashable.dump(value)
            if pickler_of_unhashable.helped:
                return file.getvalue()
        raise Unpicklable(text) from error


class _UnhashablePickler(pickle.Pickler):
    """Pickles things of classes that cannot be hashed, which pickle looks up in a table."""

    helped = False

    def reducer_override(self, obj: Any) -> Any:
        try:
            hash(cast("type[Any]", type(obj)))
        except Exception:
            self.helped = True
            return obj.__reduce_ex__(5)
        return NotImplemented


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
        kind = cast("object", type(value))
        if (kind is str or kind is bytes) and len(value) <= MAX_TEXT:
            self.size += len(value)
            self.texts += len(value)
            return value
        return self._encode_at(len(self.items), value)

    def _encode_at(self, place: int, value: Any) -> Any:
        found = self.arrays.by_pattern(value)
        if found is None:
            text = display(value)
            kept = self._kept(value, text)
        else:
            text, kept = found
        self._opaque.append(place)
        self.objects.append(kept)
        if isinstance(kept, bytes):
            self.size += len(kept)
            self._pickles += len(kept)
        else:
            self.written = kept[0]
            self.size += kept[2]
        return text

    def mend(self) -> dict[int, BaseException]:
        """Encode what got among `items` as it is because its class says that it is a scalar.

        Gives by place what cannot be kept, and why.
        """
        known = dict(zip(self._opaque, self.objects))
        self._opaque, self.objects = array("I"), []
        bad: dict[int, BaseException] = {}
        for place, item in enumerate(self.items):
            if place in known:
                self._opaque.append(place)
                self.objects.append(known[place])
            elif not is_scalar(item) and not is_text(item):
                try:
                    self.items[place] = self._encode_at(place, item)
                except BaseException as error:
                    self.items[place] = None
                    bad[place] = error
        return bad

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
        """The columns `vals`, `opaque` and `objects` of table `batch`. Raises `NotPlain`: see `mend`."""
        vals = self._column(self.items, self.texts)
        if not self.objects:
            return vals, None, None
        return vals, packed(self._opaque), self.kept_objects()

    def kept_objects(self) -> bytes | str | None:
        """The column `objects`."""
        return self._column(self.objects, self._pickles) if self.objects else None

    def _column(self, items: list[Any], size: int) -> bytes | str:
        return plain_dumps(items) if self._file is None else self._file.column(items, size)

    def clear(self) -> None:
        """Start anew; `items` stays the same list."""
        self.items.clear()
        self._opaque = array("I")
        self.objects = []
        self.written = ""
        self.size = self.texts = self._pickles = 0
