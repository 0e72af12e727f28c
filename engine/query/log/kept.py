"""The result of a filter or a search in one file: lines as bits, and which of them are shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.log.log import Log
from engine.log.recogniser import CONTINUATION
from engine.log.selection import Selection
from engine.query.codec import travels

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

STEP = 1 << 16
"""Lines that are examined in a step."""


@travels
@dataclass(frozen=True)
class LogFinds:
    """The result for a span of lines: a bit for each first line of a matching record, and for each hit."""

    file: int
    first: int
    count: int
    records: bytes
    hits: bytes
    """Empty if there are none, or if only whole records are needed."""
    share: float
    """Share of the work that is done."""


class Kept:
    """The result in a file so far.

    Invariant: `hits` covers the same lines as `records`, or none if hits are not needed.
    """

    def __init__(self) -> None:
        self.records = Selection()
        self.hits = Selection()
        self.cuts: int = 0
        """Lines before which nothing has changed since the last look of `LineMask`."""
        self.spans: list[tuple[int, int]] = []
        """Where the tasks in question had written into the log of a run."""

    @property
    def covered(self) -> int:
        """Lines that have been examined."""
        return self.records.lines

    def forget(self) -> None:
        """Examine everything again."""
        self.records.cut(0)
        self.hits.cut(0)
        self.cuts = 0

    def take(self, finds: LogFinds) -> None:
        """Store the next part, replacing an earlier result there."""
        import numpy as np

        def bits(packed: bytes) -> Mask:
            if not packed:
                return np.zeros(finds.count, bool)
            return np.unpackbits(np.frombuffer(packed, np.uint8), count=finds.count).astype(bool)

        self.cuts = min(self.cuts, finds.first)
        self.records.cut(finds.first)
        self.hits.cut(finds.first)
        if self.records.lines != finds.first:
            return  # of a search that began before the file was read again
        self.records.add(finds.first, bits(finds.records))
        self.hits.add(finds.first, bits(finds.hits))


class LineMask:
    """The visible lines of a file: whole matching records or only their hits, and context."""

    def __init__(self, kept: Kept, *, matching: bool, context: int) -> None:
        self._kept = kept
        self._matching = matching
        self._context = context
        self._whole = Selection()
        """Without context."""
        self._shown = Selection()

    def lines(self, log: Log) -> Selection:
        """As far as known."""
        kept = self._kept
        known = min(kept.covered, log.records.lines)
        sure = min(self._whole.lines, kept.cuts)
        self._whole.cut(self._whole.part_of(sure))
        for first in range(self._whole.lines, known, STEP):
            last = min(first + STEP, known)
            self._whole.add(first, self._mask(log, first, last))
        kept.cuts = known
        if not self._context:
            return self._whole
        self._shown.cut(self._shown.part_of(max(sure - self._context, 0)))
        for first in range(self._shown.lines, known, STEP):
            self._shown.add(first, self._with_context(first, min(first + STEP, known)))
        return self._shown

    def _mask(self, log: Log, first: int, last: int) -> Mask:
        """The lines of matching records: a record matches if the bit of its first line is set."""
        import numpy as np

        codes = log.records.codes(first, last - first)
        chosen = self._kept.records.mask(first, last)
        above = log.records.start_of(first)
        starts = codes != CONTINUATION
        flags = np.concatenate([self._kept.records.mask(above, above + 1), chosen[starts]])
        whole = flags[np.cumsum(starts)]
        return whole & self._kept.hits.mask(first, last) if self._matching else whole

    def _with_context(self, first: int, last: int) -> Mask:
        import numpy as np

        low = max(first - self._context, 0)
        around = self._whole.mask(low, last + self._context).astype(np.int64)
        sums = np.concatenate([np.zeros(1, np.int64), np.cumsum(around)])
        lines = np.arange(first, last) - low
        upper = np.minimum(lines + self._context + 1, len(around))
        return sums[upper] > sums[np.maximum(lines - self._context, 0)]
