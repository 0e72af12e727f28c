"""How a result is stored in run.db: a scalar as it is, anything else as display text and a pickle."""

from __future__ import annotations

import io
import math
import pickle
from array import array
from collections.abc import Sequence
from contextlib import suppress

from ..typed import Any, NamedTuple, cast
from .arrays import ArrayPickler, is_array
from .display import MAX_TEXT, SHORT_PICKLE, display, display_pickled
from .objects import LARGE, LONG_COLUMN, ObjectFile, Place, told
from .pieces import PIECE, cut, kept
from .wire import are_short_ints, packed

SCALARS = frozenset([int, float, bool, type(None)])
"""Types that are stored as they are, whatever their value."""
NONE = type(None)
NUMBERS = frozenset([int, float])
MAX_PICKLE = 900_000_000
"""Longest pickle in run.db: a field of SQLite can hold a little more."""

INTEGERS = "int64"
"""Form of a column whose values are all int: little-endian int64;"""
SHORT_INTEGERS = "int32"
"""or int32;"""
FLOATS = "float64"
"""or all float;"""
NONES = "none"
"""or all None: nothing is stored."""


class Unpicklable(Exception):
    """A result that cannot be pickled. `display` still shows it."""

    def __init__(self, display: str) -> None:
        super().__init__(display)
        self.display = display


def is_scalar(value: object) -> bool:
    """Whether a value is of `SCALARS`, by its true type and without asking it, which may fail or lie."""
    kind = type(value)
    return kind is int or kind is float or kind is bool or kind is NONE


def is_text(value: object) -> bool:
    """The same for str and bytes."""
    kind = type(value)
    return kind is str or kind is bytes


def all_scalars(values: Sequence[Any]) -> bool:
    """Like `is_scalar` for each, but faster; a class that lies is found when its row is packed."""
    try:
        return SCALARS.issuperset(map(type, values))
    except BaseException:  # a metaclass that makes classes unhashable or not comparable
        return False


def _is_large(value: Any) -> bool:
    """Whether a value has a long pickle because of parts that need no copy."""
    if is_text(value) or type(value) is bytearray:
        return len(value) > LARGE
    return is_array(value) and value.nbytes > LARGE and not value.dtype.hasobject


def _pickled(value: Any, pickler: ArrayPickler) -> bytes:
    """Its pickle. Raises `Unpicklable`."""
    try:
        return pickler.dumps(value) if is_array(value) else pickle.dumps(value, 5)
    except MemoryError:
        raise
    except BaseException as error:
        pickler_of_unhashable = _UnhashablePickler(file := io.BytesIO(), 5)
        with suppress(BaseException):  # the first error is the one to report
            pickler_of_unhashable.dump(value)
            if pickler_of_unhashable.helped:
                return file.getvalue()
        raise Unpicklable(display(value)) from error


class _UnhashablePickler(pickle.Pickler):
    """Pickles objects of unhashable classes, which pickle looks up in a table."""

    helped = False

    def reducer_override(self, obj: Any) -> Any:
        try:
            hash(cast("type[Any]", type(obj)))
        except Exception:
            self.helped = True
            return obj.__reduce_ex__(5)
        return NotImplemented


class ValueColumns(NamedTuple):
    """Values as columns of the table `batch`."""

    form: str | None
    """How to read `vals`; None means in pieces."""
    vals: bytes | str | None
    least: float | None
    greatest: float | None
    numbers: bytes | None
    """The numbers as float64, NaN for others; None if `vals` is exactly that, or there are none."""
    objects: bytes | str | None


