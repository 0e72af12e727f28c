"""The rows of a log near the screen: text, level, fields."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import groupby, islice
from typing import ClassVar, TypeAlias

from engine.log.chunk import NO_TIME
from engine.log.display import stripped
from engine.log.formats.format import Fields
from engine.log.log import Line, Log
from engine.log.recogniser import CONTINUATION, level_in
from engine.log.source import Replaced
from engine.log.tasks import Written
from engine.log.zones import AS_WRITTEN, in_zone, zone_named
from engine.query.codec import travels
from engine.query.log.opened import Logs, logs_of
from engine.query.log.rows import Rows
from engine.query.log.spec import NO_PATTERN, AboutLog, LogPattern, LogWanted
from engine.query.request import Steps, Urgency
from engine.query.sources import Sources

COLUMNS = ("time", "level", "logger", "process", "thread", "task", "message")
"""The data of a row besides its text."""
ESCAPE = "\x1b"
MOST_SPANS = 200
"""The most hits that are reported for a line."""
NEAR = 1 << 17
"""Bytes that may be unread without showing the last lines before their numbers are known."""
LOOK_BACK = 400
"""Lines above the first one that are searched for its level before the index gets there."""


Shown: TypeAlias = tuple[int, Line, int]
"""A file, a line of it, and the code of its record."""


@travels
@dataclass(frozen=True)
class LogPage:
    """Some rows, and the total number."""

    generation: int
    total: int
    """Known rows."""
    exact: bool
    """Whether row numbers are known; if not, these are the last rows, after an unknown number."""
    first: int
    files: bytes
    numbers: bytes
    """The number of each line, counted from 0, as 64-bit integers."""
    texts: tuple[str, ...]
    levels: bytes
    """The level of each line, which is that of its record."""
    starts: bytes
    """1 if the line starts a record."""
    times: bytes
    """Microseconds on the writer's clock as 64-bit integers; `NO_TIME` if there is none."""
    sizes: bytes
    """The full length of each line as 64-bit integers."""
    cells: tuple[tuple[str, ...], ...]
    """By `COLUMNS`; empty for a line that does not start a record."""
    left: int
    """The character that the texts begin with."""
    spans: tuple[tuple[int, ...], ...]
    """The hits of the search in each text: pairs of begin and end."""
    again: bytes = b""
    """1 if a line is of a retried task, 2 if it is the first one after a run was resumed; may be shorter."""
    matched: tuple[tuple[int, ...], ...] = ()
    """Likewise what passes the filter in each text; may be shorter."""


NO_PAGE = LogPage(0, 0, True, 0, b"", b"", (), b"", b"", b"", b"", (), 0, ())


