"""Finds the record starts, levels and times in thousands of lines at once, with numpy.

Whatever `Prefix` accepts as a start, the format's own pattern accepts too, with the same level. Lines that it
does not accept are left to the pattern. So the answer is always the same, only faster.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.log import levels
from engine.log.formats.format import TextFormat
from engine.log.formats.template import Piece
from engine.log.times import ISO

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]
NO_TIME = np.iinfo(np.int64).min
PADDING = 256
"""Bytes after the lines that may be read."""
_LONGEST_WORD = 80
_MOST_BLANKS = 40
_WORD_FIELDS = {"logger", "word", "module", "function", "funcName", "host", "task", "process", "thread"}
"""Fields that end before the first blank or literal, if what follows fits there."""
_NUMBER_FIELDS = {"pid", "tid", "line", "lineno"}
_WORD_CHARS = np.zeros(256, bool)
_WORD_CHARS[[byte for byte in range(256) if chr(byte).isalnum() or byte in b"_." or byte > 127]] = True


def _u64(data: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(data, "little"))


@dataclass(frozen=True)
class _Fixed:
    """Bytes at fixed positions: `d` stands for a digit, anything else for itself."""

    shape: bytes

    @cached_property
    def words(self) -> list[tuple[int, np.uint64, np.uint64, np.uint64, np.uint64]]:
        """For every 8 bytes: their position, which of them count, their values, and a mask of the digits."""
        size = len(self.shape)
        places = [*range(0, size - 7, 8), size - 8] if size >= 8 else [0]
        made: list[tuple[int, np.uint64, np.uint64, np.uint64, np.uint64]] = []
        for at in dict.fromkeys(places):
            part = self.shape[at : at + 8]
            keep = bytes(0xF0 if byte == ord("d") else 0xFF for byte in part)
            want = bytes(0x30 if byte == ord("d") else byte for byte in part)
            low = bytes(0x0F if byte == ord("d") else 0 for byte in part)
            six = bytes(0x06 if byte == ord("d") else 0 for byte in part)
            made.append((at, _u64(keep), _u64(want), _u64(low), _u64(six)))
        return made

    def matches(self, words: Words, at: Ints) -> NDArray[np.bool_]:
        good: Any = True
        for offset, keep, want, low, six in self.words:
            word = words[at + offset]
            good = good & ((word & keep) == want)
            if low:
                good = good & ((((word & low) + six) & np.uint64(0x1010101010101010)) == 0)
        return good


@dataclass(frozen=True)
class _Level:
    """A level by its names, followed by something that is not part of a word."""

    names: tuple[str, ...]
    frequent: tuple[str, ...]
    """The names in the samples."""
    after: bytes
    """What follows, except for blanks."""

    def read(self, data: NDArray[np.uint8], words: Words, at: Ints) -> tuple[Ints, Ints]:
        """The level at each position, -1 for none, and its end."""
        word = words[at]
        level, size = _named(word, self.frequent)
        left = np.flatnonzero(size == 0)
        if len(left):
            rare, length = _named(word[left], self.names)
            level[left], size[left] = rare, length
        end = at + size
        level[_WORD_CHARS[data[end]]] = -1
        if self.after:
            behind = end.copy()
            for _ in range(12):
                blank = (data[behind] == 32) | (data[behind] == 9)
                if not blank.any():
                    break
                behind += blank
            level[~_Fixed(self.after).matches(words, behind)] = -1
        return level, end


def _named(word: Words, names: Sequence[str]) -> tuple[Ints, Ints]:
    """The level and the length of the name that each word begins with; -1 and 0 if it is none of them."""
    level = np.full(len(word), -1, np.int64)
    size = np.zeros(len(word), np.int64)
    for n, name in enumerate(names):
        raw = name.encode()
        hit = (word & _u64(b"\xff" * len(raw))) == _u64(raw)
        if any(longer.startswith(name) for longer in names[:n]):
            hit &= size == 0
        level += hit * (levels.level_of(name) + 1)
        size += hit * len(raw)
    return level, size


@dataclass(frozen=True)
class _Word:
    """A run of digits, or of ASCII characters that are not blank, up to a literal."""

    literal: bytes
    digits: bool = False

    def ends(self, data: NDArray[np.uint8], at: Ints) -> Ints:
        """The start of the literal after the run; the position itself if the run is empty or too long."""
        before = None if self.digits else re.search(rb"[ \t]", self.literal)
        stops = np.ones(256, bool)
        stops[48 : 58 if self.digits else 128] = False
        if not self.digits:
            stops[33:48] = False
            stops[127] = True
            if not before:
                stops[self.literal[0]] = True
        end = at.copy()
        active = np.arange(len(at))
        for _ in range(_LONGEST_WORD):
            active = active[~stops[data[end[active]]]]
            if not len(active):
                break
            end[active] += 1
        end[active] = at[active]
        return end - (before.start() if before else 0)


@dataclass(frozen=True)
class _Blanks:
    """Blanks that pad a field: any number of them, or at least one."""

    least: int

    def ends(self, data: NDArray[np.uint8], at: Ints) -> Ints:
        """The end of the blanks; a smaller position if there are too few or too many."""
        end = at.copy()
        active = np.arange(len(at))
        for _ in range(_MOST_BLANKS + 1):
            active = active[data[end[active]] == 32]
            if not len(active):
                break
            end[active] += 1
        end[(end - at < self.least) | (end - at > _MOST_BLANKS)] = -1
        return end


@dataclass(frozen=True)
class _Here:
    """Where the time begins."""


@dataclass(frozen=True)
class _Clock:
    """The positions of a time's digits, from the beginning of its text."""

    date: int
    hour: int
    fraction: int
    digits: int
    zone: int
    """The position of the sign of a UTC offset, 0 if there is none."""
    colon: int

    def read(self, data: NDArray[np.uint8], words: Words, at: Ints) -> Ints:
        """Microseconds since 1970: in UTC if the text has an offset, else on its own clock."""
        pairs = _pairs(words[at + self.hour])
        number = (pairs & 0xFF) * 3600 + (pairs >> 24 & 0xFF) * 60 + (pairs >> 48 & 0xFF)
        digits = min(self.digits, 6)
        micro: Ints | int = 0
        if digits:
            kept = np.uint64((1 << 8 * digits) - 1)  # bytes after the digits count as zeros
            pairs = _pairs(words[at + self.fraction] & kept)
            micro = (pairs & 0xFF) * 10_000 + (pairs >> 16 & 0xFF) * 100 + (pairs >> 32 & 0xFF)
        return self._days(data, words, at) + number * 1_000_000 + micro - self._offset(data, at)

    def _days(self, data: NDArray[np.uint8], words: Words, at: Ints) -> Ints:
        first, rest = words[at + self.date], words[at + self.date + 2]
        new = np.ones(len(at), bool)
        new[1:] = (first[1:] != first[:-1]) | (rest[1:] != rest[:-1])
        changes = np.flatnonzero(new)
        values = np.empty(len(changes), np.int64)
        seen: dict[bytes, int] = {}
        for n, change in enumerate(changes.tolist()):
            start = int(at[change]) + self.date
            text = data[start : start + 10].tobytes()
            if text not in seen:
                seen[text] = _day(text)
            values[n] = seen[text]
        return np.repeat(values, np.diff(np.append(changes, len(at))))

    def _offset(self, data: NDArray[np.uint8], at: Ints) -> Ints | int:
        if not self.zone:
            return 0
        sign = np.where(data[at + self.zone] == ord("-"), -1, 1)
        minutes = _two(data, at + self.zone + 1) * 60 + _two(data, at + self.zone + 3 + self.colon)
        return sign * minutes * 60_000_000


