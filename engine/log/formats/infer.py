"""Infers the format string of `logging` that a file was written with from its lines.

Lines are cut into tokens: a time, a level, fields, and the separators between them. Lines of one format agree
in their separators up to the time and the level. After these, a column counts as a field as long as it looks
like one in nearly all lines. The rest is the message.
"""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from engine.log import levels
from engine.log.formats.columns import add_columns
from engine.log.formats.definition import of_template
from engine.log.formats.ending import ending_of
from engine.log.formats.format import TextFormat
from engine.log.formats.naming import (
    DOTTED,
    FILE,
    IDENTIFIER,
    PROCESS,
    SCOPE,
    THREAD,
    Namer,
    are_loggers,
    described,
)
from engine.log.formats.template import Piece, Template
from engine.log.formats.tokens import MOST, Line, common_start, core, cut, gap, shape_of, squeezed
from engine.log.times import ISO, time_format

_WHOLE = 0.9
"""The share of lines that must match a complete format."""
_NAMED = 0.6
"""Share of the lines that must begin with a name for one without time and level to be a format."""
_LATE_TIME = 0.6
"""The share of lines that must agree if several fields precede the time."""
_TOLD = 0.8
"""If a larger share of the lines begins with a time, none is looked for behind the message."""


def infer(lines: Iterable[str], today: date) -> list[TextFormat]:
    """The formats of the lines with a time or a level near their beginning, the most frequent first."""
    lines = list(lines)
    shape = shape_of(lines)
    tokens = [line for text in lines if (line := cut(text, today, shape)) and line.tokens]
    timed = _day_first([line for line in tokens if line.has("time") >= 0])
    bare = [line for line in tokens if line.has("time") < 0]
    found = _of_timed(timed)
    found += _of_groups([line for line in bare if line.has("level") >= 0], len(tokens), share=0.2)
    found = found or _of_names(bare)
    heads = [line for line in lines if line.strip() and not line[0].isspace()]
    timed = [form for form in found if form.starts_with_time]
    told = sum(any(form.start.match(line) for form in timed) for line in heads)
    return found if told > _TOLD * len(heads) else [*_with_time_behind(heads, found, today), *found]


def _with_time_behind(lines: Sequence[str], found: Sequence[TextFormat], today: date) -> list[TextFormat]:
    """The formats with a time or a level after the message; of lines that begin with it if there are none."""
    ending = ending_of(lines, today)
    if ending is None:
        return []
    time = time_format(ending.time) if ending.time else None
    levelled = any(piece.field == "level" for piece in ending.pieces)
    made: list[TextFormat] = []
    for form in found:
        if form.template and form.says_level and not levelled and form.template.pieces[-1].field == "message":
            pieces = (*form.template.pieces[:-1], *ending.pieces)
            made.append(
                _behind(Template(tuple(piece for piece in pieces if piece.field or piece.text), time))
            )
    return made or [_behind(Template(tuple(p for p in ending.pieces if p.field or p.text), time))]


def _behind(made: Template) -> TextFormat:
    return of_template(made, "logging", described(made), 4 + made.rank)


def _of_names(lines: Sequence[Line]) -> list[TextFormat]:
    """The format of lines without time and level that begin with the name of a logger, thread or file."""
    groups: dict[tuple[str, ...], list[Line]] = defaultdict(list)
    numbered = [line for line in lines if _is_numbered_thread(line)]
    if len(numbered) >= max(_NAMED * len(lines), 2):
        return _made(numbered, [0, 1])
    lines = [line for line in lines if not line.text[0].isspace()]
    for line in lines:
        groups[core(line.tokens[0].before).strip(), core(line.after(0)).strip()[:1]].append(line)
    group = max(groups.values(), key=len, default=list[Line]())
    if len(group) < max(_NAMED * len(lines), 2):
        return []
    return _made(group, [0]) if _begin_with_names(group) else []


def _is_numbered_thread(line: Line) -> bool:
    """Whether a line begins with a number and a thread, as with `%(relativeCreated)d %(threadName)s`."""
    tokens = line.tokens
    return len(tokens) > 1 and tokens[0].text.isdecimal() and re.fullmatch(THREAD, tokens[1].text) is not None


