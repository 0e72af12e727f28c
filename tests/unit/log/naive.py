"""A log read in the simplest way, to compare the real reader with."""

from __future__ import annotations

from collections.abc import Sequence

from engine.log.display import shown
from engine.log.exceptions import CHAINS, Traceback
from engine.log.filters import Filter
from engine.log.log import Log
from engine.log.recogniser import CONTINUATION
from engine.log.record import RawRecord
from engine.log.times import Moment


class Naive:
    """The lines and records of bytes, by the encoding and the formats that were detected for a log."""

    def __init__(self, log: Log, raw: bytes) -> None:
        self.log = log
        encoding = log.encoding
        whole = len(raw) - (len(raw) - encoding.mark) % encoding.unit
        narrow = encoding.narrowed(raw[encoding.mark : whole])
        self.lines = [encoding.text(shown(line)) for line in narrow.split(b"\n")]
        if not narrow or narrow.endswith(b"\n"):
            self.lines.pop()
        self.codes = self._codes()

    def _codes(self) -> list[int]:
        recogniser = self.log.recogniser
        trace = Traceback()
        codes: list[int] = []
        for line in self.lines:
            if not recogniser.formats or (recogniser.plain and trace.goes_on(line)):
                codes.append(CONTINUATION)
            else:
                codes.append(recogniser.code(line))
        if not recogniser.plain:
            for n, line in enumerate(self.lines):
                blank = n > 1 and codes[n - 1] == CONTINUATION == codes[n]
                if blank and line in CHAINS:
                    codes[n - 2] = CONTINUATION
        return codes

    def records(self) -> list[RawRecord]:
        starts = [n for n, code in enumerate(self.codes) if code != CONTINUATION]
        if self.lines and (not starts or starts[0]):
            starts.insert(0, 0)
        ends = [*starts[1:], len(self.lines)] if starts else []
        return [
            RawRecord("", start, 0, self.codes[start], self.lines[start:end])
            for start, end in zip(starts, ends, strict=True)
        ]

    def chosen(self, wanted: Filter) -> list[int]:
        """The first lines of the records that match a filter."""
        found: list[int] = []
        last: Moment | None = None
        for raw in self.records():
            form = self.log.format_of(raw.code)
            if wanted.fits(raw, form, self.log.today, last):
                found.append(raw.line)
            last = (form.fields(raw.lines, self.log.today).time if form else None) or last
        return found


def shown_lines(log: Log, count: int) -> Sequence[str]:
    """The lines of a log, in pages of two."""
    return [line.text for first in range(0, count, 2) for line in log.page(first, 2)]
