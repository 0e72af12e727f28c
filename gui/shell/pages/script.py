"""The page of a script or notebook: what was found in it, and beside it its run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QSplitter, QStackedWidget

from gui.form.watch import FileWatch
from gui.kit.widgets import text_label
from gui.kit.work import Latest
from gui.run.header import Header
from gui.run.queue import new_id
from gui.script.form import ScriptForm
from gui.shell.pages.page import Page, Services
from gui.shell.pages.run_views import RunViews
from gui.shell.pages.shown_run import ShownRun

if TYPE_CHECKING:
    from engine.launch import Script
    from engine.source.found import Found
    from gui.logs.view import LogView
    from gui.run.session import Session

BUTTONS = ("run.start", "run.pause", "run.resume", "run.stop")
WAYS_TO_STOP = ("run.finish", "run.kill")
HINT = "Press Run, or F5.\nWhat the script prints, and what its pools do, appears here while it runs."
PICTURES = "pictures"
"""In the run folder of a notebook."""
OUTPUT = 5
"""The tab with the script's own output."""


class ScriptPage(Page):
    """One script, to run as it is."""

    kind = "script"

    def __init__(self, services: Services, path: Path, found: Found | None = None) -> None:
        """Without `found`, it reads the script itself."""
        super().__init__(services)
        self.path = path
        self.found: Found | None = None
        self._last: Script | None = None
        """How it ran last, until it is known what is in it."""
        self._unread = f"{path.name} cannot be read."
        self._own = new_id()
        self.form = ScriptForm()
        self.header = Header(services.actions, BUTTONS, WAYS_TO_STOP)
        self.views = RunViews(services.actions)
        self.shown = ShownRun(self.header, self.views, self.banner, services.sessions)
        self._reader = Latest(self)
        self._reader.answered.connect(self._looked)
        self._reader.failed.connect(self._unreadable)
        self._finder = Latest(self)
        self._finder.answered.connect(self._last_found)
        self._finder.failed.connect(services.unexpected)
        self._watch = FileWatch(self)
        self._watch.changed.connect(self._look_again)
        self._state: tuple[int, int] | None = None
        """Time and size of the file when it was last read because it may have changed."""
        self._pictures = Latest(self)
        self._pictures.answered.connect(self._tell_pictures)
        self.form.as_it_is.python.recent = services.settings.pythons
        self._lay_out()
        self.form.run_asked.connect(self.run)
        self.form.job_asked.connect(self._as_job)
        self.shown.changed.connect(self._run_changed)
        self.shown.blamed.connect(self._blame)
        self.views.changed.connect(self.changed)
        if found is not None:
            self.show_found(found)
        else:
            self._look_again()
        self._watch.watch(path)
        root = services.sessions.root
        self._finder.ask(lambda: _newest(path, root))

    def _lay_out(self) -> None:
        self.stack = QStackedWidget()
        hint = text_label("muted")
        hint.setText(HINT)
        hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for widget in (hint, self.views):
            self.stack.addWidget(widget)
        self.stack.setMinimumWidth(200)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setHandleWidth(8)
        for widget in (self.form, self.stack):
            splitter.addWidget(widget)
        splitter.setStretchFactor(1, 1)
        splitter.setChildrenCollapsible(False)
        splitter.setSizes([395, 670])
        self.whole.addWidget(self.header)
        self.whole.addWidget(self.banner)
        self.whole.addWidget(splitter, 1)

    def show_found(self, found: Found) -> None:
        """Show what was found in the script."""
        self.found = found
        self.form.show_found(found)
        if self._last is not None:
            self.form.give(self._last)
            self._last = None
        self.banner.take_back(self._unread)

    def adopt(self, script: Script) -> None:
        """Show how the script is to be run, instead of how it ran last."""
        self._finder.drop()
        self._last = None
        self.form.give(script)

    def _last_found(self, last: tuple[Path, Script] | None) -> None:
        if last is None or self.shown.folder is not None or self.shown.busy:
            return
        folder, self._last = last
        self.shown.show(folder)
        if self.found is not None:
            self.show_found(self.found)

    def _look_again(self) -> None:
        path, state = self.path, self._state
        self._reader.ask(lambda: _look(path, state))

    def _looked(self, outcome: tuple[tuple[int, int], Found] | None) -> None:
        if outcome is not None:
            self._state, found = outcome
            self.show_found(found)

    def _unreadable(self, error: Exception) -> None:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        self.banner.fail(self._unread, f"{reason}. It may have been moved.")

    def run(self) -> None:
        """Run the script as it is, beside any other runs."""
        self.used.emit()
        script = self.form.script()
        if script is None or self.shown.busy:
            return
        self.banner.hide()
        self.form.as_it_is.clear_problems()
        if script.python:
            self.services.settings.add_python(Path(script.python))
        session = self.services.sessions.run_script(script, self._own)
        self.shown.follow(session)
        session.ended.connect(self._look_for_pictures)
        session.ended.connect(lambda: self._show_output(session))
        if self.views.results_in_front and self.found is not None and not self.found.pools:
            self.views.setCurrentIndex(OUTPUT)

    def _show_output(self, session: Session) -> None:
        """A run without tasks has only its output, which tells how it ended."""
        if session is self.shown.session and not session.state.total and self.views.currentIndex() == 0:
            self.views.setCurrentIndex(OUTPUT)

    def _look_for_pictures(self) -> None:
        if folder := self.shown.folder:
            self._pictures.ask(lambda: (folder, _pictures_in(folder)))

    def _tell_pictures(self, outcome: tuple[Path, int]) -> None:
        folder, count = outcome
        if count and folder == self.shown.folder:
            what = "A figure is" if count == 1 else f"{count} figures are"
            self.banner.inform(
                f"{what} kept as pictures.",
                str(folder / PICTURES),
                "Show them",
                lambda: _reveal(folder / PICTURES),
            )

    def _as_job(self) -> None:
        if self.found is not None:
            self.services.open_as_job(self.found)

    def _run_changed(self) -> None:
        self.stack.setCurrentIndex(int(self.shown.folder is not None or self.shown.busy))
        self.changed.emit()

    def _blame(self, key: str, reason: str, _details: str) -> None:
        row = self.form.as_it_is.rows.get(key.replace("function.", "script."))
        if row is not None:
            row.tell(reason, "")

    # as a page

    @property
    def title(self) -> str:
        return self.path.name

    @property
    def icon(self) -> str:
        return "function"

    @property
    def place(self) -> Path | None:
        return self.path

    @property
    def shown_run(self) -> Path | None:
        return self.shown.folder

    def flags(self) -> Mapping[str, bool]:
        return {
            "page.script": True,
            "script.free": not self.shown.busy,
            **self.shown.flags(),
            **(self.log_view.flags() if self.log_view else {}),
        }

    @property
    def log_view(self) -> LogView | None:
        return self.views.log_in_front

    def take_focus(self) -> None:
        self.form.as_it_is.button.setFocus()

    def show_views(self) -> None:
        if self.shown.folder is not None:
            self.stack.setCurrentWidget(self.views)

    def show_task(self, task: int) -> None:
        self.views.open_task(task)

    def close_page(self) -> None:
        for latest in (self._reader, self._finder, self._pictures):
            latest.drop()
        self._watch.watch(None)
        self.shown.close()


def _reveal(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def _pictures_in(folder: Path) -> int:
    return len(list((folder / PICTURES).glob("*.png")))


def _look(path: Path, before: tuple[int, int] | None) -> tuple[tuple[int, int], Found] | None:
    """What is in a script, and the state of its file; None if it is in the state `before`."""
    from engine.source.found import find

    status = path.stat()
    state = status.st_mtime_ns, status.st_size
    return None if state == before else (state, find(path))


def _newest(path: Path, root: Path) -> tuple[Path, Script] | None:
    from gui.run.stand import newest_script

    return newest_script(path, root)
