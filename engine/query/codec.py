"""How requests and answers travel: a JSON head followed by the bytes of arrays, never pickle.

A frame is the length of its head (4 bytes, little-endian), the head, and its parts in sequence. The head is a
JSON list: the lengths of the parts, then the value. In the value, a dataclass is `{"$": name, "=": fields}`,
bytes are `{"$": "bytes", "=": index of the part}`; lists come back as tuples. Only classes registered with
`travels` can be named, and they are created by calling them with their fields: reading a frame runs nothing
else.
"""

from __future__ import annotations

import json
import struct
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

_LENGTH = struct.Struct("<I")
_TAG, _VALUE = "$", "="
_CLASSES: dict[str, type[Any]] = {}

T = TypeVar("T")


class NotAFrame(ValueError):
    """The bytes are not a valid frame."""


def travels(kind: type[T]) -> type[T]:
    """Register a dataclass. As a decorator, or called for a class of another package."""
    assert is_dataclass(kind)
    known = _CLASSES.setdefault(kind.__name__, kind)
    assert known is kind, f"two classes are called {kind.__name__}"
    return kind


def pack(value: Any) -> bytes:
    """A value as a frame."""
    parts: list[bytes] = []
    plain = _plain(value, parts)
    head = json.dumps([[len(part) for part in parts], plain], separators=(",", ":")).encode("ascii")
    return b"".join([_LENGTH.pack(len(head)), head, *parts])


def unpack(frame: bytes) -> Any:
    """The value in a frame. Raises `NotAFrame`."""
    try:
        (length,) = _LENGTH.unpack_from(frame)
        at = _LENGTH.size + length
        lengths, plain = json.loads(frame[_LENGTH.size : at])
        parts: list[bytes] = []
        for size in lengths:
            parts.append(frame[at : at + size])
            at += size
        return _whole(plain, parts)
    except (struct.error, ValueError, TypeError, KeyError, IndexError) as error:
        raise NotAFrame(f"{type(error).__name__}: {error}") from error


def _plain(value: Any, parts: list[bytes]) -> Any:
    """A value in JSON's types, with its bytes moved to the parts."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, (tuple, list)):
        items = list(cast("list[Any]", value))
        if all(type(item) is str for item in items):  # the texts of a page: many, and already plain
            return items
        return [_plain(item, parts) for item in items]
    if isinstance(value, bytes):
        parts.append(value)
        return {_TAG: "bytes", _VALUE: len(parts) - 1}
    if isinstance(value, Path):
        return {_TAG: "Path", _VALUE: str(value)}
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value).items()
        return {_TAG: "dict", _VALUE: [[key, _plain(item, parts)] for key, item in pairs]}
    name = type(value).__name__
    if _CLASSES.get(name) is not type(value):
        raise TypeError(f"{name} does not travel")
    return {_TAG: name, _VALUE: [_plain(getattr(value, field.name), parts) for field in fields(value)]}


def _whole(plain: Any, parts: list[bytes]) -> Any:
    kind = cast("type[Any]", type(plain))
    if kind is list:
        return tuple([_whole(item, parts) for item in plain])
    if kind is not dict:
        return plain
    tagged = cast("dict[str, Any]", plain)
    name: str = tagged[_TAG]
    inner: Any = tagged[_VALUE]
    if name == "bytes":
        return parts[int(inner)]
    if name == "Path":
        return Path(inner)
    if name == "dict":
        return {str(key): _whole(item, parts) for key, item in inner}
    made: Any = _CLASSES[name](*[_whole(item, parts) for item in inner])
    return made
