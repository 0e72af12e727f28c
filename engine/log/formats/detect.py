"""Detects the formats of a file, by the votes of sample lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from engine.log.exceptions import Traceback
from engine.log.formats.dicts import DictFormat
from engine.log.formats.format import Format, TextFormat
from engine.log.formats.indented import IndentedJson, infer_indented
from engine.log.formats.infer import infer
from engine.log.formats.journal import JOURNAL, JournalExport
from engine.log.formats.known import BUILT_IN, structlog_with
from engine.log.formats.plain import PlainFormat
from engine.log.formats.rows import CsvFormat, infer_rows
from engine.log.formats.structured import LEVELS, PairsFormat, Paths
from engine.log.formats.two_lines import TwoLines

MOST_LINES = 2000
"""Lines that vote."""
MOST_FORMATS = 20
_STRONG = 0.005
"""The share of possible first lines that a format with time and level needs to be the first of a file."""
_WEAK = 0.25
"""The same for formats with less information."""
_FURTHER = 0.01
_FEW = 10
"""Below this number of lines, one line is enough for a further format."""
_LOW_LEVEL = re.compile(r"\d \[[a-z]+ *\] ")
"""A level behind a time as structlog writes it."""
_SHORT = 4_000
"""Characters of a line that text formats are tried on."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A format of a file, and the sample lines it was chosen for."""

    format: Format
    votes: int


@dataclass(frozen=True)
class Detection:
    """The formats of the file, in the order in which they are tried, and how certain that is."""

    formats: tuple[Ranked, ...]
    candidates: int
    """Sample lines that could begin a record."""
    misfits: tuple[str, ...] = ()
    """Some of those that match no format."""
    given: bool = False

    @property
    def sure(self) -> float:
        """The share of possible first lines that match one of the formats."""
        return sum(ranked.votes for ranked in self.formats) / self.candidates if self.candidates else 0.0


@lru_cache(maxsize=1)
def known_formats() -> tuple[Format, ...]:
    """The formats that are known by name."""
    made: list[Format] = [definition.compiled() for definition in BUILT_IN]
    pairs = "key=value pairs (logfmt, structlog's KeyValueRenderer)"
    made.append(PairsFormat("key-value", pairs, 12, paths=Paths(level=(*LEVELS, "at"))))
    made.append(DictFormat("dict", "the repr of a dict", 4, guesses=True))
    made += [JOURNAL, JournalExport(), TwoLines()]
    return tuple(made)


def named(name: str, own: Sequence[Format] = ()) -> Format | None:
    """The format with this name, the user's own first."""
    return next((form for form in (*own, *known_formats(), PlainFormat()) if form.name == name), None)


def format_names() -> list[str]:
    """The names of all formats that are not the user's own."""
    return list(dict.fromkeys([*(form.name for form in known_formats()), PlainFormat().name]))


def detect(lines: Sequence[str], today: date, own: Sequence[Format] = ()) -> Detection:
    """The formats that explain most lines: first the one that explains the most, then others for the rest."""
    lines = lines[:MOST_LINES]
    candidates = _candidates(lines)
    if not candidates:
        return Detection((), 0)
    short = [line[:_SHORT] for line in lines]
    outside = _outside_of_tracebacks(short)
    inferred = infer(outside, today)
    bracketed = any(_LOW_LEVEL.search(line) for line in outside)
    times = {form.time.text for form in inferred if form.time} if bracketed else set[str]()
    consoles = [structlog_with(time).compiled() for time in sorted(times)]
    pool = [*own, *known_formats(), *inferred, *infer_rows(outside, today), *consoles]
    pool += infer_indented(lines)
    votes = [_votes(form, lines, short, today) for form in pool]
    left = set(range(len(lines)))
    chosen: list[Ranked] = []
    while len(chosen) < MOST_FORMATS:
        best = _best(pool, votes, left)
        if best is None:
            break
        gained = votes[best] & left
        share = _FURTHER if chosen else _STRONG if _is_strong(pool[best]) else _WEAK
        if len(gained) < max(share * len(candidates), 2 if chosen and len(candidates) >= _FEW else 1):
            break
        chosen.append(Ranked(pool[best], len(gained)))
        left -= gained
    if not chosen:
        return _plain(lines, candidates)
    misfits = [lines[n] for n in candidates if n in left]
    total = len(candidates | (set(range(len(lines))) - left))
    return Detection(tuple(chosen), total, tuple(misfits[:10]))


