"""The text that shows a value: `repr`, in bounded time and length for any value."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice

from ..typed import Any, NamedTuple, cast
from . import arrays
from .arrays import is_array
from .text import bounded, plain, type_name

LONGEST = 10_000
"""Longest text, in characters."""
MAX_TEXT = 65_536
"""Of a longer str or bytes, less of the beginning is shown, since its pickle is kept too:"""
MAX_LONG_TEXT = 1_000
"""this many characters."""
MAX_ITEMS = 1_000
"""A container with more items is shown by the first"""
ITEMS_SHOWN = 100
"""this many."""
MAX_INT_BITS = 14_000
"""Longer integers are shown in hexadecimal: Python refuses to write them in decimal."""
LARGEST = 1 << 63
"""Integers up to this are short."""
SMALL = 1 << 16
"""The size of a container's items up to which Python's own `repr` of it is fast."""
SHORT_PICKLE = 4096
"""The size of a pickle up to which `repr` of a container is fast, if it has few parts."""
SMALL_LEAF = 1_000
"""The size of a leaf that needs no closer look."""
SHALLOW = 10
"""The depth of nesting up to which this is checked."""
DEEPEST = 200
"""The depth of nesting that is shown."""
REPR_SECONDS = 1.0
"""Seconds that the `repr` of one class may take in this process, all calls together;"""
QUICK_SECONDS = 0.001
"""faster calls do not count."""

NONE = type(None)
LEAVES = frozenset([int, float, bool, NONE, str, bytes])
PLAIN = (("_datetime", ("date", "timedelta")), ("_decimal", ("Decimal",)))
"""Classes whose `repr` is as fast as that of a leaf, by module. (That of a datetime asks its time zone.)"""
BRACKETS: dict[Any, tuple[str, str]] = {
    list: ("[", "]"),
    tuple: ("(", ")"),
    set: ("{", "}"),
    frozenset: ("frozenset({", "})"),
}


class _Named(NamedTuple):
    field: int


_NAMED: Any = vars(_Named)["__repr__"].__code__  # shared by all of them
_spent: dict[int, tuple[type[Any], float]] = {}
"""Seconds taken by slow calls of `repr`, by the id of the class."""


def display(value: Any) -> str:
    """`repr(value)`, bounded, and a text that says so if `repr` fails."""
    kind = cast("type[Any]", type(value))
    try:
        if kind is str or kind is bytes:
            text = _text(value)
        elif _is_container(kind):
            text = repr(value) if _has_few_leaves(value) or _is_small(value) else _container(value)
        elif _fields(value, kind) is not None:
            text = _container(value)
        else:
            text = _leaf(value, kind)
    except BaseException as error:
        return _failed(kind, error)
    return plain(text) if str.__len__(text) <= LONGEST else bounded(text, LONGEST) + "..."


def display_pickled(value: Any) -> str:
    """Like `display` for a list, tuple or dict whose pickle has at most `SHORT_PICKLE` bytes, but faster.

    A pickle has repeated parts only once, so its length alone does not bound the text.
    """
    if len(value) <= ITEMS_SHOWN:
        try:
            if _holds_leaves(value):
                text = repr(value)
                return text if len(text) <= LONGEST else text[:LONGEST] + "..."
        except Exception:  # an integer is too long, or a metaclass makes classes unhashable
            return display(value)
    return display(value)


def _leaves() -> frozenset[type[Any]]:
    """Types without parts that are shown separately: those of `PLAIN` that are loaded."""
    return _leaves_of(*(module in sys.modules for module, _ in PLAIN))


@lru_cache(maxsize=4)
def _leaves_of(*loaded: bool) -> frozenset[type[Any]]:
    found: list[type[Any]] = []
    for (module, names), is_loaded in zip(PLAIN, loaded):
        if is_loaded:
            found += [vars(sys.modules[module])[name] for name in names]
    return LEAVES.union(found)


def _holds_leaves(value: Any) -> bool:
    """Whether it contains only leaves, or containers of few leaves."""
    keyed = cast("object", type(value)) is dict
    leaves = LEAVES
    for _ in range(2):
        if leaves.issuperset(map(type, value.values() if keyed else value)) and not (
            keyed and not leaves.issuperset(map(type, value))
        ):
            return True
        leaves = _leaves()
    left = ITEMS_SHOWN
    for held in _held(value):
        for item in held:
            kind = cast("type[Any]", type(item))
            if kind is list or kind is tuple or kind is dict:
                left -= len(item)
                if left < 0 or not all(leaves.issuperset(map(type, items)) for items in _held(item)):
                    return False
            elif kind not in leaves:
                return False
    return True


def display_all(values: Sequence[Any]) -> list[str]:
    """Like `display` for each, but faster if all are short numbers."""
    kinds = set(map(type, values))
    if kinds == {float} or (kinds == {int} and min(values) > -LARGEST and max(values) < LARGEST):
        return list(map(repr, values))
    return list(map(display, values))


def short(value: Any) -> str:
    """The beginning of its display text, for use in a sentence."""
    text = display(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _failed(kind: type[Any], error: BaseException) -> str:
    return f"<{type_name(kind)}: its repr failed with {type_name(type(error))}>"


def _is_container(kind: Any) -> bool:
    return kind is list or kind is dict or kind is tuple or kind is set or kind is frozenset


def _text(value: str | bytes) -> str:
    if len(value) <= LONGEST:
        return repr(value)
    shown = value[: LONGEST if len(value) <= MAX_TEXT else MAX_LONG_TEXT]
    return f"{shown!r}... ({len(value):,} long)"


def _leaf(value: Any, kind: type[Any]) -> str:
    """The text of a value without parts that are shown separately."""
    if kind is int:
        return f"{value:#x}" if value.bit_length() > MAX_INT_BITS else repr(value)
    if kind is float or kind is bool or value is None:
        return repr(value)
    if is_array(value):
        return arrays.display(value)
    _, spent = _spent.get(id(kind), (kind, 0.0))
    if spent > REPR_SECONDS:
        return f"<{type_name(kind)}: its repr takes too long>"
    begin = time.perf_counter()
    try:
        return repr(value)
    finally:
        took = time.perf_counter() - begin
        if took > QUICK_SECONDS:
            _spent[id(kind)] = kind, spent + took


def _fields(value: Any, kind: type[Any]) -> list[tuple[str, Any]] | None:
    """The fields of a named tuple, or of a dataclass with the default repr; else None."""
    shown = vars(kind).get("__repr__")
    if getattr(shown, "__code__", None) is _NAMED and issubclass(kind, tuple):
        named = cast("Any", kind)
        return [(name, getattr(value, name)) for name in named._fields]
    parameters = vars(kind).get("__dataclass_params__")
    code = getattr(getattr(shown, "__wrapped__", None), "__code__", None)
    if parameters is None or code is None or code.co_filename != "<string>":
        return None
    fields = sys.modules["dataclasses"].fields(kind)
    return [(field.name, getattr(value, field.name)) for field in fields if field.repr]


def _container(value: Any) -> str:
    walk = _Walk()
    try:
        walk.add(value, 0)
    except _Full:
        return "".join(walk.parts)[:LONGEST] + "..."
    more = f" ({len(value):,} items)" if _is_container(type(value)) and len(value) > MAX_ITEMS else ""
    return "".join(walk.parts) + more


def _are_small_leaves(items: Iterable[Any]) -> bool:
    """Whether all are short and have no parts."""
    try:
        return LEAVES.issuperset(map(type, items)) and max(map(sys.getsizeof, items), default=0) <= SMALL_LEAF
    except Exception:  # a metaclass that makes classes unhashable or not comparable
        return False


def _has_few_leaves(value: Any) -> bool:
    """Whether it is small, for the most frequent case."""
    if len(value) > ITEMS_SHOWN:
        return False
    keyed = cast("object", type(value)) is dict
    parts: list[Any] = [*value, *value.values()] if keyed else [*value]
    try:
        return LEAVES.issuperset(map(type, parts)) and sum(map(sys.getsizeof, parts)) <= SMALL
    except Exception:  # a metaclass that makes classes unhashable or not comparable
        return False


def _is_small(value: Any) -> bool:
    """Whether it consists of a few plain parts."""
    try:
        return _is_container(type(value)) and _weight(value, 0) <= SMALL
    except Exception:  # a metaclass that makes classes unhashable or not comparable
        return False


def _weight(value: Any, depth: int) -> float:
    """The approximate size of a container with all its parts; infinite if they are many, or not plain."""
    if len(value) > MAX_ITEMS or depth > SHALLOW:
        return math.inf
    weight = 0.0
    for items in _held(value):
        weight += sum(map(sys.getsizeof, items))
        if weight > SMALL:
            return math.inf
        if LEAVES.issuperset(map(type, items)):
            continue
        for item in items:
            kind = cast("type[Any]", type(item))
            if _is_container(kind):
                weight += _weight(item, depth + 1)
            elif kind not in LEAVES:
                return math.inf
            if weight > SMALL:
                return math.inf
    return weight


def _held(value: Any) -> list[Any]:
    """The parts of a container, as collections."""
    return [value, value.values()] if cast("object", type(value)) is dict else [value]


class _Full(Exception):
    """The text has reached its maximum length."""


class _Walk:
    """Visits the parts of a value until the text is long enough."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._length = 0
        self._inside: set[int] = set()
        """The containers being visited."""

    def _say(self, text: str) -> None:
        self.parts.append(text)
        self._length += str.__len__(text)
        if self._length > LONGEST:
            raise _Full

    def add(self, value: Any, depth: int) -> None:
        kind = cast("type[Any]", type(value))
        if not _is_container(kind):
            fields = None if any(kind is leaf for leaf in LEAVES) else self._own_fields(value, kind)
            if fields is None:
                self._say(self._leaf(value, kind))
            else:
                self._within(value, depth, lambda: self._add_fields(kind, fields, depth))
        elif kind is dict:
            self._within(value, depth, lambda: self._add_dict(value, depth))
        elif not value:
            self._say(repr(value))
        else:
            self._within(value, depth, lambda: self._add_items(value, kind, depth))

    def _own_fields(self, value: Any, kind: type[Any]) -> list[tuple[str, Any]] | None:
        try:
            return _fields(value, kind)
        except Exception:  # for example, an attribute is missing: use its own repr
            return None

    def _leaf(self, value: Any, kind: type[Any]) -> str:
        try:
            return _text(value) if kind is str or kind is bytes else plain(_leaf(value, kind))
        except BaseException as error:
            return _failed(kind, error)

    def _within(self, value: Any, depth: int, add: Any) -> None:
        if id(value) in self._inside or depth == DEEPEST:
            kind = cast("object", type(value))
            self._say("{...}" if kind is dict else "[...]" if kind is list else "...")
            return
        self._inside.add(id(value))
        add()
        self._inside.discard(id(value))

    def _add_items(self, value: Any, kind: Any, depth: int) -> None:
        begin, end = BRACKETS[kind]
        self._say(begin)
        shown = _shown(value, len(value))
        if _are_small_leaves(shown):
            self._say(repr(shown)[1:-1])
        else:
            for place, item in enumerate(shown):
                if place:
                    self._say(", ")
                self.add(item, depth + 1)
        self._close(len(value), ",)" if kind is tuple and len(value) == 1 else end)

    def _add_dict(self, value: dict[Any, Any], depth: int) -> None:
        self._say("{")
        shown = _shown(value.items(), len(value))
        if _are_small_leaves([thing for pair in shown for thing in pair]):
            self._say(repr(dict(shown))[1:-1])
        else:
            for place, (key, item) in enumerate(shown):
                if place:
                    self._say(", ")
                self.add(key, depth + 1)
                self._say(": ")
                self.add(item, depth + 1)
        self._close(len(value), "}")

    def _add_fields(self, kind: type[Any], fields: list[tuple[str, Any]], depth: int) -> None:
        self._say(f"{plain(kind.__qualname__ if '__dataclass_params__' in vars(kind) else kind.__name__)}(")
        for place, (name, item) in enumerate(fields):
            self._say(f", {name}=" if place else f"{name}=")
            self.add(item, depth + 1)
        self._say(")")

    def _close(self, items: int, end: str) -> None:
        self._say(f", ...{end}" if items > MAX_ITEMS else end)


def _shown(items: Iterable[Any], count: int) -> list[Any]:
    """The items to show."""
    return list(items if count <= MAX_ITEMS else islice(items, ITEMS_SHOWN))
