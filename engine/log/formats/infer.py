"""The format string of `logging` that a file was written with, inferred from its lines.

Lines are cut into tokens: a time, a level, fields, and the separators between them. Lines of one format agree
in their separators up to the time and the level. Behind these, a column is taken for a field as long as it
looks like one in nearly all lines. What follows is the message.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from engine.log import levels
from engine.log.formats.definition import of_template
from engine.log.formats.format import TextFormat
from engine.log.formats.naming import DOTTED, FILE, IDENTIFIER, PROCESS, THREAD, Namer, described
from engine.log.formats.template import Piece, Template
from engine.log.times import find_time, time_format

_HEAD = 240
"""Characters of a line in which its fields are looked for."""
_MOST = 9
"""Fields that are looked for in a line."""
_AGREE = 0.95
_SEPARATOR = re.compile(r"(?:[\s\[\](){}<>|;:/,]|(?<=\s)[-–—=*>#]+(?=\s))+")
_FIELD = re.compile(rf"{THREAD}(?!\S\w)|{PROCESS}(?!\w)|[^\s\[\](){{}}<>|;:/,]+")
_WORDS = (levels.UPPER_WORDS, levels.UPPER_WORDS.lower(), levels.UPPER_WORDS.title())
_LEVEL = re.compile(rf"(?:Level -?\d+|{'|'.join(_WORDS)})(?![\w.])")
_LETTER = re.compile(rf"[{''.join(levels.LETTERS)}](?=[\s\]|:,)>])")
_CLOSING = frozenset("])>}|:;,")
_LINKS = frozenset(("in", "at", "by", "on", "from"))
"""Words that a format puts between its fields."""
_OPENING = re.compile(r"[\[(<{|*\s]*")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    """`time`, `level` or `field`."""
    text: str
    before: str
    """The separator in front of it."""
    end: int


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    tokens: tuple[_Token, ...]
    time: str
    """The format of its time, empty if it has none."""
    tail: str
    """The separator behind the last token."""

    def has(self, kind: str) -> int:
        """The place of the time or the level, -1 without one."""
        return next((n for n, token in enumerate(self.tokens) if token.kind == kind), -1)

    def after(self, n: int) -> str:
        """The separator behind token `n`."""
        return self.tokens[n + 1].before if n + 1 < len(self.tokens) else self.tail


def infer(lines: Iterable[str], today: date) -> list[TextFormat]:
    """The formats of the lines that have a time or a level near their beginning, the most frequent first."""
    cut = [line for text in lines if (line := _cut(text, today)) and line.tokens]
    timed = [line for line in cut if line.has("time") >= 0]
    levelled = [line for line in cut if line.has("time") < 0 and line.has("level") >= 0]
    found = _of_timed(timed)
    found += _of_groups(levelled, len(cut), share=0.2)
    return found


def _cut(text: str, today: date) -> _Line | None:
    """A line as tokens; None if it is nothing that a record could begin with."""
    head = text[:_HEAD]
    if not head.strip():
        return None
    tokens: list[_Token] = []
    time = ""
    opening = _OPENING.match(head)
    at = opening.end() if opening else 0
    before = head[:at]
    while at < len(head) and len(tokens) < _MOST:
        end, kind = at, "field"
        if not time and len(tokens) < 5 and (found := find_time(head, at, today)):
            time, end = found
            kind = "time"
        elif not any(token.kind == "level" for token in tokens) and (
            level := _level_at(head, at, tokens, today)
        ):
            end, kind = level, "level"
        elif field := _FIELD.match(head, at):
            end = field.end()
        if end == at:
            break
        tokens.append(_Token(kind, head[at:end], before, end))
        separator = _SEPARATOR.match(head, end)
        at = separator.end() if separator else end
        before = separator[0] if separator else ""
        if not separator and at < len(head):
            follows = _FIELD.match(head, at) and kind != "field"
            if not follows:
                break
    return _Line(text, tuple(tokens), time, before)


def _level_at(head: str, at: int, tokens: list[_Token], today: date) -> int:
    """Where the level ends that begins at a place, 0 if none does. A single letter is one beside the time."""
    if found := _LEVEL.match(head, at):
        return found.end()
    if _LETTER.match(head, at):
        if tokens and tokens[-1].kind == "time":
            return at + 1
        separator = _SEPARATOR.match(head, at + 1)
        if not tokens and separator and find_time(head, separator.end(), today):
            return at + 1
    return 0


def _squeezed(separator: str) -> str:
    return re.sub(r" +", " ", separator)


def _signature(line: _Line, upto: int) -> tuple[str, ...]:
    parts: list[str] = []
    for token in line.tokens[: upto + 1]:
        parts += [_squeezed(token.before), token.kind]
    return (*parts, _squeezed(line.after(upto)).strip())


def _of_timed(lines: Sequence[_Line]) -> list[TextFormat]:
    """Formats with a time: those where the level keeps its place, else by the time alone."""
    found: list[TextFormat] = []
    by_time: dict[tuple[str, ...], list[_Line]] = defaultdict(list)
    for line in lines:
        at = line.has("time")
        if at == 0 or (at < 4 and 0 <= line.has("level") < at) or at == 1:
            first = (*_signature(line, 0)[:2], line.time) if at == 0 else ("", line.time)
            by_time[first].append(line)
    for group in sorted(by_time.values(), key=len, reverse=True):
        if group[0].has("time") > 0 and len(group) < 0.2 * len(lines):
            continue
        placed = [line for line in group if line.has("level") >= 0]
        made = _of_groups(placed, len(group), share=0.3)
        found += made
        rest = [line for line in group if not any(form.level(line.text) >= 0 for form in made)]
        leading = [line for line in rest if line.has("time") == 0]
        if leading and (len(rest) > 2 or not made):
            found += _made(leading, [0])
    return found


def _of_groups(lines: Sequence[_Line], total: int, share: float) -> list[TextFormat]:
    """A format for each way of placing time and level that enough lines agree in."""
    groups: dict[tuple[str, ...], list[_Line]] = defaultdict(list)
    for line in lines:
        groups[_signature(line, max(line.has("time"), line.has("level")))].append(line)
    found: list[TextFormat] = []
    rest = list(lines)
    for signature, group in sorted(groups.items(), key=lambda item: len(item[1]), reverse=True):
        telling = max(group[0].has("time"), group[0].has("level"))
        if len(group) < share * total or telling > 6:
            continue
        if not _has_place(group, telling):
            continue
        del signature
        found += _made(group, list(range(telling + 1)))
        rest = [line for line in rest if not any(form.level(line.text) >= 0 for form in found)]
    if len(rest) >= max(3, share * total):
        found += _of_wide_fields(rest)
    return found


def _has_place(lines: Sequence[_Line], telling: int) -> bool:
    """Whether the level stands where a format puts it, rather than as a word of the message."""
    if lines[0].has("level") != telling:
        return True
    if telling == 0:  # a level alone at the beginning: something must set it off
        behind = [line.after(0) for line in lines]
        return all(separator.strip() or len(separator) > 1 or not separator for separator in behind) or (
            sum(_is_set_off(line.tokens[0].text) for line in lines) > 0.9 * len(lines)
        )
    upper = sum(_is_set_off(line.tokens[telling].text) for line in lines)
    if upper >= 0.9 * len(lines):
        return True
    token = lines[0].tokens[telling]
    return bool(token.before.strip() and lines[0].after(telling).strip()) or telling <= 1


def _is_set_off(text: str) -> bool:
    """Whether a level is written as one: in capitals, or as `Level 15`."""
    return text.isupper() or text.startswith("Level ")


def _of_wide_fields(lines: Sequence[_Line]) -> list[TextFormat]:
    """Lines whose time and level agree, while what is between them has different numbers of words."""
    groups: dict[tuple[str, ...], list[_Line]] = defaultdict(list)
    for line in lines:
        time, level = line.has("time"), line.has("level")
        if time == 0 and level > 1:
            ends = (
                _squeezed(line.tokens[0].before),
                _squeezed(line.after(0)),
                _squeezed(line.tokens[level].before),
            )
            groups[(*ends, _squeezed(line.after(level)).strip())].append(line)
    if not groups:
        return []
    group = max(groups.values(), key=len)
    if len(group) < 3 or not all(line.tokens[line.has("level")].text.isupper() for line in group):
        return []
    first = group[0]
    pieces = [
        *([Piece(first.tokens[0].before)] if first.tokens[0].before else []),
        Piece("", "time"),
        Piece(_squeezed(first.after(0))),
        Piece(r".+?", "thread"),
        Piece(_squeezed(first.tokens[first.has("level")].before)),
        Piece("", "level", right=True),
    ]
    return [_format(pieces, group, [line.has("level") for line in group])]


def _made(lines: Sequence[_Line], telling: list[int]) -> list[TextFormat]:
    """The format of lines that agree up to the last of the `telling` tokens."""
    last = telling[-1]
    pieces: list[Piece] = []
    namer = Namer()
    for n in telling:
        before = Counter(line.tokens[n].before for line in lines).most_common(1)[0][0]
        padded = any(line.tokens[n].before != before for line in lines)
        if before:
            pieces.append(Piece(_squeezed(before) if n or before.strip() else before))
        kind = lines[0].tokens[n].kind
        if kind == "field":
            kind = namer.name([line.tokens[n].text for line in lines], before, lines[0].after(n))
        letters = kind == "level" and all(len(line.tokens[n].text) == 1 for line in lines)
        pattern = "[A-Z]" if letters else ""
        pieces.append(
            Piece(
                pattern, kind, left=padded and kind == "level", right=kind == "level" and _is_padded(lines, n)
            )
        )
    return [_format(pieces, lines, [last] * len(lines), namer)]


def _is_padded(lines: Sequence[_Line], n: int) -> bool:
    """Whether blanks pad what stands at a place, in some lines more than in others."""
    behind = {re.match(r" *", line.after(n)) for line in lines}
    widths = {len(found[0]) for found in behind if found}
    return len(widths) > 1


def _format(
    pieces: list[Piece], lines: Sequence[_Line], at: list[int], namer: Namer | None = None
) -> TextFormat:
    """The template from its telling part on: columns as long as they look like fields, then the message."""
    namer = namer or Namer()
    levelled = any(piece.field == "level" for piece in pieces)
    padded = any(piece.field == "level" and piece.right for piece in pieces)
    depth = 0
    while depth < _MOST:
        column = _Column(lines, [n + depth for n in at], padded)
        bare = levelled and not namer.has("logger") and ":" not in column.separator
        if not column.is_field(levelled, bare):
            break
        depth += 1
        pieces.append(Piece(column.separator))
        if not levelled and _are_level_numbers(column.values):
            pieces.append(Piece(r"\d+", "level"))
            levelled = True
            continue
        if set(column.values) <= _LINKS:
            pieces[-1] = Piece(column.separator + column.values[0])
            continue
        name = namer.name(column.values, column.separator, column.behind)
        pieces.append(Piece("", name, right=bool(re.match(r"\s{2,}", column.behind))))
    separators = Counter(_behind(line, n + depth, padded) for line, n in zip(lines, at, strict=True))
    separator = _common_prefix(separators, len(lines))
    pieces.append(Piece(separator))
    pieces.append(Piece("", "message"))
    time = next((line.time for line in lines if line.time), None)
    made = Template(
        tuple(piece for piece in pieces if piece.field or piece.text), time_format(time) if time else None
    )
    return of_template(made, "logging", described(made), 4 + made.rank)


def _behind(line: _Line, n: int, padded: bool) -> str:
    """The separator behind a token, without what pads a level."""
    separator = line.after(n)
    if padded and line.tokens[n].kind == "level" and separator.strip() in _CLOSING:
        return separator.lstrip()
    return separator


def _common_prefix(separators: Counter[str], total: int) -> str:
    """What stands before the message in nearly all lines; a message may begin with separators of its own."""
    best, count = separators.most_common(1)[0]
    if count >= _AGREE * total:
        return best
    agreed = sorted(separators, key=len)
    while best and sum(
        n for text, n in separators.items() if text.startswith(best) or text == best.rstrip()
    ) < (_AGREE * total):
        best = best[:-1]
    return best or (agreed[0] if agreed[0].strip() == "" and agreed[0] else "")


def _are_level_numbers(values: Sequence[str]) -> bool:
    known = sum(levels.level_of(value) != levels.NONE for value in values if value.isdecimal())
    return len(set(values)) > 1 and known > 0.8 * len(values)


class _Column:
    """The tokens that stand at one place of the lines, behind what is known already."""

    def __init__(self, lines: Sequence[_Line], at: list[int], padded: bool) -> None:
        self.total = len(lines)
        pairs = [(line, n) for line, n in zip(lines, at, strict=True) if n + 1 < len(line.tokens)]
        before = Counter(_squeezed(_behind(line, n, padded)) for line, n in pairs)
        self.separator = before.most_common(1)[0][0] if before else ""
        agreeing = [(line, n) for line, n in pairs if _squeezed(_behind(line, n, padded)) == self.separator]
        self.values = [line.tokens[n + 1].text for line, n in agreeing]
        behind = Counter(_squeezed(line.after(n + 1)).rstrip(" ") for line, n in agreeing)
        self.kept = len(agreeing)
        self.behind_agrees = bool(behind) and behind.most_common(1)[0][1] >= _AGREE * self.total
        exact = Counter(line.after(n + 1) for line, n in agreeing)
        self.behind = exact.most_common(1)[0][0] if exact else ""
        self.empty_behind = bool(behind) and not behind.most_common(1)[0][0]
        rests = [line.text[line.tokens[n + 1].end :].strip() for line, n in agreeing]
        self.numbers_follow = sum(rest[:1].isdigit() for rest in rests) > 0.5 * max(len(rests), 1)
        self.nothing_follows = sum(not rest for rest in rests) > 0.3 * max(len(rests), 1)

    def is_field(self, levelled: bool, bare: bool) -> bool:
        """Whether nearly all lines have a field here, and not the first word of their messages."""
        if not self.separator or self.kept < _AGREE * self.total or not self.behind_agrees:
            return False
        if any(len(value) > 100 for value in self.values):
            return False
        distinct = set(self.values)
        if not self.empty_behind:  # something but blanks sets it off
            if self.total >= 3 or any(DOTTED.match(value) for value in distinct):
                return len(distinct) < 3 or len(distinct) <= 0.7 * self.total or self._all(IDENTIFIER, FILE)
            return levelled and self._all(IDENTIFIER, FILE)
        if self.nothing_follows:
            return False
        known = self._all(re.compile(THREAD + "$"), re.compile(PROCESS + "$"), FILE)
        numbers = all(value.isdecimal() for value in distinct) and self.total >= 3
        return known or numbers or (bare and self._is_name(distinct))

    def _is_name(self, distinct: set[str]) -> bool:
        """Whether a word without anything to set it off is the name of a logger."""
        if not self._all(IDENTIFIER):
            return False
        if self._all(DOTTED) and self.total >= 2:
            return True
        return self.total >= 5 and len(distinct) <= max(1, self.total // 4) and not self.numbers_follow

    def _all(self, *patterns: re.Pattern[str]) -> bool:
        return all(any(pattern.match(value) for pattern in patterns) for value in self.values)