@travels
@dataclass(frozen=True)
class LookAtLog(AboutLog[LogPage]):
    """`count` rows from `first` on, or the last ones, as far as the filter's result is known."""

    urgency: ClassVar[Urgency] = Urgency.ROWS
    wanted: LogWanted
    first: int
    count: int
    at_end: bool = False
    left: int = 0
    ansi: bool = False
    zone: str = AS_WRITTEN
    pattern: LogPattern = NO_PATTERN
    """The search whose hits are reported; for a regular expression, as far as the search has got."""
    only_hits: bool = False
    """Only the rows with a hit, as far as the search has got."""

    def steps(self, sources: Sources) -> Steps[LogPage]:
        logs = logs_of(sources, self.ref)
        yield
        logs.look()
        whole = self.wanted == LogWanted() and not logs.merges and not self.only_hits
        if whole and (early := self._tail(logs) if self.at_end else self._head(logs)):
            return early
        rows = logs.hit_rows(self.wanted, self.pattern) if self.only_hits else logs.rows(self.wanted)
        total = rows.total()
        first = total - self.count if self.at_end else self.first
        first = max(min(first, total - self.count), 0)
        made = list(lines_in(logs, rows, first, self.count, self.left, ansi=self.ansi))
        return self._page(logs, total, first, made, exact=True)

    def _head(self, logs: Logs) -> LogPage | None:
        """The first lines, before anything but the encoding is known."""
        log = logs.files[0].log
        if self.first or log is None or log.has_formats:
            return None
        made = [(0, line, line.code) for line in log.first_lines(self.count)]
        total = max(_guess(logs, [line for _, line, _ in made]), len(made))
        return self._page(logs, total, 0, made, exact=True)

    def _tail(self, logs: Logs) -> LogPage | None:
        """The last lines, while their number is unknown. If little is unread, it soon will be known."""
        log = logs.files[-1].log
        unread = 0 if log is None else (log.source.end() or 0) - log.lines.end
        if log is None or logs.complete or unread <= (NEAR if log.lines.end else 0):
            return None
        lines = log.last_lines(self.count + LOOK_BACK)
        if not lines:
            return None
        made = [(len(logs.files) - 1, line, code) for line, code in _with_codes(lines)]
        total = max(_guess(logs, lines), len(made))
        made = made[-self.count :]
        return self._page(logs, total, total - len(made), made, exact=False)

    def _page(self, logs: Logs, total: int, first: int, made: Sequence[Shown], *, exact: bool) -> LogPage:
        zone = zone_named(self.zone)
        left = self.left if exact else 0
        times = array("q", [NO_TIME]) * len(made)
        cells: list[tuple[str, ...]] = []
        again = bytearray(len(made))
        for n, (file, line, _) in enumerate(made):
            fields = _fields(logs.files[file].log, line, left, exact=exact)
            if fields and fields.time:
                times[n] = fields.time.wall
            offset = _offset(logs.files[file].log, line) if fields and exact else None
            written = _written(logs.files[file].log, offset)
            resumed = _goes_on(logs.files[file].log, offset)
            again[n] = 2 if resumed else written is not None and written.attempt > 1
            cells.append(_cells(fields, zone, written) if fields else ())
        return LogPage(
            logs.generation,
            total,
            exact,
            first,
            bytes(file for file, _, _ in made),
            array(
                "q", [line.number if exact else first + n for n, (_, line, _) in enumerate(made)]
            ).tobytes(),
            tuple(line.text for _, line, _ in made),
            bytes(level_in(code) if code != CONTINUATION else 0 for _, _, code in made),
            bytes(line.code != CONTINUATION for _, line, _ in made),
            times.tobytes(),
            array("q", [line.size for _, line, _ in made]).tobytes(),
            tuple(cells),
            left,
            tuple(self._spans(logs, file, line, exact=exact) for file, line, _ in made),
            bytes(again),
            tuple(self._matched(logs, file, line, exact=exact) for file, line, _ in made)
            if self.wanted.shows
            else (),
        )

    def _matched(self, logs: Logs, file: int, line: Line, *, exact: bool) -> tuple[int, ...]:
        """What passes the filter in a line; a regular expression is used only where it was quick before."""
        log = logs.files[file].log
        known = log is not None and exact and line.number < log.records.lines
        start = log.records.start_of(line.number) if log and known else 0
        passed = known and bool(logs.kept(self.wanted)[file].records.mask(start, start + 1)[0])
        text = plain(line.text)
        spans = (
            span
            for pattern in self.wanted.shows
            if passed or not pattern.can_take_long
            for span in pattern.made().spans(text)
        )
        return tuple(place for span in islice(spans, MOST_SPANS) for place in span)

    def _spans(self, logs: Logs, file: int, line: Line, *, exact: bool) -> tuple[int, ...]:
        """The hits in a line."""
        pattern = self.pattern
        if not pattern.text:
            return ()
        if pattern.can_take_long:
            hits = logs.kept(pattern)[file].records
            if not exact or hits.after(line.number) != line.number:
                return ()
        found = islice(pattern.made().spans(plain(line.text)), MOST_SPANS)
        return tuple(place for span in found for place in span)


