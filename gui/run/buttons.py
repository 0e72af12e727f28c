"""The header's buttons for the live run, and the size of its pool."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QSpinBox, QToolButton, QWidget

from engine.job import MOST_WORKERS
from gui.kit import icons
from gui.kit.widgets import WheelGuard


class StopButton(QPushButton):
    """Stop, and once the run is stopping, Stop now. The arrow beside it offers each way to stop."""

    def __init__(self) -> None:
        super().__init__(icons.icon("stop"), "Stop")
        self.arrow = QToolButton()
        self.arrow.setObjectName("arrow")
        self.arrow.setIcon(icons.icon("chevron-down"))
        self.arrow.setToolTip("Ways to stop")
        self.arrow.setAccessibleName("Ways to stop")
        self.arrow.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.urge(False)

    def offer(self, ways: Sequence[QAction]) -> None:
        """Offer these ways beside the button."""
        menu = QMenu(self.arrow)
        menu.addActions(list(ways))
        self.arrow.setMenu(menu)

    def urge(self, stopping: bool) -> None:
        """A run that is stopping already can only be stopped at once."""
        self.setText("Stop now" if stopping else "Stop")
        self.setToolTip(
            "End what still runs, now (Shift+F5)"
            if stopping
            else "End the run; what runs has some seconds, and what is done is kept (Shift+F5)"
        )

    def show_as(self, *, shown: bool) -> None:
        """Show or hide the button and its arrow."""
        self.setVisible(shown)
        self.arrow.setVisible(shown)


class PauseButton(QPushButton):
    """Pause, or Resume: a run that is paused, or a saved one that did not come to its end."""

    def __init__(self) -> None:
        super().__init__("Pause")
        self.resumes = False

    def turn(self, resumes: bool, tip: str) -> None:
        """Say what a press does."""
        self.resumes = resumes
        self.setText("Resume" if resumes else "Pause")
        self.setIcon(icons.icon("run" if resumes else "pause"))
        self.setToolTip(f"{tip} (F6)")


class PoolSize(QWidget):
    """How many workers the live run has; changed while it goes on."""

    changed = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.number = QSpinBox(minimum=1, maximum=MOST_WORKERS)
        self.number.setKeyboardTracking(False)
        self.number.lineEdit().setTextMargins(5, 0, 0, 0)
        self.number.setAccessibleName("Workers of this run")
        self.number.setToolTip("Workers of this run. Those that are too many go after their tasks.")
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
        """Show the size; nobody is asked to change it."""
        blocked = self.number.blockSignals(True)
        if not self.number.hasFocus():
            self.number.setValue(workers)
        self.number.blockSignals(blocked)
