"""Turns format strings of `logging` in its three styles, and our own templates, into patterns."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from engine.log import levels
from engine.log.times import ISO, TimeFormat, time_format

ATTRIBUTES = {
    "asctime": "time",
    "levelname": "level",
    "levelno": "levelno",
    "name": "logger",
    "process": "pid",
    "processName": "process",
    "thread": "tid",
    "threadName": "thread",
    "taskName": "task",
    "task": "task",
    "message": "message",
    "msecs": "msecs",
    "created": "created",
}
"""Attributes of a LogRecord and the corresponding fields; others keep their own names."""

FIELDS = {
    "level": levels.WORD,
    "levelno": r"\d+",
    "logger": r"\S+?",
    "pid": r"\d+",
    "tid": r"\d+",
    "process": r".+?",
    "thread": r"(?:Thread-\d+ \([^)]*\)|.+?)",
    "task": r"\S+?",
    "message": r".*",
    "msecs": r"\d+(?:\.\d+)?",
    "created": r"\d+(?:\.\d+)?",
    "word": r"\S+?",
    "any": r".*?",
    "client": r"\S+",
    "host": r"\S+?",
    "line": r"\d+",
    "lineno": r"\d+",
    "relativeCreated": r"\d+(?:\.\d+)?",
    "pathname": r".+?",
    "file": r"[^\s:]+",
    "filename": r"[^\s:]+?",
    "module": r"\S+?",
    "funcName": r"\S+?",
    "function": r"\S+?",
}
"""The pattern of each field; one that is not listed may contain anything."""
STYLES = ("%", "{", "$")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a template: a literal, or a field with its padding and its own pattern, if any."""

    text: str
    field: str = ""
    left: bool = False
    """Whether it may be preceded by blanks."""
    right: bool = False


class TemplateError(ValueError):
    """An invalid format string; the text says why."""


@dataclass(frozen=True)
class Template:
    """The pieces of a line, in order, and the format of its time."""

    pieces: tuple[Piece, ...]
    time: TimeFormat | None

    @cached_property
    def anchor(self) -> int:
        """How many pieces identify a record: those up to time and level, else those before the message.

        A time behind the message is not needed if there is a level before it.
        """
        telling = [n for n, piece in enumerate(self.pieces) if piece.field in ("time", "level")]
        fields = [n for n, piece in enumerate(self.pieces) if piece.field == "message"]
        before = [n for n in telling if not fields or n < fields[0]]
        if before and all(self.pieces[n].field == "time" for n in telling if n not in before):
            return max(before) + 1
        if telling:
            return max(telling) + 1
        return fields[0] if fields else len(self.pieces)

    @cached_property
    def has_level(self) -> bool:
        return any(piece.field == "level" for piece in self.pieces)

    @property
    def rank(self) -> int:
        """How much information it has."""
        return sum(1 for piece in self.pieces if piece.field and piece.field != "message")

    @cached_property
    def telling(self) -> tuple[Piece, ...]:
        """What identifies a record: up to the level if there is also a time, else all before the message.

        If nothing is before the message, the level or the time behind it does.
        """
        named = self.pieces[: self.anchor]
        if named and (named[0].field == "message" or any(piece.field == "time" for piece in named)):
            return named
        ends = [n for n, piece in enumerate(self.pieces) if piece.field == "message"]
        return self.pieces[: ends[0]] if ends else self.pieces

    @cached_property
    def start(self) -> re.Pattern[str]:
        """What identifies a record, with the following literal as far as it is not blank."""
        telling = self.telling
        following = self.pieces[len(telling)] if len(telling) < len(self.pieces) else Piece("")
        after = "" if following.field else following.text.strip()
        tail = ""
        if telling and telling[-1].field:
            end = "" if after.startswith("_") else r"(?![\w.])"
            tail = end + (r"[ \t]*" + re.escape(after) if after else "")
        return re.compile(self._pattern(telling, before_message=not telling[-1].field) + tail)

    @cached_property
    def whole(self) -> re.Pattern[str]:
        """All fields."""
        return re.compile(self._pattern(self.pieces) + r"\Z", re.DOTALL)

    def _pattern(self, pieces: Sequence[Piece], *, before_message: bool = False) -> str:
        made: list[str] = []
        seen: set[str] = set()
        for n, piece in enumerate(pieces):
            if piece.field:
                dotted = n + 1 < len(pieces) and pieces[n + 1].text.startswith(".")
                made.append(self._field(piece, seen, dotted=dotted))
            else:
                last = pieces[n + 1].field == "message" if n + 1 < len(pieces) else before_message
                made.append(_literal(piece.text, last=last))
        return "".join(made)

    def _field(self, piece: Piece, seen: set[str], *, dotted: bool) -> str:
        """The pattern of a field; `dotted` if it ends at a dot, which names of loggers also contain."""
        name = piece.field
        inner = piece.text or FIELDS.get(name.rstrip("0123456789"), r".*?")
        if name == "logger" and dotted:
            inner = r"\S+"
        if name == "time" and self.time:
            inner = self.time.pattern
        group = f"(?P<{name}>{inner})" if name not in seen and name.isidentifier() else f"(?:{inner})"
        seen.add(name)
        return (r"\ *" if piece.left else "") + group + (r"\ *" if piece.right else "")


