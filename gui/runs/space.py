"""How much disk space the runs take, and which of them could be deleted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gui.kit.plain_table import make_plain
from gui.kit.widgets import text_label
from gui.kit.words import size
from gui.runs.words import outcome, when

if TYPE_CHECKING:
    from engine.runs import RunSummary

MONTH = 30 * 24 * 3600.0
TITLES = ("Run", "Started", "Outcome", "Inputs", "Size")
_SIZE = len(TITLES) - 1
Choice = Callable[[Sequence["RunSummary"]], Iterable["RunSummary"]]


def _old(runs: Sequence[RunSummary]) -> Iterable[RunSummary]:
    since = time.time() - MONTH
    return (run for run in runs if run.started is not None and run.started < since)


def _repeated(runs: Sequence[RunSummary]) -> Iterable[RunSummary]:
    """Runs of functions that have a newer finished run."""
    newest: dict[tuple[str, str], float] = {}
    for run in runs:
        if run.state == "finished" and run.started is not None:
            key = run.file, run.function
            newest[key] = max(run.started, newest.get(key, 0.0))
    return (run for run in runs if (run.started or 0.0) < newest.get((run.file, run.function), 0.0))


CHOICES: tuple[tuple[str, Choice], ...] = (
    ("None", lambda _: ()),
    ("Older than 30 days", _old),
    ("Without any result", lambda runs: (run for run in runs if not run.ok)),
    ("Followed by a newer finished run of the same function", _repeated),
    ("All", lambda runs: runs),
)
"""What could be deleted. Pinned runs never are."""


class Space(QDialog):
    """The runs by size, each with a checkbox; checked ones go to the trash."""

    delete_asked = Signal(list)
    """Folders."""

    def __init__(self, parent: QWidget, runs: Sequence[RunSummary]) -> None:
        super().__init__(parent)
        self.setWindowTitle("Disk use of the runs")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(720, 420)
        self._runs = sorted(runs, key=lambda run: -run.size)
        total = sum(run.size for run in runs)
        head = text_label()
        head.setText(
            f"{len(runs):,} saved run{'s take' if len(runs) != 1 else ' takes'} {size(total)}."
            " Pinned runs are kept."
        )
        self.choice = QComboBox()
        self.choice.setAccessibleName("Tick runs")
        self.choice.addItems([text for text, _ in CHOICES])
        self.table = self._table()
        self.sum = text_label("muted")
        self.delete = QPushButton("&Move to trash")
        self.delete.setAutoDefault(False)
        close = QPushButton("&Close")
        close.setDefault(True)
        label = QLabel("&Tick:")
        label.setBuddy(self.choice)
        top = QHBoxLayout()
        top.addWidget(label)
        top.addWidget(self.choice)
        top.addStretch(1)
        last = QHBoxLayout()
        last.addWidget(self.sum, 1)
        last.addWidget(self.delete)
        last.addWidget(close)
        whole = QVBoxLayout(self)
        whole.addWidget(head)
        whole.addLayout(top)
        whole.addWidget(self.table, 1)
        whole.addLayout(last)
        self.choice.activated.connect(self._tick)
        self.table.itemChanged.connect(self._count)
        self.delete.clicked.connect(self._go)
        close.clicked.connect(self.reject)
        self._count()

    def _table(self) -> QTableWidget:
        table = QTableWidget(len(self._runs), len(TITLES))
        make_plain(table, "Runs by size")
        table.setHorizontalHeaderLabels(list(TITLES))
        for row, run in enumerate(self._runs):
            for column, text in enumerate(_cells(run)):
                item = QTableWidgetItem(text)
                if column == _SIZE:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                table.setItem(row, column, item)
            first = table.item(row, 0)
            assert first is not None
            if run.pinned:
                first.setToolTip("Pinned: unpin it to move it to the trash.")
            else:
                first.setCheckState(Qt.CheckState.Unchecked)
        columns = table.horizontalHeader()
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        columns.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column, width in enumerate((140, 190, 130, 80), 1):
            columns.resizeSection(column, width)
        return table

    @property
    def ticked(self) -> list[RunSummary]:
        """The checked runs."""
        return [run for row, run in enumerate(self._runs) if self._is_ticked(row)]

    def _is_ticked(self, row: int) -> bool:
        item = self.table.item(row, 0)
        return item is not None and not self._runs[row].pinned and item.checkState() == Qt.CheckState.Checked

    def _tick(self, at: int) -> None:
        chosen = {run.folder for run in CHOICES[at][1](self._runs)}
        self.table.blockSignals(True)
        for row, run in enumerate(self._runs):
            item = self.table.item(row, 0)
            if item is not None and not run.pinned:
                ticked = run.folder in chosen
                item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
        self.table.blockSignals(False)
        self.table.viewport().update()
        self._count()

    def _count(self) -> None:
        ticked = self.ticked
        self.delete.setEnabled(bool(ticked))
        freed = size(sum(run.size for run in ticked))
        self.sum.setText(f"{len(ticked):,} ticked, {freed}" if ticked else "Nothing is ticked.")

    def _go(self) -> None:
        self.delete_asked.emit([run.folder for run in self.ticked])
        self.accept()


def _cells(run: RunSummary) -> tuple[str, ...]:
    name = f"{run.name} (pinned)" if run.pinned else run.name
    return name, when(run.started, datetime.now()), outcome(run), run.inputs, size(run.size)