class Values:
    """The results of a batch as they accumulate; `clear` starts the next batch."""

    def __init__(self, file: ObjectFile | None = None) -> None:
        self._file = file
        self.arrays = ArrayPickler()
        self.items: list[Any] = []
        """For each task so far: a scalar or text, or a tuple with the text of an entry in `objects`."""
        self.objects: list[bytes | Place] = []
        """The pickles of such tuples, in order, or their locations in `file`."""
        self.written = ""
        """The file, if it has grown."""
        self.size = 0
        """Total size of the values so far,"""
        self.texts = 0
        """of those that are in `items` themselves,"""
        self._pickles = 0
        """and of those that are in `objects`."""
        self._kind: Any = None
        self._alike = 0
        """This many of the first items are known to be of the type `_kind`."""
        self.no_numbers = 0
        """This many items are known to be no numbers."""

    def add_size(self, size: int) -> None:
        """A text of that size, at most `MAX_TEXT`, is about to be added to `items`."""
        self.size += size
        self.texts += size

    def encode(self, value: Any) -> Any:
        """The entry in `items` for a value that is not of `SCALARS`; stores its pickle.

        It is pickled at once: a function may return the same list again and change it. Raises `Unpicklable`.
        """
        kind = cast("object", type(value))
        if (kind is str or kind is bytes) and len(value) <= MAX_TEXT:
            self.add_size(len(value))
            return value
        text, pickled = (
            self._container(value) if kind is list or kind is tuple or kind is dict else self._encoded(value)
        )
        self.objects.append(pickled)
        return (text,)

    def _container(self, value: Any) -> tuple[str, bytes | Place]:
        """The display text and pickle of a list, tuple or dict, the most frequent case."""
        try:
            data = pickle.dumps(value, 5)
        except Exception:  # `_encoded` deals with it
            return self._encoded(value)
        size = len(data)
        if size > SHORT_PICKLE:
            return display(value), self._counted(self._kept(value, data))
        self.size += size
        self._pickles += size
        return display_pickled(value), data

    def _encoded(self, value: Any) -> tuple[str, bytes | Place]:
        """The display text and the pickle of any value."""
        text, pickled = self.arrays.by_pattern(value) or (display(value), self._large(value))
        return text, self._counted(pickled)

    def _counted(self, pickled: bytes | Place) -> bytes | Place:
        """The same, for an additional entry of `objects`."""
        if isinstance(pickled, bytes):
            self.size += len(pickled)
            self._pickles += len(pickled)
        else:
            self.written = pickled[0]
            self.size += pickled[2]
        return pickled

    def mend(self) -> dict[int, BaseException]:
        """Encode entries of `items` that were stored as they are because their class claims to be a scalar.

        Returns, by index, what cannot be stored, and why.
        """
        known, self.objects = iter(self.objects), []
        bad: dict[int, BaseException] = {}
        for place, item in enumerate(self.items):
            if type(item) is tuple:
                self.objects.append(next(known))
            elif not is_scalar(item) and not is_text(item):
                try:
                    text, pickled = self._encoded(item)
                except BaseException as error:
                    self.items[place] = None
                    bad[place] = error
                else:
                    self.items[place] = (text,)
                    self.objects.append(pickled)
        return bad

    def keep(self, pickles: list[bytes]) -> None:
        """Add to `objects`, for texts that were added to `items` without `encode`."""
        size = sum(map(len, pickles))
        self.objects += pickles
        self.size += size
        self._pickles += size

    def _large(self, value: Any) -> bytes | Place:
        """The pickle of a value, or its new location, if it is large and a file can be written."""
        place = self._file.pickle(value) if self._file is not None and _is_large(value) else None
        return self._kept(value, _pickled(value, self.arrays)) if place is None else place

    def _kept(self, value: Any, data: bytes) -> bytes | Place:
        """The pickle of a value, or its new location."""
        place = self._file.keep(data) if self._file is not None and len(data) > LARGE else None
        if place is None and len(data) > MAX_PICKLE:
            size = f"{len(data):,} bytes long, and at most {MAX_PICKLE:,} are kept"
            raise Unpicklable(display(value)) from ValueError(f"the pickled result is {size}")
        return data if place is None else place

    def columns_of(self, items: list[Any], pickles: Sequence[Any] = ()) -> ValueColumns:
        """The columns of these values; `pickles` are for those that are a tuple of their text."""
        self.items, self.objects = items, list(pickles)
        return self.columns()

    def columns(self) -> ValueColumns:
        """The values so far as columns. Raises `NotPlain`: see `mend`."""
        return self._flat() or self._in_pieces()

    def takes_as_they_are(self, fresh: list[Any]) -> bool:
        """Whether the entries that were added to `items` last are all scalars."""
        if len(self.items) == len(fresh):
            self._kind, self._alike = type(fresh[0]), 0
        if list(map(type, fresh)).count(self._kind) == len(fresh) and is_scalar(fresh[0]):
            self._alike += len(fresh)
            return True
        return all_scalars(fresh)

    def _are_alike(self) -> bool:
        """Whether all are int, all float or all None."""
        kind = cast("type[Any]", type(self.items[0]))
        if not (kind is int or kind is float or kind is NONE):
            return False
        count = len(self.items)
        if self._alike == count or (kind is int and are_short_ints(self.items)):
            return True
        return list(map(type, self.items)).count(kind) == count

    def _flat(self) -> ValueColumns | None:
        """The columns if all are numbers of one type, or None."""
        if not self._are_alike():
            return None
        kind = cast("type[Any]", type(self.items[0]))
        if kind is NONE:
            return ValueColumns(NONES, None, None, None, None, None)
        numbers: array[Any] = array("q" if kind is int else "d")
        extremes: list[float] = []
        try:
            for piece in cut(self.items):  # what is in the cache costs a fraction
                numbers.fromlist(piece)
                extremes += least_and_greatest(piece) if kind is int else _extremes(piece)
        except (OverflowError, TypeError):  # an integer is longer; a class says that it is int
            return None
        ends = _extremes(extremes) or (None, None)
        form = INTEGERS if kind is int else FLOATS
        return ValueColumns(form, self._column(packed(numbers)), *ends, None, None)

    def _column(self, data: bytes) -> bytes | str:
        place = self._file.keep(data) if self._file is not None and len(data) > LONG_COLUMN else None
        return data if place is None else told(place)

    def _in_pieces(self) -> ValueColumns:
        numbers = None if self.no_numbers == len(self.items) else _numbers(self.items)
        vals, objects = self.kept_items(), self.kept_objects()
        if numbers is None:
            return ValueColumns(None, vals, None, None, None, objects)
        return ValueColumns(None, vals, *(_extremes(numbers) or (None, None)), packed(numbers), objects)

    def kept_items(self) -> bytes | str:
        """`items` as a column in pieces. Raises `NotPlain`."""
        return kept(cut(self.items), self.texts, self._file, differ=self._all_pickled)

    def kept_inputs(self, items: list[Any], differ: bool = False) -> bytes | str:
        """The column `inputs` of such items; all of them may `differ`."""
        return kept(cut(items), 0, self._file, differ)

    def kept_objects(self) -> bytes | str | None:
        """`objects` as a column, in the same pieces as `items`."""
        if not self.objects:
            return None
        pieces: list[list[Any]] = [self.objects]
        at = 0
        if len(self.items) > PIECE:
            pieces = []
            for piece in cut(self.items):
                end = at + (len(piece) if self._all_pickled else list(map(type, piece)).count(tuple))
                pieces.append(self.objects[at:end])
                at = end
        return kept(pieces, self._pickles, self._file, differ=True)

    @property
    def _all_pickled(self) -> bool:
        """Whether each item is a tuple with its own text."""
        return len(self.objects) == len(self.items)

    def clear(self) -> None:
        """Start again; `items` stays the same list."""
        self.items.clear()
        self.objects = []
        self.written = ""
        self.size = self.texts = self._pickles = self._alike = self.no_numbers = 0