def _literal(text: str, *, last: bool) -> str:
    """A literal: a blank matches any run of blanks, except before the message, where it may be missing."""
    if last:
        kept = text.rstrip(" ")
        blanks = text[len(kept) :]
        tail = f"(?:{re.escape(blanks)}|$)" if blanks else ""
        return _literal(kept, last=False) + tail
    return "".join(r"\ +" if part[0] == " " else re.escape(part) for part in re.split(r"( +)", text) if part)


def parse(text: str, style: str, datefmt: str | None = None) -> Template:
    """The template of a format string of `logging`. Raises TemplateError."""
    pieces = list(_merged(_READERS[style](text)))
    if not any(piece.field == "level" for piece in pieces):
        pieces = [
            replace(piece, field="level", text=r"\d+") if piece.field == "levelno" else piece
            for piece in pieces
        ]
    if not any(piece.field for piece in pieces):
        raise TemplateError(f"The format {text!r} names no field in the style {style}.")
    time = time_format(datefmt or ISO) if any(piece.field == "time" for piece in pieces) else None
    if any(piece.field == "created" for piece in pieces) and not time:
        pieces = [Piece("", "time") if piece.field == "created" else piece for piece in pieces]
        time = time_format("%s")
    return Template(tuple(pieces), time)


def template(text: str, time: str = ISO) -> Template:
    """A template of ours: `{field}` and literals, with `{{` for a brace; padding as in Python."""
    pieces = list(_merged(_braces(text, {})))
    has_time = any(piece.field == "time" for piece in pieces)
    return Template(tuple(pieces), time_format(time) if has_time else None)


def guess_style(text: str) -> str:
    """The style of a format string."""
    if re.search(r"%\(\w+\)", text):
        return "%"
    if re.search(r"\$\{?\w+", text):
        return "$"
    return "{" if re.search(r"\{\w+", text) else "%"


def _merged(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Adjacent literals merged into one."""
    literal = ""
    for piece in pieces:
        if piece.field:
            if literal:
                yield Piece(literal)
                literal = ""
            yield piece
        else:
            literal += piece.text
    if literal:
        yield Piece(literal)


_PERCENT = re.compile(
    r"%(?:\((?P<name>\w+)\)(?P<flags>[-#0+ ]*)(?P<width>\d*)(?:\.(?P<most>\d+))?[hlL]?[a-zA-Z]|%)"
)


def _percent(text: str) -> Iterator[Piece]:
    at = 0
    for found in _PERCENT.finditer(text):
        if found.start() > at:
            yield _checked(text[at : found.start()])
        if name := found["name"]:
            padded = bool(found["width"])
            left_aligned = "-" in found["flags"]
            piece = _known(name, left=padded and not left_aligned, right=padded and left_aligned)
            yield replace(piece, text="[A-Za-z]") if found["most"] == "1" else piece
        else:
            yield Piece("%")
        at = found.end()
    if at < len(text):
        yield _checked(text[at:])


def _checked(literal: str) -> Piece:
    if "%(" in literal:
        raise TemplateError(f"{literal!r} is not a whole field: a field is written %(name)s.")
    return Piece(literal)


def _known(name: str, *, left: bool, right: bool) -> Piece:
    return Piece("", ATTRIBUTES.get(name, name), left, right)


def _braces(text: str, names: dict[str, str] = ATTRIBUTES) -> Iterator[Piece]:
    try:
        parsed = list(string.Formatter().parse(text))
    except ValueError as error:
        raise TemplateError(f"The format {text!r} cannot be read: {error}.") from None
    for literal, name, spec, _ in parsed:
        if literal:
            yield Piece(literal)
        if name is None:
            continue
        base = re.split(r"[.\[]", name)[0]
        width = re.search(r"([<>^=]?)0?(\d+)", spec or "")
        align = width[1] if width else ""
        number = base in ("process", "thread", "lineno", "levelno", "msecs", "created", "relativeCreated")
        left = bool(width) and (align in (">", "^", "=") or (not align and number))
        right = bool(width) and (align in ("<", "^") or (not align and not number))
        letter = re.search(r"\[0\]$", name) or re.search(r"\.1$", spec or "")
        yield Piece("[A-Za-z]" if letter else "", names.get(base, base), left, right)


_DOLLAR = re.compile(r"\$(?:\$|(?P<plain>[A-Za-z_]\w*)|\{(?P<braced>[A-Za-z_]\w*)\})")


def _dollars(text: str) -> Iterator[Piece]:
    at = 0
    for found in _DOLLAR.finditer(text):
        if found.start() > at:
            yield Piece(text[at : found.start()])
        name = found["plain"] or found["braced"]
        yield _known(name, left=False, right=False) if name else Piece("$")
        at = found.end()
    if at < len(text):
        yield Piece(text[at:])


_READERS = {"%": _percent, "{": _braces, "$": _dollars}
