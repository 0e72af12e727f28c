"""Arrays of numpy: their text, and pickling by a pattern, since similar arrays differ only in their data."""

from __future__ import annotations

import copyreg
import pickle
import sys

from ..typed import Any, Callable, NamedTuple

LONG = 10
"""Longer arrays are displayed by the first"""
SHOWN = 6
"""this many items: their own repr takes longer than many a task. A table shows as many rows and columns."""
MAX_PATTERN = 1 << 16
"""The longest pickle for which a pattern is used."""
MAX_ITEM = 16
"""Bytes of one item in a pattern, so that its text is short."""


def is_array(value: Any) -> bool:
    """Whether a value is exactly a numpy array, not of a subclass."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and type(value) is vars(numpy).get("ndarray")


def display(array: Any) -> str:
    """The text of an array: `repr`, or the beginning of a long one."""
    return _beginning(array, _end(array)) if array.size > LONG else repr(array)


def _beginning(array: Any, end: str) -> str:
    if array.ndim == 2:
        return _table(array, end)
    return f"array([{repr(array.flat[:SHOWN].tolist())[1:-1]}, ...], {end})"


def _table(array: Any, end: str) -> str:
    """The first rows and columns, one row per line."""
    rows, columns = array.shape
    close = ", ...]" if columns > SHOWN else "]"
    lines = [repr(row)[:-1] + close for row in array[:SHOWN, :SHOWN].tolist()]
    if rows > SHOWN:
        lines.append("...")
    return "array([" + ",\n       ".join(lines) + f"], {end})"


def _end(array: Any) -> str:
    return f"shape={array.shape}, dtype={array.dtype}"


class Encoded(NamedTuple):
    """A value, encoded."""

    text: str
    pickle: bytes


class ArrayPickler:
    """Pickles arrays by a pattern from the last two of one type and shape."""

    def __init__(self) -> None:
        self._class: Any = None
        """Of arrays, once there is a pattern;"""
        self._dtype: Any = None
        self._shape: Any = None
        """the type and shape it is for."""
        self._head = self._tail = b""
        """The bytes before and after the data."""
        self._end = ""
        """The end of a text that does not list all items."""
        self._seen: Any = None
        """Type and shape of the last array that did not fit the pattern."""

    def by_pattern(self, value: Any) -> Encoded | None:
        """A long array that fits the pattern; None for any other value."""
        if type(value) is self._class and self._end and self._fits(value):
            data = self._head + value.tobytes() + self._tail
            return Encoded(_beginning(value, self._end), data)
        return None

    def dumps(self, array: Any) -> bytes:
        """The same result as `pickle.dumps` for an array."""
        if self._fits(array):
            return self._head + array.tobytes() + self._tail
        data = pickle.dumps(array, 5)
        seen, self._seen = self._seen, (array.dtype, array.shape)
        if self._seen == seen and len(data) <= MAX_PATTERN:
            self._learn(array, data)
        return data

    def _fits(self, array: Any) -> bool:
        return array.dtype is self._dtype and array.shape == self._shape and array.flags.carray

    def _learn(self, array: Any, data: bytes) -> None:
        """Derive a pattern from an array's pickle, if it produces that of another one correctly."""
        parts = None if array.__class__ in copyreg.dispatch_table else _parts(array, data)
        if parts is None:
            return
        (head, tail), other = parts, _turned(array)
        if head + other.tobytes() + tail == pickle.dumps(other, 5):
            self._dtype, self._shape, self._head, self._tail = array.dtype, array.shape, head, tail
            self._class, self._end = array.__class__, _end(array) if array.size > LONG else ""


class ArrayLoader:
    """Unpickles arrays by a pattern from the last two whose pickles have the same length."""

    def __init__(self) -> None:
        self._head = self._tail = b""
        self._length = 0
        """The length of the pickles that the pattern is for; 0 if there is none."""
        self._make: Callable[[bytearray], Any] = bytearray
        self._seen = 0
        """Length of the last one that did not fit the pattern."""

    def loads(self, data: bytes) -> Any:
        """The same result as `pickle.loads`."""
        if len(data) == self._length and data.startswith(self._head) and data.endswith(self._tail):
            return self._make(bytearray(data[len(self._head) : -len(self._tail)]))
        value = pickle.loads(data)
        seen, self._seen = self._seen, len(data)
        if seen == self._seen <= MAX_PATTERN and is_array(value) and (parts := _parts(value, data)):
            self._learn(value, *parts)
        return value

    def _learn(self, array: Any, head: bytes, tail: bytes) -> None:
        """Derive a pattern from the bytes around an array's data, if it works for other data."""
        other = _turned(array)
        again = pickle.loads(head + other.tobytes() + tail)
        alike = (
            is_array(again) and _is_plain(again) and (again.dtype, again.shape) == (array.dtype, array.shape)
        )
        if alike and again.tobytes() == other.tobytes():
            frombuffer, dtype, shape = sys.modules["numpy"].frombuffer, array.dtype, array.shape
            self._make = lambda raw: frombuffer(raw, dtype).reshape(shape)
            self._length, self._head, self._tail = len(head) + array.nbytes + len(tail), head, tail


def _is_plain(array: Any) -> bool:
    """Whether the pickle of an array consists of its data and what any array of its type and shape has."""
    dtype = array.dtype
    is_simple = not (dtype.hasobject or dtype.metadata or dtype.itemsize > MAX_ITEM)
    return is_simple and array.flags.carray and array.ndim > 0 and array.nbytes > 0


def _parts(array: Any, data: bytes) -> tuple[bytes, bytes] | None:
    """The bytes before and after an array's data in its pickle."""
    if not _is_plain(array):
        return None
    raw = array.tobytes()
    begun = pickle.BYTEARRAY8 + len(raw).to_bytes(8, "little")
    head, found, tail = data.partition(begun + raw)
    return (head + begun, tail) if found and data.count(begun) == 1 else None


def _turned(array: Any) -> Any:
    """An array that differs from another one in every bit of its data."""
    other = array.copy()
    other.view("u1")[...] ^= 255
    return other