def _pairs(words: Words) -> Ints:
    """Eight characters with each digit replaced by the number that it forms with the next one."""
    digits = words & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (digits * np.uint64(10) + (digits >> np.uint64(8))).view(np.int64)


def _two(data: NDArray[np.uint8], at: Ints) -> Ints:
    return (data[at] & 15).astype(np.int64) * 10 + (data[at + 1] & 15)


def _day(text: bytes) -> int:
    try:
        day = date(int(text[:4]), int(text[5:7]), int(text[8:10]))
    except ValueError:
        return NO_TIME // 2
    return (day - date(1970, 1, 1)).days * 86_400_000_000


_Step = _Fixed | _Word | _Blanks | _Level | _Here


@dataclass(frozen=True)
class Prefix:
    """The beginning of the records of a format, made from sample lines."""

    steps: tuple[_Step, ...]
    clock: _Clock | None
    aware: bool
    """Whether its times have a UTC offset."""

    def scan(self, data: bytes, starts: Ints) -> tuple[NDArray[np.int8], Ints]:
        """For lines that begin at `starts`: the level of each record, -1 if there is none, and its time."""
        padded = data + b"\0" * PADDING
        buffer = np.frombuffer(padded, np.uint8)
        words = np.ndarray((len(padded) - 7,), "<u8", padded, 0, (1,))
        level = np.full(len(starts), -1, np.int8)
        times = np.full(len(starts), NO_TIME, np.int64)
        lines = np.arange(len(starts))
        at = time = starts
        found = np.zeros(len(starts), np.int64)
        for step in self.steps:
            if isinstance(step, _Here):
                time = at
                continue
            if isinstance(step, _Fixed):
                good = step.matches(words, np.minimum(at, len(data)))
                at = at + len(step.shape)
            elif isinstance(step, _Word):
                end = step.ends(buffer, at)
                good = end > at
                at = end
            elif isinstance(step, _Blanks):
                end = step.ends(buffer, np.minimum(at, len(data)))
                good = end >= 0
                at = end
            else:
                read, at = step.read(buffer, words, np.minimum(at, len(data)))
                good = read >= 0
                found = read
            if not good.all():
                lines, at, time, found = lines[good], at[good], time[good], found[good]
        level[lines] = found
        if self.clock and len(lines):
            got = self.clock.read(buffer, words, time)
            times[lines] = np.where(got < NO_TIME // 4, NO_TIME, got)
        return level, times


def prefix_of(form: TextFormat, lines: Sequence[str]) -> Prefix | None:
    """The prefix of a format, from lines in it; None if the format has parts that numpy cannot recognize."""
    made = form.template
    matched = [found for line in lines[:500] if line.isascii() and (found := form.start.match(line))]
    if made is None or not matched:
        return None
    timed = made.time is not None and form.starts_with_time
    time = _time_shape([found["time"] for found in matched]) if timed else ""
    if timed and not (time and made.time and made.time.text == ISO):
        return None
    steps = _steps(
        made.telling, made.pieces, time, [found["level"] for found in matched] if form.says_level else []
    )
    if steps is None:
        return None
    clock = _clock(time) if time else None
    if timed and clock is None:
        return None
    return Prefix(tuple(steps), clock, bool(re.search(r"Z$|[+-]dd:?dd$", time)))


def _names(seen: Iterable[str]) -> tuple[str, ...]:
    """Names of levels that match a word, longer ones before their own beginnings."""
    usable = {name for name in seen if levels.level_of(name) and len(name) <= 8 and name.isascii()}
    return tuple(sorted(usable, key=lambda name: (-len(name), name)))


def _time_shape(texts: Sequence[str]) -> str:
    """The most frequent shape of the times, with `d` for each digit."""
    shape = Counter(re.sub(r"\d", "d", text) for text in texts).most_common(1)[0][0]
    return shape if re.match(r"dddd.dd.dd.dd:dd:dd", shape) and shape.isascii() else ""


def _steps(
    telling: Sequence[Piece], pieces: Sequence[Piece], time: str, seen: Sequence[str]
) -> list[_Step] | None:
    steps: list[_Step] = []
    padded = False
    """Whether the field before it may be followed by blanks."""
    for n, piece in enumerate(telling):
        following = pieces[n + 1] if n + 1 < len(pieces) else Piece("")
        if not piece.field:
            if "d" in piece.text or not piece.text.isascii():
                return None
            steps += _literal(piece.text, padded)
            padded = False
            continue
        if piece.left:
            steps.append(_Blanks(0))
        step = _field(piece, following, seen, last=n == len(telling) - 1)
        if piece.field == "time":
            if piece.right:
                return None
            steps += [_Here(), _Fixed(time.encode())]
        elif step is None:
            return None
        else:
            steps.append(step)
        padded = piece.right
    return _joined(steps)


def _literal(text: str, padded: bool) -> list[_Step]:
    """The step for a literal, after a field that blanks may follow."""
    if not padded:
        return [_Fixed(text.encode())]
    rest = text.lstrip(" ")
    return [_Blanks(int(rest != text)), *([_Fixed(rest.encode())] if rest else [])]


def _field(piece: Piece, following: Piece, seen: Sequence[str], *, last: bool) -> _Step | None:
    """The step for a field; None if numpy cannot find its end."""
    if piece.field == "level" and not piece.text:
        after = following.text.strip() if last and not following.field else ""
        if "d" in after:
            return None
        return _Level(_names({*seen, *levels.UPPER_WORDS.split("|")}), _names(seen), after.encode())
    if _is_word(piece) and not following.field and following.text:
        return _Word(following.text.encode(), piece.field in _NUMBER_FIELDS)
    return None


def _joined(steps: Sequence[_Step]) -> list[_Step]:
    """The steps, with adjacent fixed bytes joined into one."""
    made: list[_Step] = []
    for step in steps:
        last = made[-1] if made else None
        if isinstance(step, _Fixed) and isinstance(last, _Fixed):
            made[-1] = _Fixed(last.shape + step.shape)
        else:
            made.append(step)
    return made


def _is_word(piece: Piece) -> bool:
    return not piece.text and piece.field.rstrip("0123456789") in _WORD_FIELDS | _NUMBER_FIELDS


def _clock(shape: str) -> _Clock | None:
    found = re.fullmatch(r"dddd.dd.dd.dd:dd:dd(?:[.,](?P<fraction>d+))?(?P<zone> ?[+-]dd:?dd|Z)?", shape)
    if not found:
        return None
    zone = found["zone"] or ""
    sign = next((at for at, char in enumerate(zone) if char in "+-"), -1)
    return _Clock(
        date=0,
        hour=11,
        fraction=found.start("fraction") if found["fraction"] else 0,
        digits=len(found["fraction"] or ""),
        zone=found.start("zone") + sign if sign >= 0 else 0,
        colon=int(":" in zone),
    )
