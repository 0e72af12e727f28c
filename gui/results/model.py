"""The rows of the results table: facts of batches for all of them, contents for those near the screen."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QIcon

from engine.runs import BatchRef
from gui.kit import theme, words
from gui.kit.columns import ROOT, ColumnsModel, Index
from gui.kit.icons import icon
from gui.results.ranges import Ranges
from gui.results.reader import PAGE, Page, PageKey, Row, Segment

MAX_ROWS = 80_000_000
"""A table of Qt's counts pixels in 31 bits."""
_CACHE_BYTES = 32 << 20
_CACHE_PAGES = 4096
_CACHE_LEAST = 256
"""Pages that are kept whatever they weigh: more than a screen shows."""
_WANTED = 512
_ASK = 64

_Role = Qt.ItemDataRole
_WAITING = "…"


class Column(IntEnum):
    """The columns, left to right."""

    INDEX, INPUT, STATUS, RESULT, SECONDS, WORKER, STARTED = range(7)


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
MONOSPACE = {Column.INPUT, Column.RESULT}


class ResultsModel(ColumnsModel):
    """Rows in index order. `data` never waits: what is not at hand is asked for and shown when it comes."""

    headers = HEADERS
    right = _RIGHT

    wanted = Signal(object)
    """Pages that are to be read: list[PageKey]. The answer is `put`, or `give_up`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ranges = Ranges()
        self._pages: OrderedDict[PageKey, Page] = OrderedDict()
        self._bytes = 0
        self._want: OrderedDict[PageKey, None] = OrderedDict()
        self._asked: list[PageKey] = []
        self._unreadable: set[PageKey] = set()
        self._last: tuple[int, Row | None] = (-1, None)
        self._mono = theme.monospace()
        self._good, self._bad = icon("good", "good"), icon("error", "problem")
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._ask)
        self.is_full = False

    # what is known

    def clear(self) -> None:
        """Forget the run."""
        self.beginResetModel()
        self._ranges = Ranges()
        self._pages.clear()
        self._bytes = 0
        self._want.clear()
        self._asked = []
        self._unreadable.clear()
        self._last = (-1, None)
        self.is_full = False
        self.endResetModel()

    def adding(self, refs: Sequence[BatchRef]) -> Iterator[None]:
        """Put in new batches, one insertion of rows a step."""
        for group in self._ranges.groups(refs):
            self._insert(group)
            yield

    def _insert(self, group: list[BatchRef]) -> None:
        count = sum(ref.count for ref in group)
        if self._ranges.rows + count > MAX_ROWS:
            self.is_full = True
            return
        row = self._ranges.row_of(group[0].first)
        self.beginInsertRows(QModelIndex(), row, row + count - 1)
        self._ranges.insert(group)
        self._last = (-1, None)
        self.endInsertRows()

    def row_of(self, task: int) -> int:
        """How many rows stand before a task."""
        return self._ranges.row_of(task)

    def task_of(self, row: int) -> int:
        """The task that stands in a row."""
        ref, offset = self._ranges.locate(row)
        return ref.first + offset

    def row(self, row: int) -> Row | None:
        """The contents of a row; None while they are not here (then they are asked for)."""
        known, content = self._last
        if row == known and content:
            return content
        ref, offset = self._ranges.locate(row)
        key = PageKey(ref.id, offset // PAGE)
        page = self._pages.get(key)
        if page is None:
            self._miss(key)
            return None
        self._pages.move_to_end(key)
        content = page.rows[offset % PAGE]
        self._last = (row, content)
        return content

    def segments(self, row: int, last: int) -> Iterable[Segment]:
        """The rows from `row` to `last` as slices of batches."""
        while row <= last:
            ref, offset = self._ranges.locate(row)
            count = min(ref.count - offset, last - row + 1)
            yield Segment(ref.id, offset, count)
            row += count

    # contents come and go

    def _miss(self, key: PageKey) -> None:
        if key in self._unreadable:
            return
        self._want[key] = None
        self._want.move_to_end(key)
        while len(self._want) > _WANTED:
            self._want.popitem(last=False)
        if not self._asked and not self._soon.isActive():
            self._soon.start()

    def _ask(self) -> None:
        if self._want and not self._asked:
            self._asked = list(reversed(self._want))[:_ASK]
            self.wanted.emit(self._asked)

    def put(self, pages: Sequence[Page]) -> None:
        """Take in what was asked for, or the beginning of it; ask for the rest."""
        self._asked = []
        for page in pages:
            self._want.pop(page.key, None)
            self._pages[page.key] = page
            self._bytes += page.size
        self._last = (-1, None)
        self._forget()
        for page in pages:
            top = self._ranges.row_of(page.first)
            self._changed(top, top + len(page.rows) - 1)
        self._ask()

    def give_up(self) -> None:
        """What was asked for cannot be read: it is shown as such and not asked for again."""
        self._unreadable.update(self._asked)
        for key in self._asked:
            self._want.pop(key, None)
        self._asked = []
        if self._ranges.rows:
            self._changed(0, self._ranges.rows - 1)
        self._ask()

    def _forget(self) -> None:
        while len(self._pages) > _CACHE_PAGES or (
            self._bytes > _CACHE_BYTES and len(self._pages) > _CACHE_LEAST
        ):
            _, page = self._pages.popitem(last=False)
            self._bytes -= page.size

    def _changed(self, top: int, bottom: int) -> None:
        self.dataChanged.emit(self.index(top, 0), self.index(bottom, len(Column) - 1))

    # as Qt's views ask

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else self._ranges.rows

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column = index.column()
        if role == _Role.TextAlignmentRole:
            return self.alignment(column)
        if role == _Role.FontRole:
            return self._mono if column in MONOSPACE else None
        if role == _Role.DisplayRole:
            return self._text(index.row(), column)
        if role == _Role.ForegroundRole:
            return self._color(index.row(), column)
        if role == _Role.DecorationRole:
            return self._icon(index.row()) if column == Column.STATUS else None
        return self._tip(index.row(), column) if role == _Role.ToolTipRole else None

    def _text(self, row: int, column: int) -> str:
        if column == Column.INDEX:
            return str(self.task_of(row))
        content = self.row(row)
        if content is None:
            return _WAITING
        if column == Column.INPUT:
            return words.one_line(content.input)
        if column == Column.STATUS:
            return words.status(content.status)
        if column == Column.RESULT:
            return words.one_line(content.value)
        if column == Column.SECONDS:
            return words.took(content.start, content.end)
        return str(content.worker) if column == Column.WORKER else words.clock(content.start)

    def _color(self, row: int, column: int) -> QColor | None:
        content = self.row(row)
        if content is None:
            return QColor(theme.colors().muted)
        if content.status != "ok" and column in (Column.STATUS, Column.RESULT):
            return QColor(theme.colors().problem)
        return None

    def _icon(self, row: int) -> QIcon | None:
        content = self.row(row)
        if content is None:
            return None
        return self._good if content.status == "ok" else self._bad

    def _tip(self, row: int, column: int) -> str | None:
        content = self.row(row)
        if content is None:
            return "This part of the run cannot be read" if self._is_unreadable(row) else None
        if column == Column.STARTED:
            return words.date_and_clock(content.start)
        return content.cells()[column][: 4 * words.LINE] if column in (Column.INPUT, Column.RESULT) else None

    def _is_unreadable(self, row: int) -> bool:
        ref, offset = self._ranges.locate(row)
        return PageKey(ref.id, offset // PAGE) in self._unreadable
