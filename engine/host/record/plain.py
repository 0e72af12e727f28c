"""Reads pickles of plain data from anywhere: each is checked first, so that nothing runs and costs stay low.

A pickle is a program. Even one without globals can take all memory in nine bytes (by naming a size or a memo
index) or all time in two hundred (tuples of tuples, shared and hashed). So its opcodes are checked before it
is read:

- only opcodes that Python writes for plain data; none that finds or calls a global;
- no size beyond the end of the data, no memo index that has not been filled;
- nothing that contains itself, nothing deeper than `DEEPEST`;
- written without sharing, the data would be at most `MOST_SHARED` times as long;
- few keys of sets and dicts whose hash can be chosen, since equal ones cost quadratic time.

A flat list of scalars, as nearly every column of run.db, and a flat dict are checked by a regular expression,
which takes about as long as reading them. Anything else is checked by `_Walk`, opcode by opcode.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from contextlib import suppress

from ..typed import TYPE_CHECKING, Any, BinaryIO, Callable
from .flat import RUN_LENGTH, is_flat, patterns

DEEPEST = 200
"""The deepest nesting of containers."""
MOST_SHARED = 16
"""How many times the length of a pickle its data may have without sharing,"""
FREE_SHARED = 1 << 20
"""or this many bytes."""
MOST_KEYS = 256
"""Keys of one set or dict that are neither texts nor short integers."""
HEAD = 1 << 12
"""Bytes of a long pickle that are checked before the rest is read."""


def plain_loads(data: bytes) -> Any:
    """Unpickle plain data; raises `pickle.UnpicklingError` for anything else."""
    if patterns().flat_dict.match(data) is None:
        check(data)
    try:
        # No opcode is left that could find a global. From a file, CPython would take a frame that ends
        # within an argument for its end, and read other opcodes than those that were checked
        return pickle.loads(data)
    except (
        AttributeError,
        TypeError,
        ValueError,
        EOFError,
        OverflowError,
    ) as error:  # a list as a key, say
        raise pickle.UnpicklingError(f"not a pickle: {error}") from error


def plain_load(file: BinaryIO, size: int) -> Any:
    """The same for the next `size` bytes of a file; if the first ones show a global, the rest is not read."""
    head = file.read(min(size, HEAD))
    if len(head) < size:
        with suppress(_CutShort):
            _Walk(head).check()
    return plain_loads(head + file.read(size - len(head)))


class _CutShort(pickle.UnpicklingError):
    """The pickle continues after the end of the data."""


def check(data: bytes) -> None:
    """Raise `pickle.UnpicklingError` unless `data` is a pickle of plain data that is cheap to read."""
    if not is_flat(data):
        _Walk(data).check()


class _Value:
    """What is known about a value of the pickle."""

    __slots__ = ("chosen_keys", "depth", "is_chosen", "is_used", "size")

    def __init__(self, size: int, depth: int = 0, is_chosen: bool = False) -> None:
        self.size = size
        """Its pickle's length without sharing."""
        self.depth = depth
        self.is_chosen = is_chosen
        """Whether the writer of the pickle can choose its hash."""
        self.chosen_keys = 0
        """How many such keys a set or dict has."""
        self.is_used = False
        """Whether another value contains it: then it must not grow, or it could contain itself."""


class _Run:
    """Numbers in a row, which are checked at once."""

    __slots__ = ("floats", "left", "size")

    def __init__(self, numbers: bytes) -> None:
        self.size = len(numbers)
        self.left = RUN_LENGTH
        self.floats = (0, 0)
        """At even and at odd positions, from 0."""
        if b"G" in numbers:
            are_floats = [number.startswith(b"G") for number in patterns().number.findall(numbers)]
            self.floats = (sum(are_floats[::2]), sum(are_floats[1::2]))


if TYPE_CHECKING:
    from typing import Union

    _Item = Union[_Value, _Run]
_LONGEST_NUMBER = 9


