"""`--follow`: new records, as soon as they are complete."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.cli.log.stream import named
from engine.cli.status import complain
from engine.log.filters import Filter
from engine.log.log import Log
from engine.log.recogniser import CONTINUATION
from engine.log.record import RawRecord, Record
from engine.log.rotated import rotated_to
from engine.log.source import Change, Replaced
from engine.log.times import Moment
from engine.log.walk import merged

POLL_SECONDS = 0.25


class Tail:
    """The end of a log: what has been shown of it, and what is added."""

    def __init__(self, log: Log, wanted: Filter) -> None:
        self.log = log
        self._wanted = wanted
        self._last_time: Moment | None = None
        self._shown = log.lines.ended
        self._last_fits = any(self._fits(raw, log) for raw in self._last(self._shown))

    def _last(self, end: int) -> Iterator[RawRecord]:
        """The record that ends with the lines before `end`, if there is one."""
        return self.log.walk(self.log.records.start_of(end - 1), end) if end else iter(())

    def grown(self) -> Iterator[Record]:
        """The new records, in whole lines. The last one is held back while the file grows."""
        log = self.log
        before = log.source.identity()
        try:
            change = log.refresh()
        except OSError as error:
            complain(f"{log.name} cannot be read: {error.strerror}.")
            return
        if change in (Change.REPLACED, Change.GONE):
            if before and (rotated := rotated_to(log.path, before)):
                yield from self._end_of(rotated)
            what = "was replaced or cut" if change is Change.REPLACED else "is gone"
            complain(f"{log.name} {what}.")
            self._shown = 0
        if change is Change.GONE:
            return
        log.read_all()
        if log.tasks:
            log.tasks.refresh()
        ended = log.lines.ended
        last = ended if change is Change.NONE else log.records.start_of(max(ended - 1, 0))
        yield from self._between(log, self._shown, last)

    def _end_of(self, rotated: Path) -> Iterator[Record]:
        """What was still written into the file before it got another name."""
        try:
            log = Log(rotated, self.log.reading)
            log.read_all()
        except OSError:  # it has been rotated on
            return
        log.name = self.log.name
        yield from self._between(log, self._shown, log.records.lines)

    def rest(self) -> Iterator[Record]:
        """What is held back, a last line without its end included."""
        return self._between(self.log, self._shown, self.log.records.lines)

    def _between(self, log: Log, first: int, last: int) -> Iterator[Record]:
        if first >= last:
            return
        try:
            for raw in log.walk(first, last):
                goes_on = raw.code == CONTINUATION and first > 0
                raw_in = self._cut(raw, last)
                self._last_fits = self._last_fits if goes_on else self._fits(raw_in, log)
                if self._last_fits:
                    yield log.read(raw_in)
        except Replaced:
            return
        self._shown = last

    def _cut(self, raw: RawRecord, last: int) -> RawRecord:
        lines = raw.lines[: last - raw.line]
        return RawRecord(raw.source, raw.line, raw.offset, raw.code, lines)

    def _fits(self, raw: RawRecord, log: Log) -> bool:
        form = log.format_of(raw.code)
        task = log.task_at(raw.offset) if self._wanted.tasks else None
        fits = self._wanted.fits(raw, form, log.today, self._last_time, task)
        if form is not None and (self._wanted.since or self._wanted.until):
            self._last_time = form.fields(raw.lines, log.today).time or self._last_time
        return fits


def _from(records: Iterator[Record], source: str) -> Iterator[Record]:
    """Records under the name of a log, also those of the file that it was renamed to."""
    return (named(record, source) for record in records)


def followed(tails: Sequence[Tail], *, merge: bool = False) -> Iterator[tuple[Record, Log]]:
    """The new records, until interrupted. With `merge`, those that are read together are put in order."""
    by_name = {f"{n}": tail.log for n, tail in enumerate(tails)}

    def together(parts: Sequence[Iterator[Record]]) -> Iterator[tuple[Record, Log]]:
        if merge:
            sources = zip(parts, by_name, strict=True)
            records = merged([_from(part, name) for part, name in sources])
            yield from ((record, by_name[record.source]) for record in records)
        else:
            yield from (
                (record, tail.log) for tail, part in zip(tails, parts, strict=True) for record in part
            )

    try:
        while True:
            yield from together([tail.grown() for tail in tails])
            time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        yield from together([tail.rest() for tail in tails])
        raise
