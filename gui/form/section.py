"""A section of the form: rows of labels and fields in one grid, each with its problem below."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.job import Job, Problem
from gui.kit.widgets import WheelGuard, WrappedText, restyle, text_label


class FieldRow:
    """One field with its label and, below it, its problem and note."""

    def __init__(
        self, label: QLabel | None, field: QWidget, focus: QWidget, grid: QGridLayout, line: int
    ) -> None:
        """The field is in this `line` of the grid; the two lines below it also belong to the row."""
        self.label = label
        self.field = field
        self.focus = focus
        self._grid, self._line = grid, line
        self._below: dict[str, QLabel] = {}
        """The labels below the field, each created when first needed."""
        self._shown = True

    @property
    def problem(self) -> QLabel:
        """Says what is wrong with the field."""
        return self._label("problem", 1)

    @property
    def note(self) -> QLabel:
        """Says what is worth knowing about the field."""
        return self._label("note", 2)

    def _label(self, role: str, below: int) -> QLabel:
        if role not in self._below:
            label = self._below[role] = text_label(role)
            label.hide()
            self._grid.addWidget(label, self._line + below, 1)
        return self._below[role]

    @property
    def widgets(self) -> list[QWidget]:
        """All its widgets."""
        label = [] if self.label is None else [self.label]
        return [*label, self.field, *self._below.values()]

    def tell(self, problem: str, note: str) -> None:
        """Show or clear the problem and the note."""
        for role, below, text in (("problem", 1, problem), ("note", 2, note)):
            if text or role in self._below:
                label = self._label(role, below)
                label.setText(text)
                label.setVisible(bool(text) and self._shown)
        self.focus.setAccessibleDescription(problem or note)
        restyle(self.focus, "fault", bool(problem))

    @property
    def shown(self) -> bool:
        """Whether the row is shown."""
        return self._shown

    def show(self, shown: bool) -> None:
        """Show or hide the row as a whole."""
        self._shown = shown
        for widget in (self.label, self.field):
            if widget is not None:
                widget.setVisible(shown)
        for label in self._below.values():
            label.setVisible(shown and bool(label.text()))


class Section(QFrame):
    """A titled group of rows. Subclasses fill it, and map it from and to a job."""

    changed = Signal(str)
    """The user changed the field of this key."""
    opened = Signal(str)
    """A field has appeared for this key or group of keys: nothing can be wrong with it yet."""
    told = Signal()
    """The result of `notes` has changed."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("section")
        self.setAccessibleName(title)
        self.rows: dict[str, FieldRow] = {}
        self.loading = False
        self._guard = WheelGuard(self)
        heading = QLabel(title)
        heading.setProperty("heading", True)
        self.grid = QGridLayout()
        self.grid.setHorizontalSpacing(10)
        self.grid.setVerticalSpacing(6)
        self.grid.setColumnStretch(1, 1)
        self._next_line = 0
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 10, 12, 12)
        box.setSpacing(8)
        box.addWidget(heading)
        box.addLayout(self.grid)

    def add(
        self,
        key: str,
        label: str,
        field: QWidget,
        *,
        focus: QWidget | None = None,
        name: str = "",
        wide: bool = False,
    ) -> FieldRow:
        """Add a row for `key`; `label` may contain a mnemonic, `name` is for screen readers.

        A `wide` field spans the column of labels too.
        """
        focus = focus or field
        line = self._next_line
        title = QLabel(label) if label else None
        if title is not None:
            title.setBuddy(focus)
            title.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
            above = 0 if isinstance(focus, WrappedText) else 3 if isinstance(focus, QCheckBox) else 6
            title.setContentsMargins(0, above, 0, 0)
            self.grid.addWidget(title, line, 0, Qt.AlignmentFlag.AlignTop)
        if not isinstance(focus, QLabel):  # which is read as it is
            focus.setAccessibleName(name or label.replace("&", ""))
        focus.setObjectName(focus.objectName() or key)
        if isinstance(focus, QComboBox | QAbstractSpinBox):
            self.guard(focus)
        row = FieldRow(title, field, focus, self.grid, line)
        self.grid.addWidget(field, line, 0 if wide else 1, 1, 2 if wide else 1)
        self.rows[key] = row
        self._next_line = line + 3
        return row

    def guard(self, field: QWidget) -> None:
        """Leave the wheel to the form: it must not change a field that it happens to pass."""
        field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        field.installEventFilter(self._guard)

    def remove(self, key: str) -> None:
        """Take a row away."""
        row = self.rows.pop(key)
        for widget in row.widgets:
            self.grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()

    def add_below(self, widget: QWidget) -> None:
        """Add a widget to the field column, without label and key."""
        self.grid.addWidget(widget, self._next_line, 1)
        self._next_line += 1

    def add_wide(self, widget: QWidget) -> None:
        """Add a widget that spans both columns."""
        alignment = Qt.AlignmentFlag.AlignLeft if isinstance(widget, QToolButton) else Qt.AlignmentFlag(0)
        self.grid.addWidget(widget, self._next_line, 0, 1, 2, alignment)
        self._next_line += 1

    def label_width(self) -> int:
        """The widest label in the section."""
        return max((r.label.sizeHint().width() for r in self.rows.values() if r.label), default=0)

    def touch(self, key: str) -> None:
        """Report that the user changed `key`, unless a job is just being shown."""
        if not self.loading:
            self.changed.emit(key)

    def problems(self) -> list[Problem]:
        """What is wrong with the fields themselves: texts that do not parse."""
        return []

    def notes(self) -> dict[str, str]:
        """What is worth knowing about fields, by their keys."""
        return {}

    def set_job(self, job: Job) -> None:
        """Show this section of `job`."""
        self.loading = True
        try:
            self.fill(job)
        finally:
            self.loading = False

    def fill(self, job: Job) -> None:
        """Put the job's values into the fields."""
        raise NotImplementedError

    def expose(self, key: str) -> None:
        """Unfold the field of `key` if it is folded away."""
