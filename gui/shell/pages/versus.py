"""The page of two runs side by side."""

from __future__ import annotations

from pathlib import Path

from gui.shell.pages.page import Page, Services
from gui.versus.view import VersusView


class VersusPage(Page):
    """Shows how two runs differ."""

    kind = "versus"

    def __init__(self, services: Services, one: Path, other: Path) -> None:
        super().__init__(services)
        self.view = VersusView(one, other)
        self.whole.addWidget(self.banner)
        self.whole.addWidget(self.view, 1)
        self.view.changed.connect(self.changed)

    @property
    def title(self) -> str:
        found = self.view.found
        if found is None:
            return "Two runs"
        one, other = found.one.name, found.other.name
        return f"{one}: two runs" if one == other else f"{one} and {other}"

    @property
    def icon(self) -> str:
        return "results"

    @property
    def runs(self) -> tuple[Path, ...]:
        return self.view.one, self.view.other

    def take_focus(self) -> None:
        self.view.tabs.setFocus()

    def close_page(self) -> None:
        self.view.close_run()
