"""Columns of lines that agree up to their time and level: fields as long as they look like fields."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from engine.log import levels
from engine.log.formats.naming import DOTTED, FILE, IDENTIFIER, PROCESS, THREAD, Namer, are_loggers
from engine.log.formats.template import Piece
from engine.log.formats.tokens import MOST, Line, common_start, core, gap, is_basic, squeezed

AGREE = 0.95
_PADDED = 0.6
"""Share of the lines in which a field and the blanks after it are of one width if they pad it."""
_LONGEST_CONTEXT = 120
_FEW = 5
"""Lines below which a word after the time is not taken for a logger if there is no level."""
_LINKS = frozenset(("in", "at", "by", "on", "from"))
"""Words that a format puts between its fields."""
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+$")
_BARS = ("|", "-", ":", "]", ")", ">")
"""Separators that may be after a field that is padded on both sides."""
_BRACKETS = {"[": "]", "(": ")", "{": "}", "<": ">"}
_THREAD = re.compile(THREAD + "$")
_PROCESS = re.compile(PROCESS + "$")
_ONE_NAME = re.compile(r"(?:[a-z_]\w*(?:\.(?:[A-Za-z_]\w*|<\w+>))+|__main__)$")
"""The name of a logger, though there may be but one line."""


def add_columns(
    pieces: list[Piece], lines: Sequence[Line], at: Sequence[int], namer: Namer, most: int = MOST
) -> int:
    """Add at most `most` fields after the tokens `at`, and the message; returns the number of fields."""
    levelled = any(piece.field == "level" for piece in pieces)
    depth = 0
    basic = all(is_basic(line.tokens) for line in lines)
    while depth < most:
        places = [n + depth for n in at]
        column = _Column(lines, places)
        bare = not namer.has("logger") and ":" not in column.gap.text
        if not column.is_field(levelled, bare):
            if (depth or levelled) and (context := _context(column, lines, places)):
                pieces += context
                return depth
            break
        if basic and depth and not (column.gap.text == ":" and column.behind.startswith(":")):
            break
        depth += 1
        pieces[-1] = _padded(pieces[-1], column.gap.padded_before)
        if not levelled and _are_level_numbers(column.values):
            pieces += [Piece(column.gap.text), Piece(r"\d+", "level")]
            levelled = True
        elif set(column.values) <= _LINKS:
            pieces.append(Piece(column.gap.text + column.values[0]))
        else:
            name = namer.name(column.values, column.gap.text)
            pieces += [Piece(column.gap.text), Piece("", name, left=column.gap.padded_after)]
    last = [(line, n + depth) for line, n in zip(lines, at, strict=True) if n + depth < len(line.tokens)]
    text, padded = _before_message(
        [line.tokens[n].text for line, n in last], [line.after(n) for line, n in last]
    )
    pieces[-1] = _padded(pieces[-1], padded)
    pieces += [Piece(text.rstrip("[({<")), Piece("", "message")]
    return depth


def _context(column: _Column, lines: Sequence[Line], at: Sequence[int]) -> list[Piece]:
    """The last column, the message with it, if all lines have several words in brackets there."""
    opened = column.gap.text[-1:]
    if column.total < 3 or opened not in ("[", "("):
        return []
    closed = re.escape(_BRACKETS[opened])
    word = rf"[^{closed}{re.escape(opened)}]{{0,{_LONGEST_CONTEXT}}}"
    inside = re.compile(rf"{word}{closed}(?P<after>[ :]*)(?=.)")
    found = [
        inside.match(line.text, line.tokens[n].end + len(line.after(n)))
        for line, n in zip(lines, at, strict=True)
    ]
    kept = [match for match in found if match]
    if len(kept) < AGREE * len(lines):
        return []
    after = common_start([match["after"] for match in kept], AGREE)
    return [
        Piece(column.gap.text),
        Piece(word, "context"),
        Piece(_BRACKETS[opened] + after),
        Piece("", "message"),
    ]


def _padded(piece: Piece, padded: bool) -> Piece:
    return replace(piece, right=True) if padded and piece.field else piece


def _before_message(fields: Sequence[str], separators: Sequence[str]) -> tuple[str, bool]:
    """The text between the last field and the message, and whether blanks in it pad the field.

    A message may itself begin with separators and blanks.
    """
    widths = Counter(
        len(field) + len(text) - len(text.lstrip(" "))
        for field, text in zip(fields, separators, strict=True)
        if text
    )
    leading = common_start(separators, AGREE)
    centred = common_start([text.lstrip(" ") for text in separators], AGREE)
    if centred.strip(" ") in _BARS and not leading.strip(" ") and len(set(separators)) > 1:
        return " " * leading.startswith(" ") + centred, True
    if widths and len(set(map(len, fields))) > 1 and widths.most_common(1)[0][1] >= _PADDED * widths.total():
        stripped = common_start([text.lstrip(" ") for text in separators], AGREE)
        if stripped.strip(" "):
            return stripped, True
        return (" " if all(text[:1] == " " or not text for text in separators) else ""), True
    agreed = common_start(separators, AGREE)
    if not agreed and all(text[:1] == " " for text in separators):
        agreed = " "
    return agreed, False


def _are_level_numbers(values: Sequence[str]) -> bool:
    known = sum(levels.level_of(value) != levels.NONE for value in values if value.isdecimal())
    return len(set(values)) > 1 and known > 0.8 * len(values)


class _Column:
    """The tokens at one position of the lines, after what is already known."""

    def __init__(self, lines: Sequence[Line], at: Sequence[int]) -> None:
        self.total = len(lines)
        pairs = [(line, n) for line, n in zip(lines, at, strict=True) if n + 1 < len(line.tokens)]
        cores = Counter(core(line.after(n)) for line, n in pairs)
        most = cores.most_common(1)[0][0] if cores else ""
        agreeing = [(line, n) for line, n in pairs if core(line.after(n)) == most]
        self.kept = len(agreeing) if most else 0
        self.gap = gap([line.after(n) for line, n in agreeing])
        self.before = [line.tokens[n].text for line, n in agreeing]
        self.values = [line.tokens[n + 1].text for line, n in agreeing]
        self.behind = _agreed_behind([squeezed(line.after(n + 1)) for line, n in agreeing])
        rests = [line.text[line.tokens[n + 1].end :].strip() for line, n in agreeing]
        self.numbers_follow = sum(rest[:1].isdigit() for rest in rests) > 0.5 * max(len(rests), 1)
        self.nothing_follows = sum(not rest for rest in rests) > 0.3 * max(len(rests), 1)

    def is_field(self, levelled: bool, bare: bool) -> bool:
        """Whether nearly all lines have a field here, not the first word of their messages."""
        if self.kept < AGREE * self.total or not self.behind:
            return False
        if any(len(value) > 100 or value[0] in "\"'" for value in self.values):
            return False
        if all(_ADDRESS.match(value) for value in self.values) and not self._is_bracketed():
            return False
        distinct = set(self.values)
        if self.behind.strip(" "):  # something other than blanks delimits it
            if self._is_bracketed() or self._is_line() or self._is_known_in_brackets():
                return True
            if self.total >= 3 or any(DOTTED.match(value) for value in distinct):
                return len(distinct) < 3 or len(distinct) <= 0.7 * self.total or self._all(IDENTIFIER, FILE)
            return levelled and self.behind.strip(" ")[0] not in _BRACKETS and self._all(IDENTIFIER, FILE)
        if self.nothing_follows:
            return False
        known = self._all(_THREAD, _PROCESS, FILE)
        numbers = all(value.isdecimal() for value in distinct) and self.total >= 3
        certain = self.total >= _FEW and are_loggers(self.values)
        named = bare and (self._is_name(distinct) if levelled else certain)
        return known or numbers or named or self._are_modules(distinct)

    def _are_modules(self, distinct: set[str]) -> bool:
        """Whether all are certainly names of loggers: a few, and some of them dotted."""
        dotted = any(DOTTED.match(value) for value in distinct)
        return dotted and self._are_few(distinct) and self._all(IDENTIFIER)

    def _is_bracketed(self) -> bool:
        opened = self.gap.text[-1:]
        return self.total >= 3 and opened in _BRACKETS and self.behind.startswith(_BRACKETS[opened])

    def _is_line(self) -> bool:
        """Whether it is the line number of the source file or module before it."""
        return (
            self.gap.text == ":"
            and all(FILE.match(value) or _ONE_NAME.match(value) for value in self.before)
            and (all(value.isdecimal() for value in self.values))
        )

    def _is_known_in_brackets(self) -> bool:
        """Whether it is in brackets, and certainly a process or a thread."""
        opened = self.gap.text.strip()[-1:] in _BRACKETS
        return opened and all(
            value.isdecimal() or _THREAD.match(value) or _PROCESS.match(value) for value in self.values
        )

    def _is_name(self, distinct: set[str]) -> bool:
        """Whether a word without delimiters is the name of a logger."""
        if not self._all(IDENTIFIER):
            return False
        if self._all(_ONE_NAME):
            return True
        if self.total >= 2 and are_loggers(self.values):
            return True
        return self._are_few(distinct) and not self.numbers_follow

    def _are_few(self, distinct: set[str]) -> bool:
        return self.total >= 5 and len(distinct) <= max(1, self.total // 4)

    def _all(self, *patterns: re.Pattern[str]) -> bool:
        return all(any(pattern.match(value) for pattern in patterns) for value in self.values)


def _agreed_behind(separators: Sequence[str]) -> str:
    """What follows a column in nearly all lines; the message may make it longer in some."""
    agreed = common_start(separators, AGREE)
    if agreed:
        return agreed
    return common_start([text.lstrip(" ") for text in separators], AGREE)
