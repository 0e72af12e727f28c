"""Drag and drop of files anywhere on the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget


def dropped_files(event: QDropEvent) -> list[Path]:
    """The local files of a drag."""
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]


class Drops(QObject):
    """Accepts files dropped on `window` or on any child that would take them as text."""

    def __init__(self, window: QWidget, opened: Callable[[list[Path]], None]) -> None:
        super().__init__(window)
        self._window = window
        self._opened = opened
        self._overlay = QFrame(window)
        self._overlay.setObjectName("overlay")
        self._overlay.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        label = QLabel("Drop to open", alignment=Qt.AlignmentFlag.AlignCenter)
        label.setProperty("heading", True)
        QVBoxLayout(self._overlay).addWidget(label)
        self._overlay.hide()
        window.setAcceptDrops(True)
        window.installEventFilter(self)
        self.watch(window)

    def watch(self, pane: QWidget) -> None:
        """Also accept files dropped on the fields of a pane that was added later."""
        for widget in pane.findChildren(QWidget):
            if widget.acceptDrops():
                widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind in (QEvent.Type.DragEnter, QEvent.Type.DragMove) and isinstance(
            event, QDragEnterEvent | QDragMoveEvent
        ):
            if not dropped_files(event):
                return False
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self._show()
            return True
        if kind == QEvent.Type.DragLeave:
            self._overlay.hide()
        elif kind == QEvent.Type.Drop and isinstance(event, QDropEvent):
            self._overlay.hide()
            if paths := dropped_files(event):
                event.setDropAction(Qt.DropAction.CopyAction)
                event.accept()
                self._opened(paths)
                return True
        return False

    def _show(self) -> None:
        self._overlay.setGeometry(self._window.rect().adjusted(8, 8, -8, -8))
        self._overlay.raise_()
        self._overlay.show()
