"""The rows of the results table: their number, and the content of those near the screen."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, Qt, QTimer, Signal

from engine.query.rows import Growth, Page
from engine.results.names import RUNNING, STAGE, STATUSES, UNENDED, WAITING
from gui.kit import words
from gui.kit.columns import ROOT, Cell, Index
from gui.kit.grid.model import GridModel
from gui.kit.icons import icon
from gui.kit.tips import plain_tip
from gui.results.rows import PAGE, AtHand, Row, rows_of

WIDTH = 4 * words.LINE + 1
"""Characters of a text that are loaded: what a tip shows."""
_KEPT = 32
"""Stretches of rows that are kept: more than fit on a screen."""

_MOST_SHOWN = 32
"""Key columns that are shown by default; the user can show more."""
_NEAR = 64
"""Rows above and below the screen that are loaded ahead."""
_MISSES = 8
"""Pages that are still read if nobody looks at them any more."""


class Column(IntEnum):
    """The columns, left to right."""

    INDEX, INPUT, STATUS, RESULT, SECONDS, WORKER, STARTED = range(7)


_CHANGING = (STATUSES[RUNNING], STATUSES[WAITING])
"""For tasks that are read again during a run."""
_UNREAD = tuple(Cell("…", "muted") if column == Column.RESULT else Cell("") for column in Column)
"""What is drawn in a row that is not loaded."""


HEADERS = {
    Column.INDEX: ("Index", "The task's place among the inputs, from 0"),
    Column.INPUT: ("Input", "What the function was called with"),
    Column.STATUS: ("Status", "OK, or how the task failed"),
    Column.RESULT: ("Result", "What the function returned, or its error"),
    Column.SECONDS: ("Time", "How long the function ran for this task; copied and exported in seconds"),
    Column.WORKER: ("Worker", "The worker process that ran the task"),
    Column.STARTED: ("Started", "When the function was called, in local time"),
}
_RIGHT = {Column.INDEX, Column.SECONDS, Column.WORKER}
SORTED_BY = {
    Column.INDEX: "index",
    Column.INPUT: "input",
    Column.STATUS: "status",
    Column.RESULT: "value",
    Column.SECONDS: "seconds",
    Column.WORKER: "worker",
    Column.STARTED: "started",
}
"""The columns' names in conditions and orders of the engine."""
MONOSPACE = {Column.INPUT, Column.RESULT}