def _is_strong(form: Format) -> bool:
    """Whether lines that match it are hardly ever anything else."""
    return not isinstance(form, TextFormat) or (form.says_level and form.time is not None)


def _best(pool: Sequence[Format], votes: Sequence[set[int]], left: set[int]) -> int | None:
    """The format that explains the most of the rest; among similar ones, the most informative."""
    gains = [len(voted & left) for voted in votes]
    most = max(gains, default=0)
    if not most:
        return None
    leader = pool[gains.index(most)]
    vague = isinstance(leader, TextFormat) and leader.template is not None and not leader.says_level
    near = [
        n
        for n, gain in enumerate(gains)
        if gain >= 0.9 * most or (vague and _is_strong(pool[n]) and gain >= 0.5 * most)
    ]
    return max(near, key=lambda n: (pool[n].rank, gains[n], -n))


def _candidates(lines: Sequence[str]) -> set[int]:
    """Lines that could begin a record: not blank, not indented, and not part of a traceback."""
    trace = Traceback()
    found: set[int] = set()
    for n, line in enumerate(lines):
        inside = trace.goes_on(line) or trace.inside or line.startswith("Caused by: ")
        if line.strip() and not line[0].isspace() and not inside:
            found.add(n)
    return found or {n for n, line in enumerate(lines) if line.strip()}


def _outside_of_tracebacks(lines: Sequence[str]) -> list[str]:
    trace = Traceback()
    return [line for line in lines if not trace.goes_on(line) and not trace.inside]


def _votes(form: Format, lines: Sequence[str], short: Sequence[str], today: date) -> set[int]:
    """The lines that begin a record of this format; none if their content makes no sense."""
    texts = short if isinstance(form, TextFormat) else lines
    voted = {n for n, line in enumerate(texts) if line and form.level(line) >= 0}
    if isinstance(form, IndentedJson):
        return _inside(voted, lines)
    if isinstance(form, CsvFormat) and form.is_late:
        return _in_rows(voted, lines)
    if isinstance(form, TwoLines):
        below = {n + 1 for n in voted if n + 1 < len(lines)}
        said = {n for n in below if form.late_level(short[n], 1) >= 0}
        return voted | said if len(said) >= 0.7 * len(below) > 0 else set()
    if isinstance(form, TextFormat) and voted:
        whole = {n for n in voted if form.whole.match(short[n])}
        if len(whole) < 0.7 * len(voted):
            return set()
        tried = sorted(whole)[:50]
        if form.says_level:
            good = sum(_level_known(form, short[n]) for n in tried)
            if good < 0.6 * len(tried):
                return set()
        if sum(form.says_time(short[n], today) for n in tried) < 0.8 * len(tried):
            return set()
    return voted


def _inside(starts: set[int], lines: Sequence[str]) -> set[int]:
    """The lines of objects, and the brackets of the array around them."""
    first = min(starts, default=len(lines))
    return {n for n, line in enumerate(lines) if n >= first or line.strip() == "["}


def _in_rows(starts: set[int], lines: Sequence[str]) -> set[int]:
    """The lines of rows, up to the line that ends the quotes which the first one opens."""
    found: set[int] = set()
    is_open = False
    for n, line in enumerate(lines):
        if is_open or n in starts:
            found.add(n)
            is_open ^= line.count('"') % 2 == 1
    return found


def _level_known(form: TextFormat, line: str) -> bool:
    from engine.log import levels

    text = form.fields([line], date.today()).level_text
    return text is not None and (form.level(line) > 0 or levels.is_level(text))


def _plain(lines: Sequence[str], candidates: set[int]) -> Detection:
    """Plain text, unless it is not text at all."""
    sample = "".join(lines)[:20_000]
    odd = sum(not char.isprintable() and char not in "\t\x0b\x0c\x1b" for char in sample)
    if odd > 0.1 * len(sample):
        return Detection((), len(candidates))
    return Detection((Ranked(PlainFormat(), len(candidates)),), len(candidates))