def lines_in(
    logs: Logs, rows: Rows, first: int, count: int, left: int = 0, *, ansi: bool = False
) -> Iterator[Shown]:
    """The lines in some rows, each with the code of its record."""
    places = rows.places(first, count)
    for file, group in groupby(places, key=lambda place: place[0]):
        log = logs.files[file].log
        if log is None:
            continue
        lines = log.some([line for _, line in group], left, ansi=ansi)
        above, code = -2, CONTINUATION
        for line in lines:
            if line.code != CONTINUATION:
                code = line.code
            elif above != line.number - 1:
                code = _code_of_record(log, line.number)
            above = line.number
            yield file, line, code


def _code_of_record(log: Log, line: int) -> int:
    """The code of the record of a line, as far as known."""
    known = log.records.lines
    if not known:
        return CONTINUATION
    if line >= known and any(log.recogniser.code(above.text) != CONTINUATION for above in log.page(known, 1)):
        return CONTINUATION
    return int(log.records.codes(log.records.start_of(min(line, known - 1)), 1)[0])


def _with_codes(lines: Sequence[Line]) -> Iterator[tuple[Line, int]]:
    code = CONTINUATION
    for line in lines:
        if line.code != CONTINUATION:
            code = line.code
        yield line, code


def _guess(logs: Logs, tail: Sequence[Line]) -> int:
    """An estimate of the number of lines: by those known, else by the length of the last ones."""
    size = sum(line.size + 1 for line in tail) / max(len(tail), 1) or 1
    lines = 0
    for file in logs.files:
        if log := file.log:
            known, end = log.lines.end, log.source.end() or log.lines.end
            lines += round(log.lines.count * end / known if log.lines.count else end / size)
    return lines


def plain(text: str) -> str:
    """A text without escape sequences."""
    if ESCAPE not in text:
        return text
    return stripped(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")


def _fields(log: Log | None, line: Line, left: int, *, exact: bool) -> Fields | None:
    """The fields of a line that starts a record."""
    if log is None or line.code == CONTINUATION:
        return None
    form = log.format_of(line.code)
    if form is None:
        return None
    text = (
        stripped(line.text.encode("utf-8", "replace")).decode("utf-8") if ESCAPE in line.text else line.text
    )
    if exact and (left or line.cut):
        try:
            text = log.line(line.number, 0, 1 << 16)
        except Replaced:
            return None
    return form.fields([text], log.today)


def _offset(log: Log | None, line: Line) -> int | None:
    """The offset of a line in the log of a run."""
    if log is None or log.tasks is None or line.number >= log.lines.count:
        return None
    try:
        return log.lines.offset(log.source, line.number)
    except Replaced:
        return None


def _written(log: Log | None, offset: int | None) -> Written | None:
    """The writer of the record at a place, if the run knows."""
    return log.tasks.at(offset) if log and log.tasks and offset is not None else None


def _goes_on(log: Log | None, offset: int | None) -> bool:
    """Whether the run was resumed with the record at a place."""
    return bool(log and log.tasks and offset is not None and offset in log.tasks.resumes)


def _cells(fields: Fields, zone: tzinfo | None, written: Written | None) -> tuple[str, ...]:
    time = _clock(in_zone(fields.time, zone).time) if fields.time else ""
    guessed = " ?" if fields.time and fields.time.guessed else ""
    task = written.task if written and fields.task is None else fields.task
    if written and written.attempt > 1:
        task = f"{task} (attempt {written.attempt})"
    values = (fields.level_text, fields.logger, fields.process, fields.thread, task)
    return (
        time + guessed,
        *("" if value is None else str(value) for value in values),
        fields.message.split("\n", 1)[0],
    )


def _clock(time: datetime) -> str:
    """A time for a column: with microseconds only if it has any."""
    fine = "seconds" if not time.microsecond else "milliseconds" if not time.microsecond % 1000 else "auto"
    return time.isoformat(" ", fine)
