"""The comparison of one job: what will be called, the table, the chart and the verdict."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QHBoxLayout,
    QProgressBar,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from engine.compare import Comparison, Plan, Verdict, announced
from engine.job import Job, Problem
from engine.modes import MODES
from gui.compare.chart import SpeedUpChart
from gui.compare.model import Column, WaysModel
from gui.compare.thread import CompareThread
from gui.kit import threads, words
from gui.kit.empty import EmptyNote
from gui.kit.rows_table import PAD, RowsTable
from gui.kit.widgets import text_label
from gui.kit.work import Latest

_SAMPLES = {
    Column.WAY: "2 processes, forkserver",
    Column.INPUT: "000.0 ms",
    Column.SPEED_UP: "Speed-up",
    Column.NOISE: "± 100%",
    Column.START_UP: "Start-up",
    Column.CPU: "100%",
    Column.MEMORY: "000.0 MiB",
    Column.ALL: "59 min 59 s",
}
"""Characters that fit in a column."""
NOTHING = "Measurements appear here."
PARTS = 1_000
"""Units of the progress bar."""


class CompareView(QWidget):
    """Measures one job on request."""

    changed = Signal()
    """A comparison became possible or impossible, began, or has its verdict."""
    refused = Signal(object)
    """A problem of the job, so there is nothing to compare."""
    failed = Signal(object)
    """An internal error of Poolhouse."""

    def __init__(self, job: Job, buttons: tuple[QAbstractButton, ...]) -> None:
        """`buttons` begin it, end it, and apply its advice."""
        super().__init__()
        self._job = job
        self._thread: CompareThread | None = None
        self._planner = Latest(self)
        self.plan: Plan | None = None
        self.verdict: Verdict | None = None
        self.model = WaysModel(self)
        self.table = RowsTable(self.model, "Measurements")
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        for column, sample in _SAMPLES.items():
            self.table.setColumnWidth(
                column, self.table.metrics(False).horizontalAdvance(sample) + 2 * PAD + 8
            )
        self._note = EmptyNote(self.table)
        self._note.say(NOTHING)
        self.chart = SpeedUpChart()
        self.said = text_label(selectable=True)
        self.bar = QProgressBar(textVisible=False, maximum=PARTS)
        self.bar.setAccessibleName("Measuring")
        self.advice = text_label("heading", selectable=True)
        self.reason = text_label(selectable=True)
        self._lay_out(buttons)
        self._planner.answered.connect(self._planned)
        self._planner.failed.connect(self.failed)
        self._planner.ask(lambda: announced(job))

    def _lay_out(self, buttons: tuple[QAbstractButton, ...]) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.said, 1)
        for button in buttons:
            head.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        split = QSplitter(Qt.Orientation.Vertical, childrenCollapsible=False)
        split.addWidget(self.table)
        split.addWidget(self.chart)
        split.setStretchFactor(0, 2)
        split.setStretchFactor(1, 3)
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(policy)
        self.bar.hide()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 4, 8, 8)
        whole.setSpacing(8)
        whole.addLayout(head)
        whole.addWidget(self.bar)
        whole.addWidget(split, 1)
        whole.addWidget(self.advice)
        whole.addWidget(self.reason)

    @property
    def busy(self) -> bool:
        """Whether it is measuring."""
        return self._thread is not None

    def begin(self) -> None:
        """Begin to measure."""
        if self.busy:
            return
        self.verdict = None
        self.advice.setText("")
        self.reason.setText("")
        thread = self._thread = CompareThread(self._job, self)
        thread.told.connect(self._told)
        thread.refused.connect(self._refused)
        thread.failed.connect(self.failed)
        thread.finished.connect(self._finished)
        self.bar.setValue(0)
        self.bar.show()
        self.changed.emit()
        thread.start()

    def cancel(self) -> None:
        """End the measurements; keep their results."""
        if self._thread is not None:
            self._thread.cancel()

    def close_run(self) -> None:
        """The page closes: end everything without waiting."""
        self._planner.drop()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.cancel()
            for signal in (thread.told, thread.refused, thread.failed, thread.finished):
                signal.disconnect()
            threads.let_end(thread)

    def _planned(self, plan: Plan) -> None:
        self.plan = plan
        if not self.busy:
            self.said.setText(plan.words())
        self.changed.emit()

    def _told(self, found: Comparison) -> None:
        self.said.setText(found.plan.words())
        self.bar.setValue(round(found.share * PARTS))
        if not found.lines:
            return
        self._note.say("")
        self.model.show_comparison(found)
        self.chart.show_comparison(found)
        if found.verdict is not None:
            self.verdict = found.verdict
            self.advice.setText(advice_words(found.verdict))
            self.reason.setText(found.verdict.reason)

    def _refused(self, problem: Problem) -> None:
        self.refused.emit(problem)

    def _finished(self) -> None:
        thread: QObject | None = self._thread
        if self._thread is not None:
            self._thread.wait()
        self._thread = None
        if thread is not None:
            thread.deleteLater()
        self.bar.hide()
        if self.verdict is None and not self.advice.text() and self.model.rowCount():
            self.advice.setText("Cancelled")
        self.changed.emit()


def advice_words(found: Verdict) -> str:
    """The mode and size, and how long all inputs would take."""
    said = MODES[found.mode].title
    if found.mode != "serial":
        said += f", {found.workers} workers" if found.workers > 1 else ", 1 worker"
    if found.expected is not None:
        low, high = words.duration(found.low or 0.0), words.duration(found.high or 0.0)
        said += f": about {words.duration(found.expected)} for all inputs ({low} to {high})"
    return said
