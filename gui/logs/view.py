"""A log, live or old: the lines, and a strip with what is known of it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QAction, QGuiApplication, QHideEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from engine.query.log import Lines, LogPage, LogText
from gui.kit import words
from gui.kit.empty import EmptyNote
from gui.kit.query import Query
from gui.kit.tips import plain_tip
from gui.logs.area import LogArea

COPY_LIMIT = 100_000
"""Lines that go to the clipboard at once."""
_POLL = 500
NO_FILE = "The log appears here while a run goes on."
NO_LINES = "No log lines yet."


class LogView(QWidget):
    """Shows one log file at a time, from `show_file` to `close_run`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._query: Query | None = None
        self.area = LogArea()
        self._note = EmptyNote(self.area)
        self._count = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._count.setProperty("muted", True)
        self._follow = QCheckBox("Follow")
        self._follow.setChecked(True)
        self._follow.setToolTip("Keep at the end of the log as it grows (End)")
        self._poll = QTimer(self, interval=_POLL)
        self._lay_out()
        self._connect()
        self._note.say(NO_FILE)

    def _lay_out(self) -> None:
        strip = QHBoxLayout()
        strip.setContentsMargins(6, 2, 6, 2)
        strip.addWidget(self._count, 1)
        strip.addWidget(self._follow)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.area, 1)
        whole.addLayout(strip)

    def _connect(self) -> None:
        self._poll.timeout.connect(self.grew)
        self.area.wanted.connect(self.grew)
        self.area.follow_changed.connect(self._follow.setChecked)
        self.area.copy_asked.connect(self.copy)
        self.area.menu_asked.connect(self._menu)
        self._follow.clicked.connect(self._follow_clicked)

    # the file shown

    def show_file(self, path: Path | None) -> None:
        """Show this file from its end; None shows none."""
        self.close_run()
        if path is None:
            return
        self._note.say("")
        self.setToolTip(plain_tip(str(path)))
        self._query = Query(path, self)
        self._query.answered.connect(self._answered)
        self._query.failed.connect(self._failed)
        self._set_poll()
        self.grew()

    def grew(self) -> None:
        """The file may be longer than before: read on."""
        if self._query and self.isVisible():
            self._query.ask("look", Lines(self._query.source, *self.area.span()))

    def close_run(self) -> None:
        """Show nothing, and ask for nothing any more."""
        if self._query:
            self._query.end()
            self._query.deleteLater()
            self._query = None
        self._poll.stop()
        self._count.clear()
        self.area.clear()
        self._note.say(NO_FILE)

    def _set_poll(self) -> None:
        if self._query and self.isVisible():
            self._poll.start()
        else:
            self._poll.stop()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._set_poll()
        self.grew()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._set_poll()

    def _answered(self, key: str, answer: object) -> None:
        if isinstance(answer, LogPage):
            self._show(answer)
        elif key == "copy" and isinstance(answer, str):
            QGuiApplication.clipboard().setText(answer)

    def _show(self, view: LogPage) -> None:
        self.area.show_view(view)
        self._note.say("" if view.total else NO_LINES)
        lines = "1 line" if view.total == 1 else f"{view.total:,} lines"
        self._count.setText(lines if view.complete else f"{lines}, reading on …")
        if not view.complete:
            self.grew()

    def _failed(self, key: str, error: object) -> None:
        self.area.clear()
        self._count.clear()
        self._note.say(f"This file cannot be read: {words.cause(error)}")

    # what a person does

    def _follow_clicked(self, follow: bool) -> None:
        self.area.set_follow(follow)
        if follow:
            self.grew()

    def copy(self) -> None:
        """Copy the selected lines."""
        selected = self.area.selection
        if not selected or not self._query:
            return
        first, count = selected[0], selected[1] - selected[0] + 1
        if count > COPY_LIMIT:
            self._count.setText(f"Copied the first {COPY_LIMIT:,} of {count:,} selected lines.")
        count = min(count, COPY_LIMIT)
        self._query.ask("copy", LogText(self._query.source, first, count))

    def _menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        copy = QAction("Copy", menu, shortcut=QKeySequence(QKeySequence.StandardKey.Copy))
        copy.setEnabled(self.area.selection is not None)
        copy.triggered.connect(self.copy)
        every = QAction("Select all", menu, shortcut=QKeySequence(QKeySequence.StandardKey.SelectAll))
        every.triggered.connect(lambda: self.area.select(0, self.area.total - 1))
        menu.addActions([copy, every])
        menu.popup(at)
