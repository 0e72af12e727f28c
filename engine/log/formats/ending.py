"""Finds what format strings put behind the message: a time, a level or a logger at the end of most lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from engine.log import levels
from engine.log.formats.naming import are_loggers
from engine.log.formats.template import Piece
from engine.log.known_times import find_time

_MOST_LINES = 200
_LONGEST_TIME = 36
_MOST = 4
"""Fields behind a message."""
_SHARE = 0.6
"""Share of the lines that must have the ending: messages of several lines have it in their last one."""
_LEAST = 3
_CLOSING = re.compile(r"[\])}>|]*$")
_SEPARATOR = re.compile(r"[\s\[\](){}<>|;:,/@~=*#-]+$")
_NAME = re.compile(r"[A-Za-z_][\w.]*$")


@dataclass(frozen=True, slots=True)
class Ending:
    """The message, what is behind it, and how its time is written, if it has one."""

    pieces: tuple[Piece, ...]
    time: str


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    before: str
    """The separator in front of it."""
    time: str = ""

    @property
    def shape(self) -> tuple[str, str, str]:
        return self.kind, self.before, self.time


def ending_of(lines: Sequence[str], today: date) -> Ending | None:
    """The ending that most lines have, if it tells a time or a level."""
    lines = [line.rstrip() for line in lines if line.strip() and not line[0].isspace()][:_MOST_LINES]
    closing = Counter(_closing(line) for line in lines).most_common(1)[0][0] if lines else ""
    tails = [_tail(line, len(line) - len(closing), today) for line in lines if _closing(line) == closing]
    enough = max(_SHARE * len(lines), _LEAST)
    kept: list[Piece] = []
    time, taken, names = "", 0, 0
    for depth in range(_MOST):
        tails = [tail for tail in tails if len(tail) > depth]
        shapes = Counter(tail[depth].shape for tail in tails).most_common(1)
        if not shapes or shapes[0][1] < enough:
            break
        (kind, before, form), _ = shapes[0]
        tails = [tail for tail in tails if tail[depth].shape == shapes[0][0]]
        names += kind == "name"
        if kind == "name" and not are_loggers([tail[depth].text for tail in tails]):
            break
        if names > 1:
            break
        kept = [Piece(before), Piece("", "logger" if kind == "name" else kind), *kept]
        time = time or form
        if time or any(piece.field == "level" for piece in kept):
            taken = len(kept)
    if not taken:
        return None
    return Ending((Piece("", "message"), *kept[len(kept) - taken :], Piece(closing)), time)


def _closing(line: str) -> str:
    found = _CLOSING.search(line)
    return found[0] if found else ""


def _tail(line: str, end: int, today: date) -> list[_Token]:
    """The fields at the end of a line, the last one first."""
    tokens: list[_Token] = []
    while len(tokens) < _MOST:
        timed = any(token.kind == "time" for token in tokens)
        start, kind, form = _time_before(line, end, today) if not timed else (end, "", "")
        if start == end:
            name = _NAME.search(line, max(end - 80, 0), end)
            if name is None:
                break
            start, kind, form = name.start(), "level" if _is_level(name[0]) else "name", ""
        separator = _SEPARATOR.search(line, 0, start)
        if separator is None:
            break
        tokens.append(_Token(kind, line[start:end], separator[0], form))
        end = separator.start()
    return tokens


def _is_level(text: str) -> bool:
    return text.isupper() and levels.is_level(text)


def _time_before(line: str, end: int, today: date) -> tuple[int, str, str]:
    """The longest time that ends at a place: its beginning, `time`, and how it is written."""
    for start in range(max(end - _LONGEST_TIME, 0), end - 4):
        if start and (line[start - 1].isalnum() or line[start - 1] in ".:,-/"):
            continue
        if (found := find_time(line, start, today)) and found[1] == end:
            return start, "time", found[0]
    return end, "", ""
