"""Values as text: plain data laid out over lines as Python would write it, and bytes in hexadecimal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from engine.host.record.display import display

WIDTH = 88
"""The line width that a container may fill."""
NARROWEST = 24
"""The least width, however far it is indented."""
INDENT = 4
SHORT = 24
"""Longest item that shares its line with others."""
HEX_ROW = 16
"""Bytes in a line of hexadecimal."""

_OPEN = {list: "[", tuple: "(", set: "{", frozenset: "frozenset({", dict: "{"}
_CLOSE = {list: "]", tuple: ")", set: "}", frozenset: "})", dict: "}"}


def pretty(value: Any, indent: int = 0) -> Iterator[str]:
    """The text of plain data without cycles, in pieces. A container that fits is on one line."""
    kind = cast("type[Any]", type(value))
    if kind not in _OPEN or not value:
        yield _leaf(value)
        return
    line = one_line(value, max(WIDTH - indent, NARROWEST))
    if line is not None:
        yield line
        return
    margin = " " * (indent + INDENT)
    yield _OPEN[kind] + "\n"
    if kind is dict:
        for key, item in value.items():
            yield margin
            yield from pretty(key, indent + INDENT)
            yield ": "
            yield from pretty(item, indent + INDENT)
            yield ",\n"
    else:
        yield from _items(value, indent + INDENT)
    yield " " * indent + _CLOSE[kind]


def _items(value: Any, indent: int) -> Iterator[str]:
    """The items of a container: short ones share a line, any other has lines of its own."""
    margin = " " * indent
    filled = 0
    """Length of the line of short ones so far."""
    for item in value:
        short = None if type(item) in _OPEN else one_line(item, SHORT)
        if filled and (short is None or filled + len(short) + 2 > max(WIDTH, indent + NARROWEST)):
            yield "\n"
            filled = 0
        if short is None:
            yield margin
            yield from pretty(item, indent)
            yield ",\n"
        else:
            yield f" {short}," if filled else f"{margin}{short},"
            filled = (filled or indent) + len(short) + 2
    if filled:
        yield "\n"


def one_line(value: Any, room: int) -> str | None:
    """A value on one line of at most `room` characters; None if it needs more."""
    kind = cast("type[Any]", type(value))
    if kind not in _OPEN or not value:
        if kind in (str, bytes) and len(value) > room:
            return None
        text = _leaf(value)
        return text if len(text) <= room else None
    if 2 * len(value) > room:
        return None
    parts: list[str] = []
    left = room - len(_OPEN[kind]) - len(_CLOSE[kind])
    for item in value:
        part = one_line(item, left)
        if part is not None and kind is dict:
            second = one_line(value[item], left - len(part))
            part = None if second is None else f"{part}: {second}"
        if part is None:
            return None
        left -= len(part) + 2
        parts.append(part)
    inside = ", ".join(parts) + ("," if kind is tuple and len(parts) == 1 else "")
    text = _OPEN[kind] + inside + _CLOSE[kind]
    return text if len(text) <= room else None


def _leaf(value: Any) -> str:
    return repr(value) if type(value) in (str, bytes) else display(value)


def hexadecimal(data: bytes) -> Iterator[str]:
    """Bytes in lines with offset, hexadecimal, and the characters that they may mean."""
    for at in range(0, len(data), HEX_ROW):
        row = data[at : at + HEX_ROW]
        seen = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        yield f"{at:08x}  {row.hex(' '):<{3 * HEX_ROW}} {seen}\n"
