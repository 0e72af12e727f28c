"""A line cut into tokens: a time, a level, fields, and the separators between them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from engine.log import levels
from engine.log.formats.naming import PATH, PROCESS, THREAD
from engine.log.known_times import find_time

_HEAD = 240
"""Characters of a line that are searched for fields."""
MOST = 9
"""The most fields that are searched for in a line."""
_SCOPE = "<(?:module|lambda|listcomp|genexpr|dictcomp|setcomp|string|stdin)>"
_MARK = "[#*=~]"
"""What a level may stand between: #ERROR#."""
_SEPARATOR = re.compile(
    rf"(?:(?!{_SCOPE}|/(?:[\w.-]+/)*[\w-]+\.py\b)[\s\[\](){{}}<>|;:/,]|(?<=\s)[-–—=*>#~»›→⇒•·]+(?=\s)"
    rf"|{_MARK}+(?=(?:{levels.UPPER_WORDS}){_MARK})|(?<=[A-Z]){_MARK}+(?=\s))+"
)
_FIELD = re.compile(
    rf"{THREAD}(?![\w.-])|{PROCESS}(?!\w)|{PATH}|{_SCOPE}|[^\s\[\](){{}}<>|;:/,]+(?:(?<=\.){_SCOPE})?"
)
_JOINED = {
    # separators without blanks, and what is between them
    "-": (re.compile(r"[\s:]*-[\s:]*"), re.compile(r"[^\s-]+")),
    "_": (re.compile(r"_"), re.compile(r"[^\s_]+")),
}
_WORDS = (levels.UPPER_WORDS, levels.UPPER_WORDS.lower(), levels.UPPER_WORDS.title())
_LEVEL = re.compile(rf"(?:Level -?\d+|{'|'.join(_WORDS)}|{levels.ICON})(?![\w.])")
_JOINED_LEVEL = re.compile(
    rf"(?:(?<=-)(?:{levels.UPPER_WORDS})(?=-\S)|(?<![^_])(?:{levels.UPPER_WORDS})(?=_\S))"
)
_LETTER = re.compile(rf"[{''.join(levels.LETTERS)}](?=[\s\]|:,)>])")
_OPENING = re.compile(
    rf"(?:[^\w\s\[(<{{|*/.]+\s)?[\[(<{{|*\s]*(?:{_MARK}+(?=(?:{levels.UPPER_WORDS}){_MARK}))?"
)
_LEADING_LETTER = re.compile(r"[DIWECFVT](?=[ /:|\]])")
_LEADING_NUMBER = re.compile(r"(?:5|10|20|25|30|40|50)(?=[ :|\]])")
_FRACTION_TWICE = re.compile(
    r"(?<=[.,]\d{3})\.\d+(?![\w.])|(?<=[.,]\d\d)\.\d+(?![\w.])|(?<=[.,]\d)\.\d+(?![\w.])"
)
"""The rest of `%(msecs)s`, a number of milliseconds with a fraction of its own."""
_BESIDE = 12
"""Characters behind an icon in which a word may say the level."""
_LED = 0.8
"""The share of lines that must begin with a level's letter or number for it to count as one."""
_TIME_WITHIN = 5
"""The time must be among this many fields."""


