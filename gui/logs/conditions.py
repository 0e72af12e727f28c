"""The conditions behind More: logger, process, thread, task, exception, time, and how much of a record."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QSpinBox, QWidget

from engine.query.log import LogWanted
from gui.kit.line_edit import ClearableEdit
from gui.kit.widgets import WheelGuard

NAMES = (
    ("loggers", "Logger", "A logger with its children; several with commas"),
    ("processes", "Process", "Name or number of a process; several with commas"),
    ("threads", "Thread", "Name or number of a thread; several with commas"),
    ("tasks", "Task", "Numbers of tasks, with commas"),
    ("exceptions", "Exception", "The class of an exception, with or without its module"),
    ("since", "From", "A time: 2024-03-10T11:58, 11:58, or -10m before the last record"),
    ("until", "To", "A time: 2024-03-10T11:58, 11:58, or -10m before the last record"),
)
TIMES = ("since", "until")
_A_LINE = 5
"""Fields side by side."""


class Conditions(QWidget):
    """Fields for the conditions that are needed less often."""

    typed = Signal()
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.fields = {name: edit_for(title, tip) for name, title, tip in NAMES}
        self.matching = QCheckBox("Only lines that match")
        self.matching.setToolTip("Show only the matching lines of each record, not the whole record")
        self.context = QSpinBox(maximum=1_000, suffix=" lines around")
        self.context.setAccessibleName("Lines around each record")
        self.context.installEventFilter(WheelGuard(self.context))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        for n, edit in enumerate(self.fields.values()):
            grid.addWidget(edit, n // _A_LINE, n % _A_LINE)
            edit.textChanged.connect(self.typed)
        grid.addWidget(self.matching, 1, 2)
        grid.addWidget(self.context, 1, 3)
        self.matching.toggled.connect(self.changed)
        self.context.valueChanged.connect(self.typed)

    def values(self) -> dict[str, Any]:
        """The content of the fields, as parts of a `LogWanted`: times are texts, names tuples of them."""
        texts = {name: edit.text().strip() for name, edit in self.fields.items()}
        names = {
            name: text if name in TIMES else tuple(part.strip() for part in text.split(",") if part.strip())
            for name, text in texts.items()
        }
        return {**names, "matching": self.matching.isChecked(), "context": self.context.value()}

    def show_wanted(self, wanted: LogWanted) -> None:
        """Show the conditions of a filter."""
        for name, edit in self.fields.items():
            value = getattr(wanted, name)
            edit.setText(value if isinstance(value, str) else ", ".join(value))
        for widget in (self.matching, self.context):
            widget.blockSignals(True)
        self.matching.setChecked(wanted.matching)
        self.context.setValue(wanted.context)
        for widget in (self.matching, self.context):
            widget.blockSignals(False)


def are_in(wanted: LogWanted) -> bool:
    """Whether a filter has conditions of this kind."""
    return bool(wanted.matching or wanted.context or any(getattr(wanted, name) for name, _, _ in NAMES))


def edit_for(placeholder: str, tip: str) -> ClearableEdit:
    """A field for a condition."""
    edit = ClearableEdit(placeholder)
    edit.setAccessibleName(placeholder)
    edit.setToolTip(tip)
    return edit