class ResultsModel(GridModel):
    """Tasks in one order. `data` never waits: a missing row is requested, and shown when it arrives."""

    right = _RIGHT

    wanted = Signal(int)
    """Read the page that begins at this row. Answer with `put` or `give_up`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._titles = {int(column): title for column, title in HEADERS.items()}
        self.headers = self._titles
        self._fixed = {int(column) for column in MONOSPACE}
        self.monospace = self._fixed
        self.keys: list[str] = []
        """Parts of inputs and values that have columns of their own, after those of `Column`."""
        self.handle = 0
        """The handle of the order; 0 is input order."""
        self.generation = self.version = 0
        """The version of the order, as far as its rows are known here."""
        self._sorted: tuple[int, bool] | None = None
        self._rows = 0
        self._at_hand = AtHand(_KEPT)
        self._stale = AtHand(_KEPT)
        """Drawn until the rows of the rearranged tasks are loaded."""
        self._near = (0, 0)
        """The visible rows, and those around them that are loaded."""
        self._missed: dict[int, None] = {}
        """First rows of requested pages, the latest last."""
        self._asked = -1
        """The page being read."""
        self._unreadable: set[int] = set()
        self._good, self._bad = icon("good", "good"), icon("error", "problem")
        self._at_work = icon("run", "accent")
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.ask)

    # content

    def clear(self) -> None:
        """Forget the run."""
        self.begin(0, 0, 0)
        if self.keys:
            self.beginRemoveColumns(QModelIndex(), len(Column), self.columnCount() - 1)
            for column in range(len(Column), self.columnCount()):
                self._fixed.discard(column)
                del self._titles[column]
            self.keys, self.extra = [], ()
            self.endRemoveColumns()

    def _know(self, keys: Sequence[str]) -> None:
        """Create columns for these parts, the first of which are already known."""
        fresh = keys[len(self.keys) :]
        if not fresh:
            return
        first = self.columnCount()
        self.beginInsertColumns(QModelIndex(), first, first + len(fresh) - 1)
        for column, key in enumerate(fresh, first):
            self._titles[column] = _title(key)
            if key != STAGE:
                self._fixed.add(column)
        self.keys += fresh
        self.extra = range(len(Column) + _MOST_SHOWN, self.columnCount())
        self._stale, self._at_hand = self._at_hand, AtHand(_KEPT)
        self.endInsertColumns()

    def behind(self, column: int) -> int:
        if column < len(Column):
            return column - 1
        whole = self.keys[column - len(Column)].partition(".")[0]
        if whole == STAGE:
            return Column.INDEX
        alike = [at for at in range(len(Column), column) if self.headers[at][0].startswith(f"{whole}.")]
        return alike[-1] if alike else Column.INPUT if whole == "input" else Column.RESULT

    def sorted_by(self, column: int) -> str:
        """The name of a column in conditions and orders of the engine."""
        return SORTED_BY[Column(column)] if column < len(Column) else self.keys[column - len(Column)]

    def begin(self, handle: int, generation: int, version: int) -> None:
        """Forget all rows, and begin another order."""
        self.beginResetModel()
        self._stale.clear()
        self._rows = 0
        self._follow(handle, generation, version)
        self.endResetModel()

    def renew(self, handle: int, generation: int, version: int, rows: int) -> None:
        """The same order was made again. The known rows are drawn until the new ones arrive."""
        self._stale, self._at_hand = self._at_hand, self._stale
        self._follow(handle, generation, version)
        known = self.rowCount()
        if rows < known:
            self.beginRemoveRows(QModelIndex(), rows, known - 1)
            self._rows = rows
            self.endRemoveRows()
        self._rows = min(self._rows, rows)
        self.extend(rows)
        self._changed(0, self.rowCount() - 1)
        self._soon.start()

    def _follow(self, handle: int, generation: int, version: int) -> None:
        self.handle, self.generation, self.version = handle, generation, version
        self._at_hand.clear()
        self._missed.clear()
        self._asked = -1
        self._unreadable.clear()

    def row_of(self, task: int) -> int:
        """The row of a task among the known rows, or -1."""
        return next((number for number, row in self._at_hand if row.index == task), -1)

    def shift_stale(self, rows: int) -> None:
        """Move the rows that are drawn until new ones arrive down by `rows`."""
        self._stale.shift(rows)

    def growing(self, growth: Growth) -> Iterator[tuple[int, int]]:
        """Insert the new rows, one span at each step; yields each span."""
        if growth.is_new and self._rows:
            self.begin(self.handle, growth.generation, growth.version)
        for row, count in growth.inserted:
            self._insert(row, count)
            yield row, count
        self.generation, self.version = growth.generation, growth.version
        self._soon.start()

    def extend(self, rows: int) -> None:
        """Set the number of rows: new ones come after the known ones."""
        if rows > self._rows:
            self._insert(self._rows, rows - self._rows)
            self._soon.start()

    def _insert(self, row: int, count: int) -> None:
        if row > self._rows:
            return
        known = self.rowCount()
        more = min(self._rows + count, self.QT_MOST) - known
        if more:
            at = min(row, known)
            self.beginInsertRows(QModelIndex(), at, at + more - 1)
        self._rows += count
        self._at_hand.insert(row, count)
        if more:
            self.endInsertRows()
        self.came_in.emit(row, count)

    def show_sort(self, column: int, descending: bool) -> None:
        """Mark the column by which rows are sorted (-1: none), also for screen readers."""
        self._sorted = (column, descending) if column >= 0 else None
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, self.columnCount() - 1)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        is_sorted = self._sorted is not None and self._sorted[0] == section
        if role == Qt.ItemDataRole.AccessibleTextRole and orientation == Qt.Orientation.Horizontal:
            way = "descending" if self._sorted and self._sorted[1] else "ascending"
            return f"{self.headers[section][0]}, sorted {way}" if is_sorted else self.headers[section][0]
        return super().headerData(section, orientation, role)

    def refresh(self) -> None:
        """Reload the unfinished tasks near the screen, during a run."""
        first, stop = self._near
        for page in range(first - first % PAGE, min(stop, self._rows), PAGE):
            rows = map(self._at_hand.get, range(max(page, first), min(page + PAGE, stop)))
            if any(row is not None and row.status in _CHANGING for row in rows):
                self._miss(page)

    def row(self, row: int) -> Row | None:
        """The content of a row; None if it is not loaded (then it is requested)."""
        found = self._at_hand.get(row)
        if found is None:
            self._miss(row - row % PAGE)
        return found

    def _miss(self, first: int) -> None:
        if first in self._unreadable:
            return
        self._missed.pop(first, None)
        self._missed[first] = None
        if self._asked < 0 and not self._soon.isActive():
            self._soon.start()

    # loading

    def ask(self) -> None:
        """Request the page that was needed last."""
        if self._missed and self._asked < 0:
            self._asked = next(reversed(self._missed))
            while len(self._missed) > _MISSES:
                del self._missed[next(iter(self._missed))]
            self.wanted.emit(self._asked)

    def put(self, page: Page) -> bool:
        """Store an answer. False if the run has grown since: extend the model first."""
        self._asked = -1
        fits = (page.generation, page.version) == (self.generation, self.version)
        if fits:
            self._know(page.keys)
            rows = rows_of(page)
            self._missed.pop(page.start, None)
            self._at_hand.put(page.start, rows)
            if rows:
                self._changed(page.start, page.start + len(rows) - 1)
            self.ask()
        return fits

    def give_up(self) -> None:
        """The page cannot be read: show that, and do not request it again."""
        if self._asked < 0:
            return
        first, self._asked = self._asked, -1
        self._unreadable.add(first)
        self._missed.pop(first, None)
        self._changed(first, min(first + PAGE, self._rows) - 1)
        self.ask()

    def _changed(self, top: int, bottom: int) -> None:
        bottom = min(bottom, self.rowCount() - 1)
        if top <= bottom:
            self.dataChanged.emit(self.index(top, 0), self.index(bottom, self.columnCount() - 1))

    # the interface for Qt's views

    @property
    def total(self) -> int:
        return self._rows

    def near(self, first: int, stop: int) -> None:
        self._near = (max(first - _NEAR, 0), min(stop + _NEAR, self._rows))
        for row in (self._near[0], self._near[1] - 1):
            self.row(row)

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else min(self._rows, self.QT_MOST)

    def cells(self, row: int) -> Sequence[Cell]:
        content = self.row(row) or self._stale.get(row)
        if content is None:
            return [*_UNREAD, *(Cell("") for _ in self.keys)]
        drawn = content.drawn
        return drawn if drawn and len(drawn) == len(self.headers) else self._drawn(content)

    def _drawn(self, row: Row) -> tuple[Cell, ...]:
        """A row as cells, created when first drawn."""
        fine, is_running = row.status == "ok", row.status == STATUSES[RUNNING]
        ink = "text" if fine else "muted" if row.status in UNENDED else "problem"
        sign = self._good if fine else self._at_work if is_running else None if ink == "muted" else self._bad
        end = max(time.time(), row.start) if is_running else row.end
        row.drawn = (
            Cell(str(row.index)),
            Cell(words.one_line(row.input)),
            Cell(words.status(row.status), "accent" if is_running else ink, sign),
            Cell(words.one_line(row.value), ink),
            Cell(words.took(row.start, end), "muted" if is_running else "text"),
            Cell(str(row.worker) if row.worker else ""),
            Cell(words.clock(row.start)),
            *(Cell(words.one_line(part)) for part in row.parts),
            *(Cell("") for _ in self.keys[len(row.parts) :]),
        )
        return row.drawn

    def tip(self, row: int, column: int) -> str | None:
        content = self.row(row)
        if content is None:
            is_unreadable = row - row % PAGE in self._unreadable
            return "This part of the run cannot be read" if is_unreadable else None
        if column == Column.STARTED:
            return words.date_and_clock(content.start)
        if column in (Column.INPUT, Column.RESULT):
            return plain_tip(content.cells()[column][: 4 * words.LINE])
        if len(Column) <= column < len(Column) + len(content.parts):
            return plain_tip(content.parts[column - len(Column)][: 4 * words.LINE])
        return None


def _title(key: str) -> tuple[str, str]:
    """The title of a column for a part, and its tooltip."""
    if key == STAGE:
        return "Stage", "The function that the script gave to a pool, and where"
    whole = "the input" if key.startswith("input.") else "the result"
    return key, f"What {whole} has as {key.partition('.')[2]}"
