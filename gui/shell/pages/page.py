"""What every page is, and the services that pages get."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.commands.actions import Actions
from gui.kit.banner import Banner
from gui.run.sessions import Sessions
from gui.settings.store import Settings

if TYPE_CHECKING:
    from engine.source.found import Found
    from gui.logs.view import LogView


@dataclass(frozen=True)
class Services:
    """What pages use of the window."""

    sessions: Sessions
    settings: Settings
    actions: Actions
    open_asked: Callable[[], None]
    """Let the person choose a file to open."""
    open_example: Callable[[Path], None]
    """Open a bundled job as a new one."""
    open_as_job: Callable[[Found], None]
    """Open the job in a script, or let the person choose a function of it."""
    unexpected: Callable[[BaseException], None]
    """Tell of a fault of Poolhouse's own."""


class Page(QWidget):
    """The contents of a tab."""

    changed = Signal()
    """Title, icon, place, `modified` or flags are other than before."""
    used = Signal()
    """The person did something in it: a page that was only a preview stays."""
    kind: ClassVar[str]
    """The flag that says that a page of this kind is in front."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self.preview = False
        """Whether the next click in the runs list may take its place."""
        self.banner = Banner()
        self.whole = QVBoxLayout(self)
        self.whole.setContentsMargins(0, 6, 0, 0)
        self.whole.setSpacing(8)

    @property
    def title(self) -> str:
        """What the tab is called."""
        raise NotImplementedError

    @property
    def icon(self) -> str:
        """The icon of the tab."""
        return self.kind

    @property
    def place(self) -> Path | None:
        """What is opened to have the page again; None if there is nothing to open."""
        return None

    @property
    def shown_run(self) -> Path | None:
        """The folder of the run that it shows, if it shows one."""
        return None

    @property
    def runs(self) -> tuple[Path, ...]:
        """The folders of all runs that it reads."""
        return (self.shown_run,) if self.shown_run else ()

    @property
    def log_view(self) -> LogView | None:
        """The log that is in front on it, if one is."""
        return None

    @property
    def modified(self) -> bool:
        """Whether something would be lost with the page."""
        return False

    def flags(self) -> Mapping[str, bool]:
        """The flags of commands that this page sets while it is in front; all others of pages are off."""
        return {}

    def guard(self, then: Callable[[], None]) -> None:
        """Do `then` once nothing would be lost with the page; not at all if the person cancels."""
        then()

    def save(self, then: Callable[[], None]) -> None:
        """Save what would be lost, then do `then`; not if the person cancels, or it fails."""
        then()

    def take_focus(self) -> None:
        """Put the focus on the first field."""

    def show_task(self, task: int) -> None:
        """Select a task of its run."""

    def show_views(self) -> None:
        """Bring its views of a run into sight, whatever stands there now."""

    def close_page(self) -> None:
        """The page goes: let go of what it reads."""
