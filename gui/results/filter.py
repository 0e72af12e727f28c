"""The bar above the results: which tasks are shown, and how many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.query.slow import TIMES, Slow
from engine.results.answers import Group
from engine.results.conditions import FAILED, ConditionError, parse
from engine.results.names import ENDED, FAILURES, STATUSES
from gui.kit import words
from gui.kit.flow import FlowLayout
from gui.kit.icons import icon
from gui.kit.tips import plain_tip
from gui.kit.widgets import Chip, ElidedLabel, restyle, text_label
from gui.results.completion import ConditionsEdit

_PAUSE = 400
"""Milliseconds without typing before conditions are applied."""
SLOW = "slow"
"""The chip for slow tasks; the engine only knows their limit."""
_LEFT = ("cancelled", "missing")
"""The status of tasks that the run left without an outcome."""
_GROUP = 60
"""Characters of a group's message that its chip shows."""


@dataclass(frozen=True)
class Chosen:
    """What the bar selects."""

    status: str = ""
    """The `status=` value of the pressed chip."""
    text: str = ""
    """The valid conditions of the field."""
    group: Group | None = None


class FilterBar(QWidget):
    """Chips with counts, and a field for conditions. `where` is always valid."""

    changed = Signal()
    """Show other tasks."""
    left = Signal()
    """Escape was pressed with nothing to clear."""
    cancelled = Signal()
    """The user cancels what is being read."""
    errors_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: dict[str, int] = {}
        self._status = ""
        """The `status=` value of the pressed chip."""
        self._text = ""
        """The valid conditions of the field."""
        self._group: Group | None = None
        self._slow = Slow()
        self.field = ConditionsEdit("Filter: seconds>1.5 status=error input~2024")
        self.field.setAccessibleName("Conditions")
        self.field.setToolTip(
            "COLUMN OP VALUE; separate several with spaces. OP is one of = != < <= > >= ~,\n"
            "where ~ finds a text, or /PATTERN/ a regular expression. Esc clears."
        )
        self.field.installEventFilter(self)
        self.problem = text_label("problem")
        self.problem.hide()
        self.found = ElidedLabel("muted")
        self._progress = QProgressBar(textVisible=False)
        self._progress.setMaximumWidth(90)
        self._progress.setAccessibleName("Tasks looked at")
        self._cancel = QPushButton("Cancel")
        self._cancel.setProperty("quiet", True)
        self._cancel.setAccessibleName("Cancel the filter")
        self.errors = QToolButton()
        self.errors.setText("Group errors")
        self.errors.setCheckable(True)
        self.errors.setProperty("chip", True)
        self.errors.setToolTip("Show failures that are alike in groups (Ctrl+Shift+E)")
        self._chips: dict[str, Chip] = {}
        self._all = QButtonGroup(self)
        self._group_chip = QToolButton()
        self._group_chip.setAccessibleName("Show more than one group of failures")
        self._group_chip.setProperty("chip", True)
        self._group_chip.setIcon(icon("close", "muted"))
        self._group_chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._group_chip.hide()
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE)
        self._flow = FlowLayout()
        self._lay_out()
        self._connect()
        self.show_counts({})
        self.show_progress(0, 0)

    def _lay_out(self) -> None:
        for status in ("", FAILED, SLOW, *STATUSES):
            chip = self._chips[status] = Chip()
            chip.clicked.connect(lambda _=False, status=status: self._press(status))
            self._all.addButton(chip)
            self._flow.addWidget(chip)
        self._chips[""].setChecked(True)
        self._flow.addWidget(self._group_chip)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.field, 3)
        line.addWidget(self.found, 2)
        line.addWidget(self._progress)
        line.addWidget(self._cancel)
        line.addWidget(self.errors)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(6, 6, 6, 4)
        whole.setSpacing(4)
        whole.addLayout(self._flow)
        whole.addLayout(line)
        whole.addWidget(self.problem)

    def _connect(self) -> None:
        self._pause.timeout.connect(self._read)
        self.field.textChanged.connect(lambda _text: self._pause.start())
        self.field.returnPressed.connect(self._enter)
        self._cancel.clicked.connect(self.cancelled)
        self._group_chip.clicked.connect(lambda: self.choose_group(None))
        self.errors.toggled.connect(self.errors_toggled)

    # the selection

    @property
    def where(self) -> str:
        """The conditions of the field and the chip together."""
        chosen = f"status={self._status}" if self._status else ""
        if self._status == SLOW:
            chosen = f"seconds>{self._slow.limit!r}"
        return f"{self._text} {chosen}".strip()

    @property
    def group(self) -> str:
        """The key of the selected group of failures."""
        return self._group.key if self._group else ""

    @property
    def is_set(self) -> bool:
        """Whether anything is selected or typed."""
        return bool(self._status or self.field.text().strip() or self._group)

    def choose_group(self, group: Group | None) -> None:
        """Show the tasks of this group; None shows those of all groups."""
        self._set_group(group)
        self.changed.emit()

    def _set_group(self, group: Group | None) -> None:
        self._group = group
        if group is not None:
            said = group.told or words.status(group.kind)
            self._group_chip.setText(words.one_line(said)[:_GROUP].replace("&", "&&"))
            self._group_chip.setToolTip(plain_tip(f"Only failures like this: {said}"))
            self._group_chip.setAccessibleName(f"Show more than {said[:_GROUP]}")
        self._group_chip.setVisible(group is not None)

    def clear(self) -> None:
        """Show all tasks."""
        if self._forget():
            self.changed.emit()

    def _forget(self) -> bool:
        was_set = bool(self.where or self.group)
        self.field.clear()
        self._pause.stop()
        self._status = self._text = ""
        self._chips[""].setChecked(True)
        self._set_group(None)
        self._complain(None)
        self._show_chips()
        return was_set

    def start_over(self) -> None:
        """Another run is shown: reset everything."""
        self._forget()
        self._slow = Slow()
        self.show_counts({})
        self.show_progress(0, 0)
        self.found.setText("")

    def _press(self, status: str) -> None:
        if status != self._status:
            self._status = status
            self.changed.emit()

    # the field

    def focus_field(self) -> None:
        """Let the user type."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def say(self, text: str) -> None:
        """Put these conditions into the field, as if typed."""
        self.field.setText(text)
        self._enter()

    def _enter(self) -> None:
        """Apply the typed conditions; if they are invalid, move the cursor to the mistake."""
        error = self._read()
        if error is not None:
            self.field.setCursorPosition(error.position)

    def _read(self) -> ConditionError | None:
        self._pause.stop()
        text = self.field.text().strip()
        shift = len(self.field.text()) - len(self.field.text().lstrip())
        try:
            parse(text)
        except ConditionError as error:
            found = ConditionError(str(error), error.position + shift)
            self._complain(found)
            return found
        self._complain(None)
        if text != self._text:
            self._text = text
            self.changed.emit()
        return None

    def _complain(self, error: ConditionError | None) -> None:
        said = f"At character {error.position + 1}: {error}" if error else ""
        if said != self.problem.text():
            self.problem.setText(said)
            self.problem.setVisible(bool(said))
            restyle(self.field, "fault", bool(said))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                if self.is_set:
                    self.clear()
                else:
                    self.left.emit()
                return True
        return super().eventFilter(watched, event)

    # counts

    def show_counts(self, counts: Mapping[str, int]) -> None:
        """Show how many tasks of the run have each status."""
        if counts != self._counts or not counts:
            self._counts = dict(counts)
            self._show_chips()

    def show_slow(self, slow: Slow) -> None:
        """Show how many tasks are slow. While they are selected, their limit stays the same."""
        if self._status == SLOW:
            return
        self._slow = slow
        self._chips[SLOW].setToolTip(
            f"Tasks that took more than {words.duration(slow.limit)}: {TIMES} times the median, which is"
            f" {words.duration(slow.median)}"
        )
        self._show_chips()

    @property
    def failed(self) -> int:
        """The number of failed tasks."""
        return sum(self._counts.get(status, 0) for status in FAILURES)

    @property
    def ended(self) -> int:
        """The number of tasks with an outcome."""
        return sum(self._counts.get(status, 0) for status in ENDED)

    @property
    def total(self) -> int:
        """The number of tasks that have an outcome or will have one."""
        return sum(count for status, count in self._counts.items() if status not in _LEFT)

    def _show_chips(self) -> None:
        known = [status for status in STATUSES if self._counts.get(status)]
        self._show_chip("", "All", self.total, is_there=True)
        self._show_chip(FAILED, "Failed", self.failed, is_there=self.failed > 0)
        self._show_chip(SLOW, "Slow", self._slow.tasks, is_there=self._slow.tasks > 0)
        for status in STATUSES:
            is_there = status in known and len(known) > 1
            self._show_chip(status, words.status(status), self._counts.get(status, 0), is_there=is_there)
        has_errors = self.failed > 0 or self.errors.isChecked()
        if self.errors.isHidden() == has_errors:
            self.errors.setVisible(has_errors)

    def _show_chip(self, status: str, name: str, count: int, *, is_there: bool) -> None:
        """Set only what has changed: each change makes the window lay itself out again."""
        chip = self._chips[status]
        text = f"{name}  {count:,}" if self._counts else name
        if chip.text() != text:
            chip.setText(text)
            chip.setAccessibleName(f"{name}, {count:,} tasks")
        is_there = is_there or status == self._status
        if chip.isHidden() == is_there:
            chip.setVisible(is_there)

    def show_progress(self, done: int, total: int) -> None:
        """Show the progress of a search; a total of 0 means that none is running."""
        is_waiting = total > 0
        if is_waiting:
            self._progress.setRange(0, 1000)
            self._progress.setValue(min(1000 * done // total, 1000))
        if self._progress.isHidden() == is_waiting:
            self._progress.setVisible(is_waiting)
            self._cancel.setVisible(is_waiting)

    @property
    def chosen(self) -> Chosen:
        """The current selection."""
        return Chosen(self._status, self._text, self._group)

    def restore(self, chosen: Chosen) -> None:
        """Restore an earlier selection, without a signal."""
        if chosen == self.chosen:
            return
        self._status, self._text = chosen.status, chosen.text
        self._chips[chosen.status].setChecked(True)
        self.field.setText(chosen.text)
        self._pause.stop()
        self._set_group(chosen.group)
        self._complain(None)
        self._show_chips()
