"""Maps rows to batches: batches ordered by first index, found by row in microseconds."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from engine.runs import BatchRef

BLOCK = 1024


class Place(NamedTuple):
    """The place of a row: its batch, and the offset in the batch."""

    batch: BatchRef
    offset: int


class _Block:
    """Up to two thousand adjacent batches as packed columns."""

    def __init__(self, refs: Sequence[BatchRef]) -> None:
        self.ids = array("q", [r.id for r in refs])
        self.firsts = array("q", [r.first for r in refs])
        self.counts = array("q", [r.count for r in refs])
        self._ends: array[int] | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def ends(self) -> array[int]:
        """Rows of this block up to and including each batch."""
        if self._ends is None:
            self._ends = array("q", accumulate(self.counts))
        return self._ends

    @property
    def rows(self) -> int:
        return self.ends[-1]

    def ref(self, at: int) -> BatchRef:
        return BatchRef(self.ids[at], self.firsts[at], self.counts[at])

    def insert(self, at: int, other: _Block) -> None:
        self.ids[at:at] = other.ids
        self.firsts[at:at] = other.firsts
        self.counts[at:at] = other.counts
        self._ends = None

    def split(self) -> list[_Block]:
        """This block as blocks of at most BLOCK batches."""
        return [self._part(at, at + BLOCK) for at in range(0, len(self), BLOCK)]

    def _part(self, start: int, stop: int) -> _Block:
        part = _Block(())
        part.ids, part.firsts, part.counts = (
            self.ids[start:stop],
            self.firsts[start:stop],
            self.counts[start:stop],
        )
        return part


class Ranges:
    """All known batches. A million of them take 32 MB, and an insertion anywhere takes microseconds."""

    def __init__(self) -> None:
        self._blocks: list[_Block] = []
        self._heads: list[int] = []
        self._offsets: list[int] = [0]
        self.rows = 0

    def groups(self, refs: Sequence[BatchRef]) -> Iterator[list[BatchRef]]:
        """Split new batches into groups, each of which goes between the same two known batches."""
        group: list[BatchRef] = []
        border: int | None = None
        for ref in sorted(refs, key=lambda r: r.first):
            if group and border is not None and ref.first >= border:
                yield group
                group = []
            if not group:
                border = self._next_first(ref.first)
            group.append(ref)
        if group:
            yield group

    def row_of(self, index: int) -> int:
        """The number of rows before task `index`: its own row if it is known."""
        number = bisect_right(self._heads, index) - 1
        if number < 0:
            return 0
        block = self._blocks[number]
        at = bisect_right(block.firsts, index) - 1
        before = block.ends[at] - block.counts[at]
        return self._offset(number) + before + min(index - block.firsts[at], block.counts[at])

    def locate(self, row: int) -> Place:
        """The batch of a row; `row` is in 0 .. rows-1."""
        self._offset(len(self._blocks))
        number = bisect_right(self._offsets, row) - 1
        block = self._blocks[number]
        within = row - self._offsets[number]
        at = bisect_right(block.ends, within)
        ref = block.ref(at)
        return Place(ref, within - (block.ends[at] - ref.count))

    def insert(self, group: Sequence[BatchRef]) -> None:
        """Insert one group from `groups`."""
        fresh = _Block(group)
        number = max(bisect_right(self._heads, group[0].first) - 1, 0)
        if self._blocks:
            block = self._blocks[number]
            block.insert(bisect_left(block.firsts, group[0].first), fresh)
        else:
            block = fresh
        parts = block.split() if len(block) > 2 * BLOCK else [block]
        self._blocks[number : number + 1] = parts
        self._heads[number : number + 1] = [part.firsts[0] for part in parts]
        del self._offsets[number + 1 :]
        self.rows += sum(ref.count for ref in group)

    def _offset(self, number: int) -> int:
        """The number of rows before block `number`, counted on from where that is known."""
        while len(self._offsets) <= number:
            known = len(self._offsets)
            self._offsets.append(self._offsets[-1] + self._blocks[known - 1].rows)
        return self._offsets[number]

    def _next_first(self, index: int) -> int | None:
        """The first index of the first known batch after `index`."""
        number = max(bisect_right(self._heads, index) - 1, 0)
        for block in self._blocks[number : number + 2]:
            at = bisect_right(block.firsts, index)
            if at < len(block):
                return block.firsts[at]
        return None
