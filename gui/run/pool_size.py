"""The number of workers of a live run, which can be changed during the run."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QWidget

from engine.job import MOST_WORKERS
from gui.kit.widgets import WheelGuard


class PoolSize(QWidget):
    """How many workers the run has. It can be changed during the run."""

    changed = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.number = QSpinBox(minimum=0, maximum=MOST_WORKERS)
        self.number.setSpecialValueText(" ")  # no number without a run
        self.number.setKeyboardTracking(False)
        self.number.lineEdit().setTextMargins(5, 0, 0, 0)
        self.number.setAccessibleName("Workers of this run")
        self.number.setToolTip(
            "Workers of this run. If you lower the number, surplus workers finish their tasks first."
        )
        self.number.installEventFilter(WheelGuard(self.number))
        label = QLabel("Workers")
        label.setProperty("muted", True)
        label.setBuddy(self.number)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(label)
        row.addWidget(self.number)
        self.number.valueChanged.connect(self.changed)

    def tell(self, workers: int) -> None:
        """Show the size without requesting a change; 0 if it is unknown."""
        blocked = self.number.blockSignals(True)
        least = 1 if workers else 0
        if self.number.minimum() != least:  # else Qt would lay out and paint the whole page for nothing
            self.number.setMinimum(least)
        if not (workers and self.number.hasFocus()):
            self.number.setValue(workers)
        self.number.blockSignals(blocked)
