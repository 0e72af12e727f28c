"""Python values as JSON and back, for the inputs of a job on their way to the host."""

from __future__ import annotations

import datetime

from ..typed import Any, Callable, cast

TAG = "python"
"""An object with this key is a value without a JSON form: {"python": type, "value": ...}."""
MAX_INT = 1 << 63
"""Python refuses to write very long integers in decimal; longer ones go as hexadecimal."""
PLAIN = frozenset([type(None), bool, float, str])

_WRITE: dict[type, Callable[[Any], Any]] = {
    int: hex,
    bytes: lambda value: value.decode("latin-1"),
    complex: lambda value: [value.real, value.imag],
    tuple: lambda value: [to_json(item) for item in value],
    set: lambda value: [to_json(item) for item in value],
    frozenset: lambda value: [to_json(item) for item in value],
    dict: lambda value: [[to_json(key), to_json(item)] for key, item in value.items()],
    type(Ellipsis): lambda value: None,
    datetime.datetime: datetime.datetime.isoformat,
    datetime.date: datetime.date.isoformat,
    datetime.time: datetime.time.isoformat,
}
_READ: dict[str, Callable[[Any], Any]] = {
    "int": lambda text: int(text, 16),
    "bytes": lambda text: text.encode("latin-1"),
    "complex": lambda parts: complex(*parts),
    "tuple": lambda items: tuple(from_json(items)),
    "set": lambda items: set(from_json(items)),
    "frozenset": lambda items: frozenset(from_json(items)),
    "dict": lambda pairs: {from_json(key): from_json(item) for key, item in pairs},
    "ellipsis": lambda _: ...,
    "datetime": datetime.datetime.fromisoformat,
    "date": datetime.date.fromisoformat,
    "time": datetime.time.fromisoformat,
}


def to_json(value: Any) -> Any:
    """`value`, built of Python's literal types and dates, in a form for `json`. Raises TypeError."""
    kind = cast("type[Any]", type(value))
    if kind in PLAIN or (kind is int and -MAX_INT < value < MAX_INT):
        return value
    if kind is list:
        items = cast("list[Any]", value)
        return items if PLAIN.issuperset(map(type, items)) else [to_json(item) for item in items]
    if kind is dict:
        table = cast("dict[Any, Any]", value)
        if TAG not in table and all(type(key) is str for key in table):
            return {key: to_json(item) for key, item in table.items()}
    if kind not in _WRITE:
        raise TypeError(f"{kind.__name__} is not a literal: {value!r}")
    return {TAG: kind.__name__, "value": _WRITE[kind](value)}


def from_json(value: Any) -> Any:
    """The value from which `to_json` made this."""
    if type(value) is list:
        items = cast("list[Any]", value)
        return [from_json(item) for item in items]
    if type(value) is dict:
        table = cast("dict[str, Any]", value)
        if TAG in table:
            return _READ[table[TAG]](table["value"])
        return {key: from_json(item) for key, item in table.items()}
    return value
