"""The JSON of lists and dicts, made from their display texts: quicker than reading and encoding them.

The text of plain data differs from its JSON only in its strings and in `True`, `False` and `None`. Only its
pickle tells whether it is plain data, or an object that looks the same; and that, without being read.
"""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Callable, Sequence
from functools import cache
from json.encoder import encode_basestring_ascii as quoted
from typing import NamedTuple

import numpy as np

STRING = "'"
"""Stands for each string in the text of what is around strings."""
ORDINARY = r" -&(-EG-MO-SU-\[\]-~"
"""In a pattern, characters that JSON has as they are, and `"`; but not T, F and N, which may begin a word."""
DEEPEST = 3
"""Containers inside each other."""

KEPT = 0x94
"""The opcode that puts a value into the memo. In each pickle of an object it is after one of"""
MAKERS = b"\x93\x81\x92R"
"""these, which find a class or make an instance of it."""
_object = re.compile(rb"\x93\x94|[\x82-\x84].*[\x81\x92R]\x94", re.DOTALL)

_frame = rb"\x95.{8}"
_int = rb"(?<=J.{4}%b\x87)|(?<=\x8a\x05.{5}%b\x87)|(?<=\x8a\x06.{6}%b\x87)"
_place = re.compile(rb"\x87(?:%b|%b)" % (_int % ((b"",) * 3), _int % ((_frame,) * 3)), re.DOTALL)
"""In a list of pickles, where one is instead of it: a tuple that ends with a great number, its length."""

_ESCAPE = r"\\(?:[\\'\"nrt]|x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})"
_string = re.compile(rf"""('(?:[^'\\\x00-\x1f]|{_ESCAPE})*+'|"(?:[^"\\\x00-\x1f]|{_ESCAPE})*+")""")


def json_of(texts: list[str], raw: bytes | None, pickles: Callable[[], Sequence[object]]) -> list[str | None]:
    """The JSON of each value by its display text; None if that does not tell it.

    `raw` is all that their pickles are in, which is not read; without it, or if it may hold objects, they
    are looked at one by one.
    """
    if raw is not None and not _may_hold_objects(raw):
        return _translated(texts)
    plain = [isinstance(data, bytes) and _object.search(data) is None for data in pickles()]
    found = iter(_translated([text for text, is_plain in zip(texts, plain, strict=True) if is_plain]))
    return [next(found) if is_plain else None for is_plain in plain]


def _may_hold_objects(raw: bytes) -> bool:
    codes = np.frombuffer(raw, np.uint8)
    before = codes[:-1][codes[1:] == KEPT].tobytes()
    return len(before.translate(None, MAKERS)) < len(before) or _place.search(raw) is not None


def _translated(texts: list[str]) -> list[str | None]:
    together = "\n".join([*texts, ""])
    if together.count("\n") != len(texts):
        return list(map(_one_translated, texts))
    translated = _with_json_words(together).replace('"', '\\"').replace("'", '"')
    found: list[str | None] = [*translated.split("\n")]
    del found[-1]
    for line in _not_ordinary(together):
        found[line] = _one_translated(texts[line])
    return found


def _not_ordinary(together: str) -> list[int]:
    """The lines that are not lists or dicts of strings in single quotes of `ORDINARY` characters."""
    lines, number, at = _patterns().ordinary_lines, 0, 0
    bad: list[int] = []
    while (found := lines.match(together, at)) and found.end() < len(together):
        number += together.count("\n", at, found.end())
        bad.append(number)
        at = together.index("\n", found.end()) + 1
        number += 1
    return bad


def _one_translated(text: str) -> str | None:
    parts = _string.split(text)
    around = STRING.join(parts[::2])
    if around.count(STRING) != len(parts) // 2 or not _patterns().around.fullmatch(around):
        return None
    try:
        parts[1::2] = map(_json_string, parts[1::2])
    except (SyntaxError, ValueError):  # an escape beyond the last character
        return None
    parts[::2] = _with_json_words(around).split(STRING)
    return "".join(parts)


def _json_string(string: str) -> str:
    if "\\" in string:
        return quoted(literal_eval(string))
    return quoted(string[1:-1])


def _with_json_words(around: str) -> str:
    return around.replace("True", "true").replace("False", "false").replace("None", "null")


class _Patterns(NamedTuple):
    """Compiled when they are needed."""

    ordinary_lines: re.Pattern[str]
    around: re.Pattern[str]
    """What is around the strings of a list or dict."""


@cache
def _patterns() -> _Patterns:
    ordinary = rf"'(?:[{ORDINARY}]++|T(?!rue)|F(?!alse)|N(?!one)|\\[\\nrt])*+'"
    return _Patterns(re.compile(rf"(?:{_container_with(ordinary)}\n)*+"), re.compile(_container_with(STRING)))


def _container_with(string: str) -> str:
    """A pattern for a list or dict."""
    scalar = rf"{string}|-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:e[-+][0-9]++)?|True|False|None"
    value, container = rf"(?:{scalar})", ""
    for _ in range(DEEPEST):
        container = (
            rf"(?:\[(?:{value}(?:, (?!\])|(?=\])))*+\]"
            rf"|\{{(?:{string}: {value}(?:, (?!\}})|(?=\}})))*+\}})"
        )
        value = rf"(?:{scalar}|{container})"
    return container
