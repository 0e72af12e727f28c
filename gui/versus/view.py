"""Two runs side by side: a verdict, numbers, differences in job and code, and the tasks that differ."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QRadioButton,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from gui.kit.flow import FlowLayout
from gui.kit.query import Query
from gui.kit.widgets import ElidedLabel, text_label
from gui.versus.diff import DiffText
from gui.versus.tables import Jobs, Numbers, Tasks

if TYPE_CHECKING:
    from engine.results.differences import RunDifferences, TaskPair

TABS = ("Overview", "Code", "Tasks")
_TASKS = 2


class VersusView(QWidget):
    """Asks for the differences, and shows them."""

    run_asked = Signal(Path, int)
    """Open a run at a task."""
    changed = Signal()
    """The names of the runs are known."""

    def __init__(self, one: Path, other: Path) -> None:
        super().__init__()
        self.one, self.other = one, other
        self.found: RunDifferences | None = None
        self._pairs: list[TaskPair] = []
        self.verdict = text_label("heading", selectable=True)
        self.which = ElidedLabel("muted")
        self.again = QPushButton("Compare a&gain")
        self.again.setToolTip("Read both runs again, in case one has changed")
        self.numbers, self.jobs, self.code, self.tasks = Numbers(), Jobs(), DiffText(), Tasks()
        self.code_note = text_label("note")
        self.kinds = QButtonGroup(self)
        self._chips = QWidget()
        self._flow = FlowLayout(self._chips)
        self._flow.setContentsMargins(0, 0, 0, 0)
        self.first = text_label("muted")
        self.tabs = QTabWidget()
        self._lay_out()
        self._query = Query(one, self)
        self._query.answered.connect(self._answered)
        self._query.failed.connect(self._failed)
        self.again.clicked.connect(self.compare)
        self.tasks.opened.connect(self._open)
        self.compare()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.verdict, 1)
        head.addWidget(self.again, 0, Qt.AlignmentFlag.AlignTop)
        overview = QSplitter(Qt.Orientation.Vertical)
        overview.addWidget(self.numbers)
        overview.addWidget(self.jobs)
        overview.setSizes([300, 200])
        code, tasks = QWidget(), QWidget()
        code_box, tasks_box = QVBoxLayout(code), QVBoxLayout(tasks)
        code_box.addWidget(self.code_note)
        code_box.addWidget(self.code, 1)
        for widget in (self._chips, self.first):
            tasks_box.addWidget(widget)
        tasks_box.addWidget(self.tasks, 1)
        for page, text in zip((overview, code, tasks), TABS, strict=True):
            self.tabs.addTab(page, text)
        whole = QVBoxLayout(self)
        whole.addLayout(head)
        whole.addWidget(self.which)
        whole.addWidget(self.tabs, 1)

    def compare(self) -> None:
        """Read both runs."""
        from engine.query.versus import CompareRuns

        self.verdict.setText("Comparing…")
        self.again.setEnabled(False)
        self._query.ask("compare", CompareRuns(self.one, self.other))

    def close_run(self) -> None:
        """Stop asking."""
        self._query.end()

    def _answered(self, _key: str, found: RunDifferences) -> None:
        from engine.results.verdict import verdict

        self.found = found
        self.again.setEnabled(True)
        self.verdict.setText(verdict(found))
        self.which.setText(f"Before: {found.one.folder.name}. Now: {found.other.folder.name}.")
        self.numbers.show_differences(found)
        self.jobs.show_differences(found)
        self.code.setPlainText(found.code or ("" if found.code_note else "The code is the same."))
        self.code_note.setText(found.code_note)
        self.code_note.setVisible(bool(found.code_note))
        self._fill_chips(found)
        self.changed.emit()

    def _failed(self, _key: str, error: object) -> None:
        self.again.setEnabled(True)
        self.verdict.setText(f"The runs cannot be compared: {error}")

    def _fill_chips(self, found: RunDifferences) -> None:
        """A chip for each kind of task that exists, with the first one chosen."""
        from engine.results.verdict import TITLES

        for button in self.kinds.buttons():
            self.kinds.removeButton(button)
            button.hide()
            button.deleteLater()
        there = {pair.kind for pair in found.pairs}
        for kind, title in TITLES.items():
            if kind not in there:
                continue
            count = found.count(kind)
            chip = QRadioButton(f"{title}  {count:,}" if count else title)
            chip.setProperty("chip", True)
            chip.toggled.connect(lambda on, kind=kind: self._show_kind(kind) if on else None)
            self.kinds.addButton(chip)
            self._flow.addWidget(chip)
        differing = sum(count for kind, count in found.counts if kind != "same error")
        self.tabs.setTabText(_TASKS, f"{TABS[_TASKS]} ({differing:,})")
        buttons = self.kinds.buttons()
        if buttons:
            buttons[0].setChecked(True)
        else:
            self.first.setText("All tasks have the same outcome in both runs.")
            self.tasks.show_pairs([])

    def _show_kind(self, kind: str) -> None:
        if self.found is None:
            return
        self._pairs = [pair for pair in self.found.pairs if pair.kind == kind]
        self.tasks.show_pairs(self._pairs)
        count = self.found.count(kind)
        shown = f"The first {len(self._pairs):,} are shown. " if count > len(self._pairs) else ""
        self.first.setText(f"{shown}A double click shows the task in its run.")

    def _open(self, row: int) -> None:
        if row < len(self._pairs):
            self.run_asked.emit(self.other, self._pairs[row].other)