def _begin_with_names(lines: Sequence[Line]) -> bool:
    values = [line.tokens[0].text for line in lines]
    distinct = set(values)
    if all(re.fullmatch(f"{THREAD}|{PROCESS}", value) for value in distinct):
        return True
    behind = common_start([squeezed(line.after(0)) for line in lines], 1).strip()
    if not behind:
        return False
    if all(FILE.match(value) for value in distinct):
        return all(len(line.tokens) > 1 and line.tokens[1].text.isdecimal() for line in lines)
    if not all(IDENTIFIER.match(value) or SCOPE.match(value) for value in distinct):
        return False
    return any(DOTTED.match(value) or SCOPE.match(value) or value == "__main__" for value in distinct)


def _day_first(lines: Sequence[Line]) -> list[Line]:
    """The lines with day before month in all of them, if the first number is above twelve in some."""
    sure = {line.time for line in lines if line.time.startswith("%d/%m")}
    swapped = {"%m/%d" + time[5:]: time for time in sure}
    return [replace(line, time=swapped.get(line.time, line.time)) for line in lines]


def _signature(line: Line, upto: int) -> tuple[str, ...]:
    parts: list[str] = []
    for token in line.tokens[: upto + 1]:
        parts += [core(token.before) if parts else core(token.before).strip(" "), token.kind]
    return (*parts, core(line.after(upto)).strip())


def _of_timed(lines: Sequence[Line]) -> list[TextFormat]:
    """Formats with a time: if the level has a fixed place, by both, else by the time alone."""
    found: list[TextFormat] = []
    by_time: dict[tuple[str, ...], list[Line]] = defaultdict(list)
    for line in lines:
        at = line.has("time")
        if at == 0 or (at < 4 and 0 <= line.has("level") < at) or at == 1:
            first = (*_signature(line, 0)[:2], line.time) if at == 0 else ("", line.time)
            by_time[first].append(line)
        else:
            by_time["late", *_signature(line, at)[:-1], line.time].append(line)
    for kind, group in sorted(by_time.items(), key=lambda item: len(item[1]), reverse=True):
        late = kind[0] == "late"
        if late and (len(group) < 3 or len(group) < _LATE_TIME * len(lines)):
            continue
        if group[0].has("time") > 0 and len(group) < 0.2 * len(lines):
            continue
        placed = [line for line in group if line.has("level") >= 0]
        made = _of_groups(placed, len(group), share=0.3)
        found += made
        rest = [line for line in group if not any(form.level(line.text) >= 0 for form in made)]
        leading = [line for line in rest if line.has("time") == 0]
        if leading and (len(rest) > 2 or not made):
            found += _made(leading, [0])
        elif late and not made:
            found += _made(rest, list(range(rest[0].has("time") + 1)))
        elif not made:
            found += _of_second(rest, len(lines))
    return found


def _of_second(lines: Sequence[Line], total: int) -> list[TextFormat]:
    """The format of lines with a time after one field, and without a level."""
    groups: dict[tuple[str, ...], list[Line]] = defaultdict(list)
    for line in lines:
        if line.has("time") == 1:
            groups[_signature(line, 1)[:-1]].append(line)
    if not groups:
        return []
    group = max(groups.values(), key=len)
    return _made(group, [0, 1]) if len(group) >= max(3, _LATE_TIME * total) else []


def _of_groups(lines: Sequence[Line], total: int, share: float) -> list[TextFormat]:
    """A format for each arrangement of time and level that enough lines share."""
    groups: dict[tuple[str, ...], list[Line]] = defaultdict(list)
    for line in lines:
        groups[_signature(line, max(line.has("time"), line.has("level")))].append(line)
    found: list[TextFormat] = []
    rest = list(lines)
    for group in sorted(groups.values(), key=len, reverse=True):
        telling = max(group[0].has("time"), group[0].has("level"))
        if len(group) < share * total or telling > 6:
            continue
        if not _has_place(group, telling):
            continue
        found += _made(group, list(range(telling + 1)))
        rest = [line for line in rest if not any(form.level(line.text) >= 0 for form in found)]
    if len(rest) >= max(3, share * total):
        found += _of_wide_fields(rest)
    return found


