"""Undo and redo for the form, with whole jobs; edits close together in time are one step."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit, QWidget

from gui.form import Form
from gui.form.form import State

PAUSE = 500
"""Milliseconds without an edit after which the next edit is a new step."""
STEPS = 200


class History(QObject):
    """Earlier states of the form, and what was undone.

    A state that does not parse is left out: undo from there returns to the last valid one.
    """

    changed = Signal()
    """What can be undone or redone has changed."""

    def __init__(self, form: Form) -> None:
        super().__init__(form)
        self._form = form
        self._states: list[State] = [form.state()]
        self._at = 0
        self._timer = QTimer(self, singleShot=True, interval=PAUSE)
        self._timer.timeout.connect(self.keep)
        form.changed.connect(self._edited)
        form.settled.connect(self._edited)
        QApplication.instance().focusChanged.connect(self._focus)  # pyright: ignore[reportOptionalMemberAccess, reportAttributeAccessIssue]

    @property
    def can_undo(self) -> bool:
        """Whether there is an earlier state."""
        return self._at > 0 or self._timer.isActive()

    @property
    def can_redo(self) -> bool:
        """Whether there is an undone state."""
        return self._at < len(self._states) - 1

    def begin(self) -> None:
        """Another job is shown: forget all states of the previous one."""
        self._timer.stop()
        self._states, self._at = [self._form.state()], 0
        self.changed.emit()

    def keep(self) -> None:
        """Make the form's current content a step of its own."""
        self._timer.stop()
        state = self._form.state()
        if state != self._states[self._at] and not self._form.busy and not self._form.own_problems():
            del self._states[self._at + 1 :]
            self._states.append(state)
            del self._states[:-STEPS]
            self._at = len(self._states) - 1
        self.changed.emit()

    def undo(self) -> None:
        """Go one step back."""
        self.keep()
        if self._form.own_problems():
            self._show(self._at)
        elif self._at > 0:
            self._show(self._at - 1)

    def redo(self) -> None:
        """Revert one undo."""
        self.keep()
        if self.can_redo:
            self._show(self._at + 1)

    def _show(self, at: int) -> None:
        self._at = at
        self._form.restore(self._states[at])
        self._timer.stop()
        self.changed.emit()

    def _edited(self) -> None:
        self._timer.start()
        self.changed.emit()

    # A line's own undo would compete with this one. Multi-line editors keep theirs.

    def _focus(self, old: QWidget | None, now: QWidget | None) -> None:
        for widget in (old, now):
            if isinstance(widget, QLineEdit | QAbstractSpinBox) and self._form.isAncestorOf(widget):
                widget.removeEventFilter(self)
                if widget is now:
                    widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            for keys in (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo):
                if event.matches(keys):
                    event.ignore()
                    return True
        return super().eventFilter(watched, event)
