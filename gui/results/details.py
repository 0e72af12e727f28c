"""The pane below the results table: one task whole, with its error one click away from its traceback."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.runs import Failure
from gui.kit import words
from gui.kit.icons import icon
from gui.kit.mark import Mark
from gui.kit.text_box import TextBox
from gui.results.rows import Row


class Details(QFrame):
    """Shows one task: what it is, its input, its result or error, and where it failed."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Details of the selected task")
        self._task = -1
        self._sign = Mark(16)
        self._title = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._title.setProperty("heading", True)
        self._facts = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._facts.setProperty("muted", True)
        self._facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._input = TextBox("Input", 1)
        self._value = TextBox("Result", 2)
        self._value_label = _label("Result")
        self._disclosure = QToolButton()
        self._disclosure.setText("Traceback")
        self._disclosure.setCheckable(True)
        self._disclosure.setProperty("quiet", True)
        self._disclosure.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._disclosure.toggled.connect(self._disclose)
        self._trace = TextBox("Traceback", 4)
        self._texts = QGridLayout()
        self._lay_out()
        self._disclose(False)
        self.clear()

    def _lay_out(self) -> None:
        close = QToolButton()
        close.setIcon(icon("close", "muted"))
        close.setToolTip("Close the details (Esc)")
        close.setAccessibleName("Close the details")
        close.setProperty("quiet", True)
        close.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.addWidget(self._sign)
        head.addWidget(self._title)
        head.addSpacing(8)
        head.addWidget(self._facts, 1)
        head.addWidget(close)
        texts = self._texts
        top = Qt.AlignmentFlag.AlignTop
        texts.addWidget(_label("Input"), 0, 0, top)
        texts.addWidget(self._input, 0, 1)
        texts.addWidget(self._value_label, 1, 0, top)
        texts.addWidget(self._value, 1, 1)
        texts.addWidget(self._disclosure, 2, 0, 1, 2)
        texts.addWidget(self._trace, 3, 0, 1, 2)
        texts.setRowStretch(0, 1)
        texts.setRowStretch(1, 3)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 4, 4, 4)
        whole.addLayout(head)
        whole.addLayout(texts, 1)

    def clear(self) -> None:
        """Show no task."""
        self._task = -1
        self.hide()

    def show_row(self, row: Row) -> None:
        """Show a task; its failed attempts follow by `show_failures`."""
        if row.index != self._task:
            self._failed_attempts(())
        self._task = row.index
        fine = row.status == "ok"
        self._sign.show_icon(*(("good", "good") if fine else ("error", "problem")))
        self._title.setText(f"Task {row.index}: {words.status(row.status)}")
        ran = words.took(row.start, row.end)
        facts = (f"worker {row.worker}", ran, words.date_and_clock(row.start))
        self._facts.setText(" · ".join(fact for fact in facts if fact))
        self._value_label.setText("Result" if fine else "Error")
        self._value.setAccessibleName("Result" if fine else "Error")
        self._input.show_text(row.input)
        self._value.show_text(row.value)
        self.show()

    def show_whole(self, row: Row) -> None:
        """The texts of a task as far as they are kept, if it is the one shown."""
        if row.index == self._task:
            self._input.show_text(row.input)
            self._value.show_text(row.value)

    def show_failures(self, failures: Sequence[Failure]) -> None:
        """Show the failed attempts of the task shown."""
        if all(failure.task == self._task for failure in failures):
            self._failed_attempts(failures)

    def _failed_attempts(self, failures: Sequence[Failure]) -> None:
        many = len(failures) > 1
        worth = many or any(failure.traceback for failure in failures)
        self._disclosure.setVisible(worth)
        self._show_trace(worth and self._disclosure.isChecked())
        self._disclosure.setText(f"{len(failures)} failed attempts" if many else "Traceback")
        self._trace.show_text("\n\n".join(_attempt(failure, many) for failure in failures))

    def _disclose(self, opened: bool) -> None:
        self._disclosure.setIcon(icon("chevron-down" if opened else "chevron-right", "muted"))
        self._show_trace(opened and not self._disclosure.isHidden())

    def _show_trace(self, shown: bool) -> None:
        self._trace.setVisible(shown)
        self._texts.setRowStretch(3, 6 if shown else 0)


def _label(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("muted", True)
    label.setContentsMargins(0, 4, 0, 0)  # as the text beside it has
    return label


def _attempt(failure: Failure, numbered: bool) -> str:
    """One failed attempt: what happened, and its traceback where there is one."""
    trace = failure.traceback.rstrip()
    if not numbered:
        return trace
    when = words.date_and_clock(failure.time)
    title = f"Attempt {failure.attempt}, worker {failure.worker}, {when}: {failure.message}"
    return f"{title}\n{trace}" if trace else title
