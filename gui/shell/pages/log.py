"""The page of one log file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gui.kit.widgets import ElidedLabel
from gui.logs.view import LogView
from gui.shell.pages.page import Page, Services


class LogPage(Page):
    """Shows one log, of any program."""

    kind = "log"

    def __init__(self, services: Services, path: Path) -> None:
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
        self.log.show_file(path)
        self.log.changed.connect(self.changed)

    @property
    def title(self) -> str:
        return self._path.name

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
