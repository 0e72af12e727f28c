"""The outcome of a trial: result, cost, log, and what to do if it failed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.progress import words as time_words
from engine.trial import Estimate, Trial
from gui.kit import icons, theme, words
from gui.kit.mark import Mark
from gui.kit.text_box import TextBox
from gui.kit.tips import plain_tip
from gui.kit.widgets import text_label

_TITLES = {
    "ok": ("It works", "good", "good"),
    "refused": ("Nothing ran", "error", "problem"),
    "cancelled": ("Cancelled", "stop", "warning"),
    "empty": ("There is no input", "warning", "warning"),
    "error": ("The function raised an error", "error", "problem"),
    "unpicklable": ("The result cannot be pickled", "error", "problem"),
    "died": ("The worker died", "error", "problem"),
    "timeout": ("It took longer than the time limit", "error", "problem"),
    "memory": ("It ran out of memory", "error", "problem"),
}


class TrialPage(QFrame):
    """Shown instead of results while it is relevant."""

    cancelled = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("trial")
        self.setAccessibleName("Trial")
        self.trying = False
        self._mark = Mark(20)
        self.title = text_label("heading")
        self.cancel = QPushButton("Cancel")
        self.cancel.setToolTip("End the trial now")
        self.close_button = QToolButton()
        self.close_button.setIcon(icons.icon("close"))
        self.close_button.setToolTip("Close the trial")
        self.close_button.setAccessibleName("Close the trial")
        self.close_button.setProperty("quiet", True)
        self.bar = QProgressBar(textVisible=False, maximum=0)
        self.bar.setAccessibleName("Trying")
        self.advice = text_label(selectable=True)
        self.install = QLineEdit(readOnly=True)
        self.install.setFont(theme.monospace())
        self.install.setAccessibleName("Command that installs it")
        self.copy = QPushButton("Copy")
        self.copy.setToolTip("Copy the command, to run it in a terminal")
        self.input = TextBox("Input", 1)
        self.value = TextBox("Result", 3)
        for box in (self.input, self.value):
            box.setMaximumHeight(box.minimumHeight())
        self.value_label = QLabel("Result")
        self.cost = text_label(selectable=True)
        self.whole = text_label(selectable=True)
        self.log = TextBox("Log", 3)
        self.log.setPlaceholderText("Nothing was logged.")
        self.output = TextBox("Printed", 3)
        self.output.setPlaceholderText("Nothing was printed.")
        self.trace = TextBox("Traceback", 3)
        self.texts = QTabWidget()
        self._lay_out()
        self.cancel.clicked.connect(self.cancelled)
        self.close_button.clicked.connect(self.closed)
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.install.text()))
        self.clear()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._mark)
        head.addWidget(self.title, 1)
        head.addWidget(self.cancel)
        head.addWidget(self.close_button)
        self._command = QWidget()
        line = QHBoxLayout(self._command)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.install, 1)
        line.addWidget(self.copy)
        self._facts = QWidget()
        grid = QGridLayout(self._facts)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        rows = (
            (QLabel("Input"), self.input),
            (self.value_label, self.value),
            (QLabel("One task"), self.cost),
            (QLabel("All tasks"), self.whole),
        )
        self._labels: dict[QWidget, QLabel] = {}
        for at, (label, field) in enumerate(rows):
            label.setProperty("muted", True)
            boxed = isinstance(field, TextBox)
            label.setContentsMargins(0, 4 if boxed else 0, 0, 0)
            grid.addWidget(label, at, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(field, at, 1)
            self._labels[field] = label
        for box, name in ((self.log, "Log"), (self.output, "Printed"), (self.trace, "Traceback")):
            self.texts.addTab(box, name)
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 10, 12, 12)
        box.setSpacing(8)
        box.addLayout(head)
        for widget in (self.bar, self.advice, self._command, self._facts):
            box.addWidget(widget)
        box.addWidget(self.texts, 1)
        box.addStretch(0)

    def clear(self) -> None:
        """Show nothing."""
        self.trying = False
        self.title.setText("")
        self._show_parts()

    def begin(self, name: str) -> None:
        """The trial of function `name` began."""
        self.trying = True
        self.title.setText(f"Trying {name} on the first input…")
        self._mark.show_icon("run", "accent")
        self._show_parts()

    def show_trial(self, found: Trial) -> None:
        """Show the outcome."""
        self.trying = False
        title, mark, role = _TITLES[found.status]
        self.title.setText(title)
        self._mark.show_icon(mark, role)
        ran = found.seconds is not None
        why = "" if ran or found.install else found.text
        self.advice.setText("\n".join(part for part in (why, found.advice) if part))
        self.install.setText(found.install)
        self.install.setToolTip(plain_tip(found.install))
        self.install.setCursorPosition(0)
        self.input.show_text(found.input)
        self.value.show_text(found.text)
        self.value_label.setText("Result" if found.status == "ok" else "Error")
        self.value.setAccessibleName(self.value_label.text())
        self.cost.setText(cost_words(found))
        self.whole.setText(whole_words(found.estimate) if found.estimate else "")
        for box, text in ((self.log, found.log), (self.output, found.output), (self.trace, found.traceback)):
            box.show_text(text)
        self._show_parts(found)

    def _show_parts(self, found: Trial | None = None) -> None:
        """Show the parts of the page that have content."""
        ran = found is not None and found.seconds is not None
        self.bar.setVisible(self.trying)
        self.cancel.setVisible(self.trying)
        self.close_button.setVisible(not self.trying)
        self.advice.setVisible(found is not None and bool(self.advice.text()))
        self._command.setVisible(found is not None and bool(found.install))
        self._facts.setVisible(ran)
        for field in (self.input, self.whole):
            shown = ran and found is not None and bool(found.input if field is self.input else found.estimate)
            field.setVisible(shown)
            self._labels[field].setVisible(shown)
        self.texts.setVisible(
            ran or (found is not None and bool(found.traceback or found.log or found.output))
        )
        has_trace = found is not None and bool(found.traceback)
        self.texts.setTabVisible(2, has_trace)
        self.texts.setCurrentIndex(0)


def cost_words(found: Trial) -> str:
    """What the one task cost."""
    if found.seconds is None:
        return ""
    parts = [f"{words.duration(found.seconds)}, after a start of {words.duration(found.start)}"]
    if found.memory is not None:
        parts.append(f"{words.size(found.memory)} of memory in its worker")
    if found.size is not None:
        parts.append(f"a result of {words.size(found.size)}")
    return "; ".join(parts) + "."


def whole_words(whole: Estimate) -> str:
    """An estimate for the whole run, from the one task."""
    if whole.tasks is None:
        return "Their number is known once they have been read."
    tasks = f"{whole.tasks:,} task{'s' if whole.tasks != 1 else ''}"
    workers = f"{whole.workers:,} worker{'s' if whole.workers != 1 else ''}"
    parts = [f"{'' if whole.exact else 'at least '}{tasks} on {workers}"]
    if whole.seconds is not None:
        parts.append(time_words(whole.seconds))
    if whole.memory is not None:
        parts.append(f"{words.size(whole.memory)} of memory")
    if whole.size is not None:
        parts.append(f"results of {words.size(whole.size)}")
    return "; ".join(parts) + "."
