"""The page of a log file, or of several merged by time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gui.kit.widgets import ElidedLabel
from gui.logs.view import LogView
from gui.shell.pages.page import Page, Services


class LogPage(Page):
    """Shows a log, of any program."""

    kind = "log"

    def __init__(self, services: Services, path: Path, more: tuple[Path, ...] = ()) -> None:
        super().__init__(services)
        self._path = path
        self.log = LogView()
        self.where = ElidedLabel("muted")
        self.where.setText(str(path))
        self.where.setContentsMargins(6, 0, 6, 0)
        self.whole.addWidget(self.where)
        self.whole.addWidget(self.banner)
        self.whole.addWidget(self.log, 1)
        services.actions.bind("log", self.log.area)
        self.log.show_files((path, *more), by_time=bool(more))
        self.log.changed.connect(self._changed)
        self._changed()

    def _changed(self) -> None:
        self.where.setVisible(not self.log.area.sources)
        self.changed.emit()

    @property
    def title(self) -> str:
        return f"{self._path.name} + {len(self.more)}" if self.more else self._path.name

    @property
    def more(self) -> tuple[Path, ...]:
        shown = self.log.reader.ref if self.log.reader else None
        return shown.paths[1:] if shown and shown.by_time else ()

    @property
    def place(self) -> Path | None:
        return self._path

    def flags(self) -> Mapping[str, bool]:
        return {"page.log": True, **self.log.flags()}

    @property
    def log_view(self) -> LogView | None:
        return self.log

    def take_focus(self) -> None:
        self.log.area.setFocus()

    def close_page(self) -> None:
        self.log.close_run()
