"""The strip below the log: find and filter, counts and messages, how it is read, whether it is followed."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from engine.query.log import LogState
from gui.kit.quiet import icon_button, quiet_button
from gui.kit.widgets import ElidedLabel
from gui.logs.how_read import HowRead

_TELLING = 5_000
"""Milliseconds for which a message is shown."""


class Strip(QWidget):
    """Shows the counts, or for some seconds a message in their place."""

    told = Signal()
    """The message has been shown long enough."""
    find_asked = Signal()
    filter_asked = Signal()
    rotated_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.find_button = icon_button("find", "Find a text", "Ctrl+F")
        self.find_button.clicked.connect(self.find_asked)
        self.filter_button = icon_button("filter", "Show only some records", "Ctrl+L")
        self.filter_button.clicked.connect(self.filter_asked)
        self.count = ElidedLabel("muted")
        self.how_read = HowRead()
        self.follow = QCheckBox("Follow")
        self.follow.setChecked(True)
        self.follow.setToolTip("Stay at the end of the log as it grows (End)")
        self.rotated = quiet_button("", "Show the earlier (rotated) parts of the log too, as one log")
        self.rotated.clicked.connect(self.rotated_asked)
        self.rotated.hide()
        self._telling = QTimer(self, singleShot=True, interval=_TELLING)
        self._telling.timeout.connect(self.told)
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 2, 6, 2)
        row.addWidget(self.find_button)
        row.addWidget(self.filter_button)
        row.addWidget(self.count, 1)
        row.addWidget(self.rotated)
        row.addWidget(self.how_read)
        row.addWidget(self.follow)

    def tell(self, text: str) -> None:
        """Show a message."""
        self.count.setText(text)
        self._telling.start()

    def clear(self) -> None:
        """Show nothing."""
        self._telling.stop()
        self.count.clear()
        self.rotated.hide()
        self.how_read.show_state(None)

    def show_state(self, state: LogState) -> None:
        """Show how the log is read, and whether it has earlier parts."""
        self.how_read.show_state(state)
        more = len(state.rotated) - 1
        if (more > 0) != self.rotated.isVisibleTo(self):
            self.rotated.setText("+ 1 earlier part" if more == 1 else f"+ {more} earlier parts")
            self.rotated.setVisible(more > 0)

    def show_counts(self, state: LogState, selected: tuple[int, int] | None) -> None:
        """Show the counts and the selection, unless a message is shown."""
        if self._telling.isActive():
            return
        lines = "1 line" if state.lines == 1 else f"{state.lines:,} lines"
        parts = [lines if state.complete else f"{lines}, reading … {state.share:.0%}"]
        if state.records and state.records != state.lines:
            parts.append("1 record" if state.records == 1 else f"{state.records:,} records")
        if selected:
            count = selected[1] - selected[0] + 1
            parts.append("1 line selected" if count == 1 else f"{count:,} lines selected")
        self.count.setText(" · ".join([*parts, *state.notes]))
