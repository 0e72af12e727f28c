"""The input of a task that died with its worker, from the call that main sent; none of its code is loaded."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import io
import pickle

from ...typed import Any, cast
from .. import messages
from ..inside.chunk import InPieces, shown, shown_call
from .unit import Unit

LARGEST = 1 << 20
"""Calls with more bytes are not read: that would take too long."""
IN_PIECES = (messages.PIECES, messages.FIXED, messages.FIXED_STAR)
KNOWN = {
    "builtins": {"bytearray", "complex", "frozenset", "range", "set", "slice"},
    "collections": {"OrderedDict", "deque"},
    "datetime": {"date", "datetime", "time", "timedelta", "timezone"},
    "decimal": {"Decimal"},
    "fractions": {"Fraction"},
    "pathlib": {"Path", "PosixPath", "PurePosixPath"},
    "uuid": {"UUID"},
}
"""What is loaded as it is. Anything else is a `Stranger`, which has its name and its parts."""


class _Named(type):
    def __repr__(cls) -> str:
        return cls.__name__


class Stranger(metaclass=_Named):
    """An object of a class that is not known here."""

    _items: list[Any]
    _parts: dict[Any, Any]

    def __new__(cls, *items: Any, **parts: Any) -> Any:
        if not cls.__name__[:1].isupper():
            raise pickle.UnpicklingError(f"{cls.__name__} is a function, whose result is not known")
        made = super().__new__(cls)
        made._items, made._parts = list(items), parts
        return made

    def __init__(self, *_items: Any, **_parts: Any) -> None:
        """They are kept already."""

    def __setstate__(self, state: Any) -> None:
        """Take the attributes, and those in slots if there are any."""
        for part in cast("tuple[Any, ...]", state if isinstance(state, tuple) else (state,)):
            self._parts.update(part or {})

    def append(self, item: Any) -> None:
        self._items.append(item)

    def extend(self, items: list[Any]) -> None:
        self._items += items

    def __setitem__(self, key: Any, value: Any) -> None:
        self._items.append((key, value))

    def __repr__(self) -> str:
        parts = [*map(repr, self._items), *(f"{name}={value!r}" for name, value in self._parts.items())]
        return f"{type(self).__name__}({', '.join(parts)})"


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if name in KNOWN.get(module, ()):
            return super().find_class(module, name)
        return _Named(name.rpartition(".")[2], (Stranger,), {})


def given(unit: Unit, task: int, folder: str) -> Any:
    """The input of a task of a unit, as it is recorded; None if it cannot be known.

    `folder` has the large data of the run.
    """
    if unit.kind not in IN_PIECES and len(unit.call) > LARGEST:
        return None
    try:
        return _given(unit, task - unit.first, folder)
    except Exception:  # whatever can be wrong with a pickle of anything
        return None


def _given(unit: Unit, index: int, folder: str) -> Any:
    if unit.kind in IN_PIECES:
        return shown(InPieces(unit.call, unit.count, folder)[index])
    call = _Reader(io.BytesIO(cast("bytes", unit.call))).load()
    if unit.kind == messages.RANGE:
        return call[index]
    if unit.kind == messages.ONE:
        return shown_call(*call[1:])
    if unit.kind == messages.BATCH:
        return None
    return shown(call[1][index])
