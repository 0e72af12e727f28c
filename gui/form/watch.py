"""Reports when a file changes on disk, even if an editor replaces it with a new one."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

QUIET = 150
"""Milliseconds after which a change is reported: editors write in several steps."""


class FileWatch(QObject):
    """Watches one file, and its folder: a replacement is another file to the system."""

    changed = Signal()
    """Something happened to the file, or beside it."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._path: Path | None = None
        self._watcher = QFileSystemWatcher(self)
        self._timer = QTimer(self, singleShot=True, interval=QUIET)
        self._timer.timeout.connect(self._tell)
        self._watcher.fileChanged.connect(self._happened)
        self._watcher.directoryChanged.connect(self._happened)

    def watch(self, path: Path | None) -> None:
        """Watch `path` instead of the previous one; None watches nothing."""
        wanted = [str(path), str(path.parent)] if path else []
        watched = [*self._watcher.files(), *self._watcher.directories()]
        if old := [name for name in watched if name not in wanted]:
            self._watcher.removePaths(old)
        if path != self._path:
            self._timer.stop()
        self._path = path
        if new := [name for name in wanted if name not in watched and Path(name).exists()]:
            self._watcher.addPaths(new)

    def _happened(self) -> None:
        if not self._timer.isActive():  # changes that never stop are reported too
            self._timer.start()

    def _tell(self) -> None:
        self.watch(self._path)
        self.changed.emit()
