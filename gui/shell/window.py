"""The main window: connects the runs list and the pages, and gives each the services that it uses."""

from __future__ import annotations

from pathlib import Path
from traceback import format_exception

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QMainWindow, QSplitter

from engine.instance import Request
from engine.job import Job
from gui.commands import Context, Registry, keys
from gui.commands.actions import Actions, in_a_moment
from gui.commands.menus import fill_bar, offer_at_pointer
from gui.document.presets import PresetShelf
from gui.kit import icons, work
from gui.kit.first_frame import FirstFrame
from gui.kit.theme import SCHEMES, Theme
from gui.kit.threads import wait_for_all
from gui.run.sessions import Sessions
from gui.runs.view import RunsView
from gui.settings.store import Settings
from gui.shell import commands, list_commands
from gui.shell.doing import Doing
from gui.shell.drops import Drops
from gui.shell.instance import bring_forward
from gui.shell.leaving import Leaving
from gui.shell.on_desktop import OnDesktop
from gui.shell.open_pages import OpenPages
from gui.shell.opener import Opener
from gui.shell.pages.page import Page, Services
from gui.shell.pages.run_views import load_ahead
from gui.shell.pages.tabs import Tabs

NARROW = 1000
"""The width below which the runs list hides, unless the user asked for it."""
SIZE = QSize(1280, 800)
FRAME = QSize(16, 48)
"""The approximate frame that a window manager adds."""


