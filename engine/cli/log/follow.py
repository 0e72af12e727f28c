"""`--follow`: new records, as soon as they are complete."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from engine.cli.status import complain
from engine.log.filters import Filter
from engine.log.log import Log
from engine.log.recogniser import CONTINUATION
from engine.log.record import RawRecord, Record
from engine.log.source import Change, Replaced
from engine.log.times import Moment

POLL_SECONDS = 0.25


class Tail:
    """The end of a log: what has been shown of it, and what is added."""

    def __init__(self, log: Log, wanted: Filter) -> None:
        self.log = log
        self._wanted = wanted
        self._shown = log.records.lines
        self._last_fits = False
        self._last_time: Moment | None = None

    def grown(self) -> Iterator[Record]:
        """The new records. The last one is held back while the file grows."""
        log = self.log
        try:
            change = log.refresh()
        except OSError as error:
            complain(f"{log.name} cannot be read: {error.strerror}.")
            return
        if change in (Change.REPLACED, Change.GONE):
            what = "was replaced or cut" if change is Change.REPLACED else "is gone"
            complain(f"{log.name} {what}.")
            self._shown = 0
        if change is Change.GONE:
            return
        log.read_all()
        if log.tasks:
            log.tasks.refresh()
        quiet = change is Change.NONE
        whole = log.lines.ended if not quiet else log.records.lines
        last = whole if quiet else log.records.start_of(max(whole - 1, 0))
        if last <= self._shown:
            last = whole if quiet else self._shown
        yield from self._between(self._shown, last)

    def _between(self, first: int, last: int) -> Iterator[Record]:
        if first >= last:
            return
        try:
            for raw in self.log.walk(first, last):
                goes_on = raw.code == CONTINUATION and first > 0
                raw_in = self._cut(raw, last)
                self._last_fits = self._last_fits if goes_on else self._fits(raw_in)
                if self._last_fits:
                    yield self.log.read(raw_in)
        except Replaced:
            return
        self._shown = last

    def _cut(self, raw: RawRecord, last: int) -> RawRecord:
        lines = raw.lines[: last - raw.line]
        return RawRecord(raw.source, raw.line, raw.offset, raw.code, lines)

    def _fits(self, raw: RawRecord) -> bool:
        form = self.log.format_of(raw.code)
        task = self.log.task_at(raw.offset) if self._wanted.tasks else None
        fits = self._wanted.fits(raw, form, self.log.today, self._last_time, task)
        if form is not None and (self._wanted.since or self._wanted.until):
            self._last_time = form.fields(raw.lines, self.log.today).time or self._last_time
        return fits


def followed(tails: Sequence[Tail]) -> Iterator[tuple[Record, Log]]:
    """The new records, until interrupted."""
    while True:
        for tail in tails:
            yield from ((record, tail.log) for record in tail.grown())
        time.sleep(POLL_SECONDS)