def _has_place(lines: Sequence[Line], telling: int) -> bool:
    """Whether the level is at a place for levels, not a word of the message."""
    if lines[0].has("level") != telling:
        return True
    if telling == 0:  # a level alone at the beginning must be delimited
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
    return text.isupper() or text.isdecimal() or text.startswith("Level ") or text[0] in levels.ICONS


def _of_wide_fields(lines: Sequence[Line]) -> list[TextFormat]:
    """Lines that agree in time and level, with varying numbers of words between them."""
    groups: dict[tuple[str, ...], list[Line]] = defaultdict(list)
    for line in lines:
        time, level = line.has("time"), line.has("level")
        if time == 0 and level > 1:
            ends = (
                squeezed(line.tokens[0].before),
                squeezed(line.after(0)),
                squeezed(line.tokens[level].before),
            )
            groups[(*ends, squeezed(line.after(level)).strip())].append(line)
    if not groups:
        return []
    group = max(groups.values(), key=len)
    if len(group) < 3 or not all(line.tokens[line.has("level")].text.isupper() for line in group):
        return []
    first = group[0]
    front = [
        *([Piece(first.tokens[0].before)] if first.tokens[0].before else []),
        Piece("", "time"),
        Piece(squeezed(first.after(0))),
    ]
    if not any(line.text[line.tokens[line.has("level")].end :].strip() for line in group):
        ending = ending_of([line.text for line in group], date.today())
        return [_of_pieces([*front, *ending.pieces], group)] if ending else []
    pieces = [
        *front,
        Piece(r".+?", "thread"),
        Piece(squeezed(first.tokens[first.has("level")].before)),
        Piece("", "level", right=True),
    ]
    return [_format(pieces, group, [line.has("level") for line in group], Namer())]


def _made(lines: Sequence[Line], telling: list[int]) -> list[TextFormat]:
    """The format of lines that agree up to the last of the `telling` tokens."""
    pieces: list[Piece] = []
    namer = Namer()
    for n in telling:
        tokens = [line.tokens[n] for line in lines]
        before = gap([token.before for token in tokens])
        if before.text:
            if before.padded_before and pieces:
                pieces[-1] = Piece(pieces[-1].text, pieces[-1].field, pieces[-1].left, right=True)
            pieces.append(Piece(before.text))
        kind = tokens[0].kind
        if kind == "field":
            kind = namer.name([token.text for token in tokens], before.text)
        texts = [token.text for token in tokens]
        own = ""
        if kind == "level" and all(
            len(text) == 1 and text.isascii() and not text.isdecimal() for text in texts
        ):
            own = "[A-Z]"
        elif kind == "level" and all(text.isdecimal() for text in texts):
            own = r"\d+"
        blank_start = n == 0 and not before.text and any(token.before for token in tokens)
        pieces.append(Piece(own, kind, left=before.padded_after or blank_start))
    return [_format(pieces, lines, [telling[-1]] * len(lines), namer)]


def _format(pieces: list[Piece], lines: Sequence[Line], at: list[int], namer: Namer) -> TextFormat:
    """The template after its identifying part: columns as long as they look like fields, then the message."""
    most = MOST
    while True:
        trying = copy.deepcopy(namer)
        made = list(pieces)
        found = add_columns(made, lines, at, trying, most)
        form = _of_pieces(trying.settled(made), lines)
        if not found or sum(bool(form.whole.match(line.text)) for line in lines) >= _WHOLE * len(lines):
            return _with_ending(trying.settled(made), lines) or form
        most = found - 1


_ENDINGS = (
    # what follows a message, and its format
    (re.compile(r" \([\w./\\<>-]+\.py:\d+\)$"), (" (", "file", ":", "line", ")")),
    (re.compile(r" \[in [^\]]+:\d+\]$"), (" [in ", "pathname", ":", "line", "]")),
    (re.compile(r" \[[\w./\\<>-]+\.py:\d+\]$"), (" [", "file", ":", "line", "]")),
    (re.compile(r" - [\w./\\<>-]+\.py:\d+$"), (" - ", "file", ":", "line")),
)
_LOGGER_ENDINGS = (
    (re.compile(r" \(([A-Za-z_][\w.$-]*)\)$"), (" (", "logger", ")")),
    (re.compile(r" \[([A-Za-z_][\w.$-]*)\]$"), (" [", "logger", "]")),
    (re.compile(r" - ([A-Za-z_][\w.$-]*)$"), (" - ", "logger")),
)
_ENDED = 0.7
"""The share of lines with the same ending if fields follow the message, whose last line may differ."""


