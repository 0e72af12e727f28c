"""The banner above the views: what failed, why, and what to do next; details are one click away."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.kit import theme
from gui.kit.mark import Mark
from gui.kit.quiet import close_button
from gui.kit.widgets import restyle, text_label


class Banner(QFrame):
    """One message at a time, until it is closed or replaced."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self._act: Callable[[], None] | None = None
        self._is_of_fields = False
        """Whether the message is about what was in the fields, so that an edit makes it stale."""
        self._mark = Mark(20)
        self.title = text_label("heading", selectable=True)
        self.text = text_label(selectable=True)
        self.action = QPushButton()
        self.more = QPushButton("Details")
        self.more.setCheckable(True)
        self.more.setProperty("quiet", True)
        self.details = QPlainTextEdit(readOnly=True)
        self.details.setAccessibleName("Details")
        self.details.setFont(theme.monospace())
        self.details.setMaximumHeight(160)
        close = close_button("Close this message")
        words = QVBoxLayout()
        words.setSpacing(3)
        for widget in (self.title, self.text):
            words.addWidget(widget)
        buttons = QHBoxLayout()
        buttons.addWidget(self.action)
        buttons.addWidget(self.more)
        buttons.addStretch(1)
        words.addLayout(buttons)
        words.addWidget(self.details)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 8, 6, 8)
        row.setSpacing(8)
        top = QVBoxLayout()
        top.addWidget(self._mark)
        top.addStretch(1)
        row.addLayout(top)
        row.addLayout(words, 1)
        corner = QVBoxLayout()
        corner.addWidget(close)
        corner.addStretch(1)
        row.addLayout(corner)
        self.more.toggled.connect(self.details.setVisible)
        self.action.clicked.connect(self._do)
        close.clicked.connect(self.hide)
        self.hide()

    def fail(self, what: str, why: str, details: str = "", *, of_fields: bool = False) -> None:
        """Say what failed, why, and what to do next. With `of_fields`, the message goes at the next edit."""
        self._show("error", "problem", what, why, details)
        self._is_of_fields = of_fields

    def inform(self, what: str, why: str, action: str = "", act: Callable[[], None] | None = None) -> None:
        """Say something worth knowing, with at most one button."""
        self._show("info", "accent", what, why, "", action, act)

    def take_back(self, what: str) -> None:
        """Hide this message, if it is shown: it no longer applies."""
        if self.title.text() == what:
            self.hide()

    def fields_changed(self) -> None:
        """The user has edited what a message may be about."""
        if self._is_of_fields:
            self.hide()

    def _show(
        self,
        kind: str,
        role: str,
        what: str,
        why: str,
        details: str,
        action: str = "",
        act: Callable[[], None] | None = None,
    ) -> None:
        self._is_of_fields = False
        restyle(self, "kind", kind)
        self._mark.show_icon(kind, role)
        self.title.setText(what)
        self.text.setText(why)
        self.text.setVisible(bool(why))
        self.action.setText(action)
        self.action.setVisible(bool(action))
        self._act = act
        self.details.setPlainText(details)
        self.more.setChecked(False)
        self.more.setVisible(bool(details))
        self.details.hide()
        self.setAccessibleName(f"{what} {why}")
        self.show()

    def _do(self) -> None:
        self.hide()
        if self._act is not None:
            self._act()