@dataclass(frozen=True, slots=True)
class Token:
    """A time, a level or another field of a line."""

    kind: str
    """`time`, `level` or `field`."""
    text: str
    before: str
    """The separator in front of it."""
    end: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line and its tokens."""

    text: str
    tokens: tuple[Token, ...]
    time: str
    """The format of its time, empty if it has none."""
    tail: str
    """The separator after the last token."""

    def has(self, kind: str) -> int:
        """The index of the time or the level, -1 if there is none."""
        return next((n for n, token in enumerate(self.tokens) if token.kind == kind), -1)

    def after(self, n: int) -> str:
        """The separator after token `n`."""
        return self.tokens[n + 1].before if n + 1 < len(self.tokens) else self.tail


@dataclass(frozen=True, slots=True)
class Shape:
    """What the lines of a file have in common, which decides what counts as a level or a separator."""

    lead: re.Pattern[str] | None = None
    """A level that lines begin with: a letter or a number."""
    joint: str = ""
    """A dash or underscore that separates fields without blanks."""


def shape_of(lines: Sequence[str]) -> Shape:
    """The shape of lines that could begin a record."""
    heads = [line for line in lines if line and not line[0].isspace()]
    lead = next((pattern for pattern in (_LEADING_LETTER, _LEADING_NUMBER) if _leads(heads, pattern)), None)
    joined = [found for line in heads if (found := _JOINED_LEVEL.search(line[:_HEAD]))]
    joints = Counter(found.string[found.end()] for found in joined).most_common(1)
    return Shape(lead, joints[0][0] if joints and joints[0][1] >= _LED * len(heads) else "")


def _leads(lines: Sequence[str], pattern: re.Pattern[str]) -> bool:
    found = [match[0] for line in lines if (match := pattern.match(line))]
    return len(set(found)) > 1 and len(found) >= _LED * len(lines)


def cut(text: str, today: date, shape: Shape = Shape()) -> Line | None:
    """A line as tokens; None if a record cannot begin like this."""
    head = text[:_HEAD]
    if not head.strip() or head.startswith('{"'):
        return None
    tokens: list[Token] = []
    time = ""
    opening = _OPENING.match(head)
    at = opening.end() if opening else 0
    before = head[:at]
    separators, fields = _JOINED.get(shape.joint, (_SEPARATOR, _FIELD))
    while at < len(head) and len(tokens) < MOST:
        end, kind = at, "field"
        if (
            not time
            and len(tokens) < _TIME_WITHIN
            and not is_basic(tokens)
            and (found := find_time(head, at, today))
        ):
            time, end = found
            kind = "time"
            if fraction := _FRACTION_TWICE.match(head, end):
                end = fraction.end()
        elif not any(token.kind == "level" for token in tokens) and (
            level := _level_at(head, at, tokens, today, shape)
        ):
            end, kind = level, "level"
        elif field := fields.match(head, at):
            end = field.end()
        if end == at:
            break
        tokens.append(Token(kind, head[at:end], before, end))
        separator = separators.match(head, end)
        at = separator.end() if separator else end
        before = separator[0] if separator else ""
        if not separator and at < len(head):
            follows = fields.match(head, at) and kind != "field"
            if not follows:
                break
    return Line(text, tuple(tokens), time, before)


def is_basic(tokens: Sequence[Token]) -> bool:
    """Whether a line begins as with `basicConfig`, so that a time is part of the message."""
    return len(tokens) > 2 and tokens[0].kind == "level" and all(token.before == ":" for token in tokens[1:3])


def _level_at(head: str, at: int, tokens: list[Token], today: date, shape: Shape) -> int:
    """The end of a level that begins here, 0 if none does. A single letter counts beside the time."""
    if shape.lead and not tokens and (found := shape.lead.match(head, at)):
        return found.end()
    if shape.joint and (found := _JOINED_LEVEL.match(head, at)):
        return found.end()
    if found := _LEVEL.match(head, at):
        beside = found[0][0] in levels.ICONS and _LEVEL.search(head, found.end(), found.end() + _BESIDE)
        return 0 if beside else found.end()
    if _LETTER.match(head, at):
        if tokens and tokens[-1].kind == "time":
            return at + 1
        separator = _SEPARATOR.match(head, at + 1)
        if not tokens and separator and find_time(head, separator.end(), today):
            return at + 1
    return 0


def squeezed(separator: str) -> str:
    """A separator with runs of blanks reduced to one."""
    return re.sub(r" +", " ", separator)


def core(separator: str) -> str:
    """A separator without its blanks, which may pad adjacent fields; one blank if it is blank."""
    return separator.replace(" ", "") or separator[:1]


@dataclass(frozen=True, slots=True)
class Gap:
    """The separator between two fields in lines of one format."""

    text: str
    padded_before: bool = False
    """Whether blanks pad the field before it."""
    padded_after: bool = False


def gap(separators: Sequence[str]) -> Gap:
    """The common form of separators with one core: varying numbers of blanks pad a field."""
    if not separators:
        return Gap("")
    if not separators[0].strip(" "):
        widths = {len(text) for text in separators}
        return Gap(" " * min(1, *widths), len(widths) > 1)
    before = {len(text) - len(text.lstrip(" ")) for text in separators}
    after = {len(text) - len(text.rstrip(" ")) for text in separators}
    inner = squeezed(Counter(text.strip(" ") for text in separators).most_common(1)[0][0])
    text = " " * min(1, *before) + inner + " " * min(1, *after)
    return Gap(text, len(before) > 1, len(after) > 1)


def common_start(texts: Sequence[str], share: float) -> str:
    """The common beginning of all but a few texts; one without the blanks at its end counts too."""
    counts = Counter(texts)
    best = counts.most_common(1)[0][0] if counts else ""
    enough = share * len(texts)
    while best and sum(
        n for text, n in counts.items() if text.startswith(best) or text == best.rstrip(" ")
    ) < (enough):
        best = best[:-1]
    return best
