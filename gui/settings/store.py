"""What the app remembers between starts: geometry, panes, recent files, theme."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, QSettings, Signal

RECENT = 10


class Settings(QObject):
    """Typed access to the stored settings."""

    recent_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = QSettings(
            QSettings.Format.IniFormat, QSettings.Scope.UserScope, "Poolhouse", "Poolhouse", self
        )

    def bytes(self, key: str) -> QByteArray:
        """A stored state, empty if there is none."""
        value = self._store.value(key)
        return value if isinstance(value, QByteArray) else QByteArray()

    def text(self, key: str, default: str = "") -> str:
        """A stored text."""
        value = self._store.value(key, default)
        return value if isinstance(value, str) else default

    def flag(self, key: str, default: bool) -> bool:
        """A stored flag."""
        return self.text(key, "yes" if default else "no") == "yes"

    def put(self, key: str, value: QByteArray | str | bool) -> None:
        """Store a state, a text or a flag."""
        self._store.setValue(key, ("yes" if value else "no") if isinstance(value, bool) else value)

    @property
    def recent(self) -> list[Path]:
        """Recently opened files, newest first."""
        value = self._store.value("recent", [])
        texts = [value] if isinstance(value, str) else value
        return [Path(text) for text in texts if isinstance(text, str)] if isinstance(texts, list) else []

    def add_recent(self, path: Path) -> None:
        """`path` was just opened or saved."""
        self._keep_recent([path, *(p for p in self.recent if p != path)])

    def clear_recent(self) -> None:
        """Forget all recent files."""
        self._keep_recent([])

    def _keep_recent(self, paths: list[Path]) -> None:
        self._store.setValue("recent", [str(p) for p in paths[:RECENT]])
        self.recent_changed.emit()

    def pythons(self) -> list[Path]:
        """Interpreters used recently, newest first."""
        return [Path(text) for text in self.text("pythons").split("\n") if text]

    def add_python(self, path: Path) -> None:
        """A run uses `path`."""
        kept = [path, *(p for p in self.pythons() if p != path)]
        self.put("pythons", "\n".join(map(str, kept[:RECENT])))

    @property
    def folder(self) -> str:
        """The initial folder of file dialogs."""
        return self.text("folder", str(Path.home()))

    def sync(self) -> None:
        """Write all settings to disk now."""
        self._store.sync()