class Window(QMainWindow):
    """The composition root. Nothing outside `gui.shell` knows it."""

    drawn = Signal()
    """It has been drawn for the first time."""

    def __init__(self, root: Path, theme: Theme, settings: Settings | None = None) -> None:
        super().__init__()
        self.root = root
        self.setWindowIcon(icons.app_icon())
        self.setMinimumSize(640, 420)
        self._runs_wanted = True
        self.settings = settings or Settings(self)
        self.sessions = Sessions(root, self)
        self.context = Context(in_a_moment(self))
        self.context.declare(*commands.FLAGS)
        self.registry = Registry(self.context, keys.spell)
        self.faces = Actions(self.registry, self, icons.icon)
        self.presets = PresetShelf(self, self.unexpected)
        self.runs = RunsView(self.sessions)
        self.tabs = Tabs()
        self.opener = Opener(self, root, self.settings, self.unexpected)
        services = Services(
            self.sessions,
            self.settings,
            self.faces,
            self.opener.open_asked,
            self.opener.example,
            self.opener.as_job,
            self.unexpected,
        )
        self.pages = self.opener.pages = OpenPages(self.tabs, services, self.opener.into)
        self.leaving = Leaving(self, self.pages, self.sessions)
        self.desktop = OnDesktop(self, self.sessions, self.settings)
        doing = Doing(
            self,
            self.show_runs,
            self.tell,
            self.pages,
            self.opener,
            self.runs,
            self.sessions,
            self.presets,
            self.settings,
            theme,
            self.desktop,
        )
        self.registry.add(*commands.commands(doing))
        self._lay_out()
        self._restore()
        self.pages.new_job()
        fill_bar(self.menuBar(), self.faces, commands.menus(doing))
        offer_at_pointer(self.runs.table, self.faces, list_commands.MENU)
        self.faces.bind("runs", self.runs.table)
        self.faces.install()
        self._connect()
        theme.take_in(self)
        theme.choose(self.settings.text("scheme", "system"))
        self.tell()
        self._first_frame = FirstFrame(self)
        self._first_frame.drawn.connect(self.drawn)

    def _lay_out(self) -> None:
        self.runs.setMinimumWidth(150)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(self.runs)
        self.splitter.addWidget(self.tabs)
        self.splitter.setStretchFactor(0, 0)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setCollapsible(1, False)
        self.splitter.setHandleWidth(8)
        self.splitter.setSizes([250, 1030])
        self.splitter.setContentsMargins(8, 6, 8, 8)
        self.setCentralWidget(self.splitter)

    def _connect(self) -> None:
        self.drawn.connect(self._take_drops)
        self.drawn.connect(load_ahead)
        self.drawn.connect(self.runs.refresh)
        self.drawn.connect(self.presets.refresh)
        self.pages.changed.connect(self.tell)
        self.runs.previewed.connect(self.opener.preview)
        self.runs.opened.connect(self.opener.open)
        self.runs.go_on_asked.connect(self.sessions.queue.go_on)
        self.runs.selected.connect(self.tell)
        self.runs.deleting.leaving.connect(self.pages.let_go)
        self.runs.table.asked.connect(self.registry.run)
        self.runs.left.connect(self._focus_page)
        self.settings.recent_changed.connect(self.tell)
        self.sessions.changed.connect(self.tell)
        self.sessions.failed.connect(self._complain)
        self.presets.opened.connect(self._open_preset)
        self.presets.informed.connect(self._inform)
        self.presets.failed.connect(self._complain)
        self.runs.kept_found.connect(self.opener.open)

    def _take_drops(self) -> None:
        self.drops = Drops(self, self.opener.open_all)
        self.pages.added.connect(self.drops.watch)

    def _restore(self) -> None:
        if not self.restoreGeometry(self.settings.bytes("geometry")):
            self.resize(SIZE.boundedTo(self.screen().availableSize() - FRAME))
        self.splitter.restoreState(self.settings.bytes("splitter"))
        self._runs_wanted = self.settings.flag("runs", True)
        self._make_room()

    @property
    def page(self) -> Page:
        """The front page."""
        return self.pages.current

    # requests from the start of the app

    def reopen(self) -> None:
        """Restore the pages of the last session, the queue, and a run that is active without an app."""
        self.pages.restore()
        self._first_frame.then(self.sessions.queue.restore)
        self._first_frame.then(self.runs.find_kept)

    def asked_again(self, request: Request) -> None:
        """The app was started again: come to the front, with the file of that start."""
        bring_forward(self, request.token)
        if request.file:
            self.opener.open(Path(request.file))

    def _open_preset(self, name: str, job: Job) -> None:
        self.pages.free_job().adopt(job, name)

    # status

    def tell(self) -> None:
        """Set the flags of commands and the title, according to the front page."""
        page, flags = self.page, dict.fromkeys(commands.OF_PAGES, False)
        flags.update(page.flags())
        flags["page.several"] = self.pages.count > 1
        flags["view.runs"] = not self.runs.isHidden()
        flags["queue.held"] = self.sessions.queue.paused
        flags["recent.any"] = bool(self.settings.recent)
        flags.update(self.runs.flags())
        flags.update(self.desktop.flags())
        chosen = self.settings.text("scheme", "system")
        flags.update({f"scheme.{name}": name == chosen for name in SCHEMES})
        self.context.update(flags)
        title = f"{page.title}[*] – Poolhouse"
        if title != self.windowTitle():
            self.setWindowTitle(title)
        if page.modified != self.isWindowModified():
            self.setWindowModified(page.modified)
        self.runs.select(page.shown_run)

    def _focus_page(self) -> None:
        self.page.take_focus()

    def _inform(self, what: str, why: str) -> None:
        self.page.banner.inform(what, why)

    def _complain(self, what: str, why: str) -> None:
        self.page.banner.fail(what, why)

    def unexpected(self, error: BaseException) -> None:
        """Report an internal error, with the traceback one click away."""
        self.page.banner.fail(
            "Something in Poolhouse itself went wrong.",
            f"{type(error).__name__}: {error}\nYour work is still here; save it, and start Poolhouse again.",
            "".join(format_exception(error)),
        )

    # the window itself

    def show_runs(self, shown: bool) -> None:
        """Show or hide the runs list."""
        self._runs_wanted = shown
        self.settings.put("runs", shown)
        self.runs.setVisible(shown)
        self.tell()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        before, now = event.oldSize().width(), event.size().width()
        if before < 0 or (before < NARROW) != (now < NARROW):
            self._make_room()
            if self.pages.count:
                self.tell()

    def _make_room(self) -> None:
        """Show the runs list if it is wanted and there is room."""
        self.runs.setVisible(self._runs_wanted and self.width() >= NARROW)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.leaving.may_close():
            event.ignore()
            return
        self._keep()
        event.accept()

    def _keep(self) -> None:
        """Save the window's geometry, and end background work."""
        self.settings.put("geometry", self.saveGeometry())
        self.settings.put("splitter", self.splitter.saveState())
        self.pages.remember()
        self.settings.sync()
        self.pages.close_all()
        self.sessions.close()
        self.runs.close_run()
        self.desktop.close()
        work.finish()
        wait_for_all()