def _numbers(items: list[Any]) -> array[float] | None:
    """Values as float64, NaN for what is not a number; None if none is."""
    with suppress(Exception):  # a metaclass that makes classes unhashable or not comparable; a long integer
        kinds = frozenset(map(type, items))
        if kinds.isdisjoint(NUMBERS):
            return None
        if kinds <= NUMBERS:
            return array("d", items)
    return array("d", [_as_float(item) if _is_number(item) else math.nan for item in items])


def _is_number(value: object) -> bool:
    kind = type(value)
    return kind is int or kind is float


def _as_float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def least_and_greatest(integers: list[int]) -> tuple[int, int]:
    """The extremes of some integers: sorting those that are about in order is quickest."""
    if integers[0] <= integers[len(integers) // 2] <= integers[-1]:
        ordered = sorted(integers)
        return ordered[0], ordered[-1]
    return min(integers), max(integers)


def _extremes(numbers: Sequence[float]) -> tuple[float, float] | tuple[()]:
    """The least and greatest number among them, if there is any. If the first is float, all are."""
    least, greatest = min(numbers, default=0.0), max(numbers, default=0.0)
    if not numbers or (type(numbers[0]) is float and math.isnan(sum(numbers))):
        known = [number for number in numbers if not math.isnan(number)]
        return (min(known), max(known)) if known else ()
    return float(least), float(greatest)
