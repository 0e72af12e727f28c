"""Selected lines, as one bit each, with their positions among each other."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]


class Selection:
    """The records that pass a filter, as a bit for each first line; and lines by position among them.

    The lines before the first record of the file count as a record that starts at line 0.
    """

    def __init__(self) -> None:
        self._firsts: list[int] = []
        self._counts: list[int] = []
        self._before: list[int] = []
        self._bits: list[bytes] = []
        self.count = 0
        """The number of selected records."""
        self.lines = 0
        """The number of covered lines."""
        self.preamble = False
        """Whether the lines before the first record are selected."""

    def add(self, first: int, mask: Mask) -> None:
        """Add the lines that follow the known ones."""
        import numpy as np

        self._firsts.append(first)
        self._before.append(self.count)
        chosen = int(np.count_nonzero(mask))
        self._bits.append(np.packbits(mask).tobytes() if chosen else b"")
        self._counts.append(len(mask))
        self.count += chosen
        self.lines = first + len(mask)

    def cut(self, first: int) -> None:
        """Forget the lines from `first` on, which is the beginning of a part."""
        while self._firsts and self._firsts[-1] >= first:
            self.count = self._before.pop()
            self._firsts.pop()
            self._counts.pop()
            self._bits.pop()
        self.lines = first if self._firsts else 0

    def _mask(self, place: int) -> Mask:
        import numpy as np

        size = self._counts[place]
        if not self._bits[place]:
            return np.zeros(size, bool)
        return np.unpackbits(np.frombuffer(self._bits[place], np.uint8), count=size).astype(bool)

    def starts(self, first: int = 0, count: int | None = None) -> Iterator[int]:
        """The first lines of the selected records, from position `first` on."""
        import numpy as np

        place = max(bisect_right(self._before, first) - 1, 0)
        given = 0
        while place < len(self._firsts) and (count is None or given < count):
            found = np.flatnonzero(self._mask(place)) + self._firsts[place]
            skip = max(first - self._before[place], 0)
            for line in found[skip:].tolist():
                yield line
                given += 1
                if given == count:
                    return
            place += 1

    def rank(self, line: int) -> int:
        """How many selected records start before a line."""
        import numpy as np

        place = bisect_right(self._firsts, line) - 1
        if place < 0:
            return 0
        return self._before[place] + int(np.count_nonzero(self._mask(place)[: line - self._firsts[place]]))

    def part_of(self, line: int) -> int:
        """The beginning of the part with a line, or of the next part if the line is not covered."""
        if line >= self.lines:
            return self.lines
        return self._firsts[max(bisect_right(self._firsts, line) - 1, 0)]

    def mask(self, first: int, last: int) -> Mask:
        """Which of the lines from `first` to before `last` are selected; uncovered lines are not."""
        import numpy as np

        made = np.zeros(max(last - first, 0), bool)
        place = max(bisect_right(self._firsts, first) - 1, 0)
        while place < len(self._firsts) and self._firsts[place] < last:
            start = self._firsts[place]
            low, high = max(first, start), min(last, start + self._counts[place])
            if low < high and self._bits[place]:
                made[low - first : high - first] = self._mask(place)[low - start : high - start]
            place += 1
        return made

    def after(self, line: int) -> int | None:
        """The first selected line from `line` on."""
        return next(self.starts(self.rank(line), 1), None)

    def before(self, line: int) -> int | None:
        """The last selected line before `line`."""
        rank = self.rank(line)
        return next(self.starts(rank - 1, 1), None) if rank else None

    def spans(self) -> Iterator[tuple[int, Mask]]:
        """The parts with selected lines: the first line of each, and its mask."""
        for place, bits in enumerate(self._bits):
            if bits:
                yield self._firsts[place], self._mask(place)