class _Walk:
    """Goes over the opcodes of a pickle, with a stack of what is known about the values."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._stack: list[_Item] = []
        self._below: list[list[_Item]] = []
        """What was on the stack at each open mark."""
        self._memo: list[_Value] = []
        self._most = max(FREE_SHARED, MOST_SHARED * len(data))

    def check(self) -> None:
        """Go over all of it."""
        data, run_of_numbers = self._data, patterns().run
        while True:
            run = run_of_numbers.match(data, self._at)
            if run is not None:
                self._at = run.end()
                self._stack.append(_Run(run.group()))
                continue
            code = data[self._at : self._at + 1]
            self._at += 1
            if code == b".":
                return self._stop()
            step = _STEPS.get(code)
            if step is None:
                raise _refused(f"it has the opcode {code!r}") if code else _CutShort("it is cut short")
            step(self)

    def _stop(self) -> None:
        if self._below or len(self._stack) != 1:
            raise _refused("it is other than one value")

    # helpers of steps

    def skip(self, size: int) -> None:
        """Skip bytes that do not matter."""
        self._at += size
        if self._at > len(self._data):
            raise _CutShort("it is cut short")

    def _number(self, width: int) -> int:
        self.skip(width)
        return int.from_bytes(self._data[self._at - width : self._at], "little")

    def _pop(self) -> _Value:
        if not self._stack:
            raise _refused("it takes a value that is not there")
        last = self._stack[-1]
        if isinstance(last, _Run):
            last.left -= 1
            if last.left == 0:
                self._stack.pop()
            return _Value(_LONGEST_NUMBER, 0, any(last.floats))
        self._stack.pop()
        return last

    def _since_mark(self) -> list[_Item]:
        if not self._below:
            raise _refused("it goes back to a mark that is not there")
        items, self._stack = self._stack, self._below.pop()
        return items

    def _top(self) -> _Value:
        top = self._stack[-1] if self._stack else None
        if not isinstance(top, _Value):
            raise _refused("it fills a number, or nothing")
        return top

    def _fill(self, container: _Value, items: Sequence[_Item]) -> None:
        if container.is_used:
            raise _refused("it fills what another value contains")
        for item in items:
            container.size += item.size
            if isinstance(item, _Value):
                item.is_used = True
                container.depth = max(container.depth, item.depth + 1)
        if container.is_used:
            raise _refused("it contains itself")
        if container.depth > DEEPEST:
            raise _refused("it is nested too deep")
        if container.size > self._most:
            raise _refused("it is far longer than its pickle")

    def _hash(self, container: _Value, items: list[_Item], each: int) -> None:
        """The first of `each` (1 or 2) items is hashed."""
        place = 0
        for item in items:
            if isinstance(item, _Run):
                container.chosen_keys += sum(item.floats) if each == 1 else item.floats[place % 2]
                place += item.left
            else:
                container.chosen_keys += item.is_chosen and place % each == 0
                place += 1
        if container.chosen_keys > MOST_KEYS:
            raise _refused("it has many keys that are no texts")

    # steps

    def scalar(self, size: int, is_chosen: bool = False) -> None:
        self.skip(size)
        self._stack.append(_Value(1 + size, 0, is_chosen))

    def text(self, width: int) -> None:
        self.scalar(self._number(width))

    def long(self, width: int) -> None:
        size = self._number(width)
        self.scalar(size, is_chosen=size >= 8)

    def mark(self) -> None:
        self._below.append(self._stack)
        self._stack = []

    def empty(self) -> None:
        self._stack.append(_Value(1, 1))

    def tuple_of(self, count: int) -> None:
        self._make([self._pop() for _ in range(count)])

    def tuple(self) -> None:
        self._make(self._since_mark())

    def frozenset(self) -> None:
        items = self._since_mark()
        self._hash(self._make(items), items, 1)

    def _make(self, items: Sequence[_Item]) -> _Value:
        made = _Value(1, 1, is_chosen=True)
        self._fill(made, items)
        self._stack.append(made)
        return made

    def append(self) -> None:
        item = self._pop()
        self._fill(self._top(), [item])

    def appends(self) -> None:
        items = self._since_mark()
        self._fill(self._top(), items)

    def set_item(self) -> None:
        value, key = self._pop(), self._pop()
        self._hash(self._top(), [key], 1)
        self._fill(self._top(), [key, value])

    def hashed(self, each: int) -> None:
        """Items of a set, or keys and values of a dict, are hashed."""
        items = self._since_mark()
        self._hash(self._top(), items, each)
        self._fill(self._top(), items)

    def memoize(self) -> None:
        self._memo.append(self._top())

    def get(self, width: int) -> None:
        place = self._number(width)
        if place >= len(self._memo):
            raise _refused("it asks for what it has not kept")
        self._stack.append(self._memo[place])


def _step(method: Callable[..., None], *arguments: Any) -> Callable[[_Walk], None]:
    return lambda walk: method(walk, *arguments)


_STEPS: dict[bytes, Callable[[_Walk], None]] = {
    pickle.PROTO: _step(_Walk.skip, 1),
    pickle.FRAME: _step(_Walk.skip, 8),
    pickle.MARK: _Walk.mark,
    pickle.NONE: _step(_Walk.scalar, 0),
    pickle.NEWTRUE: _step(_Walk.scalar, 0),
    pickle.NEWFALSE: _step(_Walk.scalar, 0),
    pickle.BININT1: _step(_Walk.scalar, 1),
    pickle.BININT2: _step(_Walk.scalar, 2),
    pickle.BININT: _step(_Walk.scalar, 4),
    pickle.BINFLOAT: _step(_Walk.scalar, 8, True),
    pickle.LONG1: _step(_Walk.long, 1),
    pickle.LONG4: _step(_Walk.long, 4),
    pickle.SHORT_BINUNICODE: _step(_Walk.text, 1),
    pickle.BINUNICODE: _step(_Walk.text, 4),
    pickle.BINUNICODE8: _step(_Walk.text, 8),
    pickle.SHORT_BINBYTES: _step(_Walk.text, 1),
    pickle.BINBYTES: _step(_Walk.text, 4),
    pickle.BINBYTES8: _step(_Walk.text, 8),
    pickle.BYTEARRAY8: _step(_Walk.text, 8),
    pickle.EMPTY_LIST: _Walk.empty,
    pickle.EMPTY_DICT: _Walk.empty,
    pickle.EMPTY_SET: _Walk.empty,
    pickle.EMPTY_TUPLE: _Walk.empty,
    pickle.TUPLE1: _step(_Walk.tuple_of, 1),
    pickle.TUPLE2: _step(_Walk.tuple_of, 2),
    pickle.TUPLE3: _step(_Walk.tuple_of, 3),
    pickle.TUPLE: _Walk.tuple,
    pickle.FROZENSET: _Walk.frozenset,
    pickle.APPEND: _Walk.append,
    pickle.APPENDS: _Walk.appends,
    pickle.SETITEM: _Walk.set_item,
    pickle.SETITEMS: _step(_Walk.hashed, 2),
    pickle.ADDITEMS: _step(_Walk.hashed, 1),
    pickle.MEMOIZE: _Walk.memoize,
    pickle.BINGET: _step(_Walk.get, 1),
    pickle.LONG_BINGET: _step(_Walk.get, 4),
}


def _refused(why: str) -> pickle.UnpicklingError:
    return pickle.UnpicklingError(f"not plain, or made to do harm: {why}")