def _with_ending(pieces: Sequence[Piece], lines: Sequence[Line]) -> TextFormat | None:
    """The format with the fields that are after the message, if nearly all lines have some."""
    if pieces[-1].field != "message":
        return None
    known = {piece.field for piece in pieces}
    enough = max(_ENDED * len(lines), 2)
    for pattern, parts in _ENDINGS:
        if not known & {"file", "line"} and sum(bool(pattern.search(line.text)) for line in lines) >= enough:
            return _of_pieces([*pieces, *map(_piece, parts)], lines)
    for pattern, parts in _LOGGER_ENDINGS:
        found = [match[1] for line in lines if (match := pattern.search(line.text))]
        if "logger" not in known and len(found) >= enough and are_loggers(found):
            return _of_pieces([*pieces, *map(_piece, parts)], lines)
    return None


def _piece(part: str) -> Piece:
    return Piece("", part) if part.isalpha() else Piece(part)


def _of_pieces(pieces: list[Piece], lines: Sequence[Line]) -> TextFormat:
    time = next((line.time for line in lines if line.time), None)
    if time and (clock := _clock_of_numbers(lines)):
        place = next(n for n, piece in enumerate(pieces) if piece.field == "time")
        pieces[place + 1 : place + 1] = [Piece(clock[-1]), Piece("", "msecs")]
        time = clock[:-1]
    made = Template(
        tuple(piece for piece in pieces if piece.field or piece.text), time_format(time) if time else None
    )
    return of_template(made, "logging", described(made), 4 + made.rank)


_SURELY_ENDS_IN_ZERO = 40
"""If none of this many numbers ends in 0, they are fractions without their trailing zeros."""
_MILLISECONDS = re.compile(r"\d{4}(.)\d\d(.)\d\d(.)\d\d:\d\d:\d\d([.,])(\d{1,3})")


def _clock_of_numbers(lines: Sequence[Line]) -> str:
    """The format of a time followed by `%(msecs)d`, and the text between them; empty if there is none.

    That number has no leading zeros. A fraction that lacks zeros lacks them at its end.
    """
    if clock := _clock_of_fractions(lines):
        return clock
    if any(line.time != ISO for line in lines if line.time):
        return ""
    found = [_MILLISECONDS.fullmatch(line.tokens[line.has("time")].text) for line in lines if line.time]
    whole = [match for match in found if match]
    fractions = [match[5] for match in whole]
    if len(whole) < len(found) or len({len(text) for text in fractions}) < 2:
        return ""
    date_mark, _, between, mark = whole[0].groups()[:4]
    zeros = any(len(text) > 1 and text.endswith("0") for text in fractions)
    if not zeros and (between == "T" or len(fractions) > _SURELY_ENDS_IN_ZERO):
        return ""
    return f"%Y{date_mark}%m{date_mark}%d{between}%H:%M:%S{mark}"


_WHOLE_MILLISECONDS = re.compile(r"(?P<clock>.*\d)(?P<mark>[.,])\d{1,3}\.\d+")


def _clock_of_fractions(lines: Sequence[Line]) -> str:
    """The format of a time followed by `%(msecs)s`, which has a fraction itself; empty if there is none."""
    timed = [line for line in lines if line.time]
    found = [_WHOLE_MILLISECONDS.fullmatch(line.tokens[line.has("time")].text) for line in timed]
    whole = [match for match in found if match]
    if not whole or len(whole) < len(found):
        return ""
    mark, form = whole[0]["mark"], timed[0].time
    if form != ISO:
        return form.removesuffix("%f") if form.endswith(f"{mark}%f") else ""
    shape = re.fullmatch(r"\d{4}(.)\d\d(.)\d\d(.)\d\d:\d\d:\d\d", whole[0]["clock"])
    return f"%Y{shape[1]}%m{shape[2]}%d{shape[3]}%H:%M:%S{mark}" if shape else ""
