"""The measurements, one row for each way."""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtCore import QObject

from engine.compare import Comparison, Line, Way
from gui.kit import words
from gui.kit.columns import ROOT, Cell, ColumnsModel, Index


class Column(IntEnum):
    """The columns, left to right."""

    WAY, INPUT, SPEED_UP, NOISE, START_UP, CPU, MEMORY, ALL = range(8)


HEADERS = {
    Column.WAY: ("Way", "Mode and size"),
    Column.INPUT: ("An input", "Time of the run divided by the number of inputs"),
    Column.SPEED_UP: ("Speed-up", "Rate compared with running in turn"),
    Column.NOISE: ("Noise", "How much the rounds differ"),
    Column.START_UP: ("Start-up", "From the start of a run until its workers begin"),
    Column.CPU: ("CPU", "CPU time as a share of the call; the rest is waiting"),
    Column.MEMORY: ("Memory", "The most that a worker process held"),
    Column.ALL: ("All inputs", "Estimated time for all inputs"),
}


class WaysModel(ColumnsModel):
    """The lines of a comparison, as rows."""

    headers = HEADERS
    right = frozenset(Column) - {Column.WAY}

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[str, ...]] = []
        self._chosen = -1

    def show_comparison(self, found: Comparison) -> None:
        """Show these lines. A new round changes existing rows; ways are only added."""
        rows, self._chosen = _rows(found), _chosen(found)
        if len(rows) < len(self._rows):
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
            return
        added = len(rows) - len(self._rows)
        if added:
            self.beginInsertRows(ROOT, len(self._rows), len(rows) - 1)
        self._rows = rows
        if added:
            self.endInsertRows()
        if rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(HEADERS) - 1))

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def cell(self, row: int, column: int) -> Cell:
        ink = "accent" if row == self._chosen else "text"
        return Cell(self._rows[row][column], ink)


def _rows(found: Comparison) -> list[tuple[str, ...]]:
    serial = next((line for line in found.lines if line.way == Way("serial")), None)
    return [_row(line, serial or line, found.plan.tasks) for line in found.lines]


def _row(line: Line, serial: Line, tasks: int | None) -> tuple[str, ...]:
    return (
        line.way.title.capitalize(),
        words.duration(line.per_task),
        f"{line.speed_up(serial):.2f} ×",
        f"± {(line.slowest / line.per_task - 1) / 2:.0%}" if len(line.rounds) > 1 else "",
        words.duration(line.start_up),
        "" if line.share is None or line.is_tiny else f"{line.share:.0%}",
        "" if line.memory is None else words.size(line.memory),
        "" if tasks is None else words.duration(line.total(tasks)),
    )


def _chosen(found: Comparison) -> int:
    reached = found.verdict
    if reached is None:
        return -1
    way = Way(reached.mode, reached.workers, reached.start_method, reached.batch, reached.blas_threads)
    return next((at for at, line in enumerate(found.lines) if line.way == way), -1)
