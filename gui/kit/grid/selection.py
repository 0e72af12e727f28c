"""Which rows are selected, as spans: ten million rows cost as much as two."""

from __future__ import annotations

from bisect import bisect_right

Span = tuple[int, int]
"""First row and the row after the last."""


class RowSelection:
    """Selected rows, the row with the cursor, and the anchor from which a selection is extended."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        """In order, and not adjacent."""
        self.current = self.anchor = -1

    def __contains__(self, row: int) -> bool:
        at = bisect_right(self.spans, row, key=lambda span: span[0]) - 1
        return at >= 0 and row < self.spans[at][1]

    def __len__(self) -> int:
        return sum(stop - first for first, stop in self.spans)

    def __bool__(self) -> bool:
        return bool(self.spans)

    def clear(self) -> None:
        """Select nothing and remove the cursor."""
        self.spans = []
        self.current = self.anchor = -1

    def choose(self, row: int) -> None:
        """Select only this row."""
        self.spans = [(row, row + 1)]
        self.current = self.anchor = row

    def extend(self, row: int) -> None:
        """Select from the anchor to this row."""
        if self.anchor < 0:
            self.anchor = row
        self.spans = [(min(self.anchor, row), max(self.anchor, row) + 1)]
        self.current = row

    def toggle(self, row: int) -> None:
        """Select this row in addition, or deselect it."""
        if row in self:
            self._take_out(row)
        else:
            self._add(row)
        self.current = self.anchor = row

    def choose_all(self, total: int) -> None:
        """Select all rows."""
        self.spans = [(0, total)] if total else []

    def insert(self, row: int, count: int) -> None:
        """Rows were inserted at `row`. They are not selected; the rows after them move down."""
        if self.current >= row:
            self.current += count
        if self.anchor >= row:
            self.anchor += count
        if not self.spans or self.spans[-1][1] <= row:
            return
        spans: list[Span] = []
        for first, stop in self.spans:
            if stop <= row:
                spans.append((first, stop))
            elif first >= row:
                spans.append((first + count, stop + count))
            else:
                spans += [(first, row), (row + count, stop + count)]
        self.spans = spans

    def _take_out(self, row: int) -> None:
        at = bisect_right(self.spans, row, key=lambda span: span[0]) - 1
        first, stop = self.spans[at]
        parts = [(first, row), (row + 1, stop)]
        self.spans[at : at + 1] = [part for part in parts if part[0] < part[1]]

    def _add(self, row: int) -> None:
        merged: list[Span] = []
        for first, stop in sorted([*self.spans, (row, row + 1)]):
            if merged and merged[-1][1] == first:
                merged[-1] = (merged[-1][0], stop)
            else:
                merged.append((first, stop))
        self.spans = merged
