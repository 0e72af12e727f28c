"""The base class of pages, and the services that pages get."""

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
    """Let the user choose a file to open."""
    open_example: Callable[[Path], None]
    """Open a bundled job as a new one."""
    open_as_job: Callable[[Found], None]
    """Open the job in a script, or let the user choose one of its functions."""
    unexpected: Callable[[BaseException], None]
    """Report an internal error of Poolhouse."""


class Page(QWidget):
    """The content of a tab."""

    changed = Signal()
    """Title, icon, place, `modified` or flags have changed."""
    used = Signal()
    """The user did something in it: a preview stays."""
    kind: ClassVar[str]
    """The flag that says that a page of this kind is in front."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self.preview = False
        """Whether the next click in the runs list may replace it."""
        self.banner = Banner()
        self.whole = QVBoxLayout(self)
        self.whole.setContentsMargins(0, 6, 0, 0)
        self.whole.setSpacing(8)

    @property
    def title(self) -> str:
        """The title of the tab."""
        raise NotImplementedError

    @property
    def icon(self) -> str:
        """The icon of the tab."""
        return self.kind

    @property
    def place(self) -> Path | None:
        """What to open to get the page again; None if there is nothing."""
        return None

    @property
    def more(self) -> tuple[Path, ...]:
        """Further files that are shown as one with it."""
        return ()

    @property
    def shown_run(self) -> Path | None:
        """The folder of the run that it shows, if any."""
        return None

    @property
    def runs(self) -> tuple[Path, ...]:
        """The folders of all runs that it reads."""
        return (self.shown_run,) if self.shown_run else ()

    @property
    def log_view(self) -> LogView | None:
        """The log in front on it, if any."""
        return None

    @property
    def modified(self) -> bool:
        """Whether closing the page would lose something."""
        return False

    def flags(self) -> Mapping[str, bool]:
        """The flags that this page sets while it is in front; all other page flags are off."""
        return {}

    def guard(self, then: Callable[[], None]) -> None:
        """Call `then` once nothing would be lost with the page; never if the user cancels."""
        then()

    def save(self, then: Callable[[], None]) -> None:
        """Save what would be lost, then call `then`; not if the user cancels, or saving fails."""
        then()

    def take_focus(self) -> None:
        """Put the focus on the first field."""

    def show_task(self, task: int) -> None:
        """Select a task of its run."""

    def show_views(self) -> None:
        """Show the views of its run, instead of whatever is there now."""

    def close_page(self) -> None:
        """The page closes: release what it reads."""
