"""The open pages: found, added, kept, closed, and restored at the next start."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from gui.shell.pages.job import JobPage
from gui.shell.pages.page import Page, Services
from gui.shell.pages.tabs import Tabs

if TYPE_CHECKING:
    from engine.launch import Script
    from engine.runs import Stand
    from engine.source.found import Found
    from gui.shell.pages.compare import ComparePage

KEY = "pages"


class Unbuilt(QWidget):
    """A placeholder for a page of the last session until it is first looked at."""

    def __init__(self, kind: str, place: Path, title: str, more: tuple[Path, ...] = ()) -> None:
        super().__init__()
        self.kind, self.place, self.title, self.more = kind, place, title, more


class OpenPages(QObject):
    """There is always at least one page."""

    changed = Signal()
    """Another page is in front, or something about it has changed."""

    added = Signal(object)
    """A page was built."""

    def __init__(self, tabs: Tabs, services: Services, load: Callable[[JobPage, Path], None]) -> None:
        """`load` reads a file into a job page."""
        super().__init__(tabs)
        self._tabs = tabs
        self._services = services
        self._load = load
        tabs.currentChanged.connect(self._turned)
        tabs.tabCloseRequested.connect(self._close_at)
        tabs.kept.connect(self._keep_at)
        tabs.bar.tabMoved.connect(self._dress_all)

    @property
    def current(self) -> Page:
        """The front page."""
        page = self._tabs.currentWidget()
        assert isinstance(page, Page)
        return page

    @property
    def all(self) -> list[Page]:
        """All built pages, in the order of the tabs."""
        return [page for page in self._widgets() if isinstance(page, Page)]

    @property
    def count(self) -> int:
        """The number of tabs."""
        return self._tabs.count()

    # finding and adding

    def find(self, kind: str, place: Path, more: tuple[Path, ...] = ()) -> Page | None:
        """The page of this kind for a file or run folder, and what is merged with it; built if necessary."""
        for at, widget in enumerate(self._widgets()):
            if isinstance(widget, Page | Unbuilt) and (
                (widget.kind, widget.place, widget.more) == (kind, place, more)
            ):
                return self._build(at) if isinstance(widget, Unbuilt) else widget
        return None

    def show(self, page: Page) -> None:
        """Bring a page to the front."""
        self._tabs.setCurrentWidget(page)

    def new_job(self) -> JobPage:
        """An empty job page, in front."""
        page = self._add(JobPage(self._services))
        assert isinstance(page, JobPage)
        self.show(page)
        page.take_focus()
        return page

    def free_job(self) -> JobPage:
        """A page for another job: the front one if it is empty, else a new one."""
        page = self.current
        return page if isinstance(page, JobPage) and page.untouched else self.new_job()

    def show_run(self, folder: Path, stand: Stand | None, fault: str = "", *, keep: bool = True) -> None:
        """Show a run: on the page that already shows it, else on the preview page, else on a new one."""
        page = self._showing(folder)
        if page is None:
            from gui.shell.pages.run import RunPage

            page = next((one for one in self.all if isinstance(one, RunPage) and one.preview), None)
            if page is None:
                page = RunPage(self._services)
                page.preview = not keep
                self._add(page)
            page.show_run(folder, stand, fault)
        if keep:
            self.keep(page)
        self._dress(page)
        self.show(page)

    def _showing(self, folder: Path) -> Page | None:
        if page := self.find("run", folder):
            return page
        mine = (one for one in self.all if isinstance(one, JobPage) and one.shown.folder == folder)
        return next(mine, None)

    def show_log(self, path: Path, more: tuple[Path, ...] = ()) -> None:
        """Show a log file on a page of its own, with further ones merged by time."""
        page = self.find("log", path, more)
        if page is None:
            from gui.shell.pages.log import LogPage

            page = self._add(LogPage(self._services, path, more))
        self.show(page)

    def show_script(self, path: Path, found: Found, script: Script | None = None) -> None:
        """Show a script: on the page that already shows it, else on a new one. `script` says how it runs."""
        page = self.find("script", path)
        from gui.shell.pages.script import ScriptPage

        if isinstance(page, ScriptPage):
            page.show_found(found)
        else:
            page = self._add(ScriptPage(self._services, path, found))
            assert isinstance(page, ScriptPage)
        if script is not None:
            page.adopt(script)
        self.show(page)
        page.take_focus()

    def show_compare(self, job: JobPage) -> None:
        """Show a page that compares the modes of a job, as its form has it now."""
        from gui.shell.pages.compare import ComparePage

        old = next((one for one in self.all if isinstance(one, ComparePage) and one.is_of(job)), None)
        page = self._add(ComparePage(self._services, job, job.form.job(), job.title))
        self.show(page)
        if old is not None:
            self._remove(old)

    def use_advice(self, page: ComparePage) -> None:
        """Apply the advice of a comparison to its job, which is opened again if it was closed."""
        run = page.advised_run()
        if run is None:
            return
        job = next((one for one in self.all if isinstance(one, JobPage) and page.is_of(one)), None)
        if job is None:
            job = self.free_job()
            job.adopt(page.job.with_(run=run), page.name)
        else:
            job.history.keep()  # so that it is an undo step of its own
            job.form.pool.take(run)
        self.show(job)

    def show_versus(self, one: Path, other: Path) -> None:
        """Show two runs side by side, on the page that already does so or on a new one."""
        from gui.shell.pages.versus import VersusPage

        both = (one, other)
        page = next((page for page in self.all if isinstance(page, VersusPage) and page.runs == both), None)
        if page is None:
            made = VersusPage(self._services, one, other)
            made.view.run_asked.connect(self._open_run)
            page = self._add(made)
        self.show(page)
        page.take_focus()

    def _open_run(self, folder: Path, task: int) -> None:
        """Show a task of a run that is compared with another."""
        self.show_run(folder, None)
        page = self.current
        page.show_task(task)

    def keep(self, page: Page) -> None:
        """A preview page stays."""
        if page.preview:
            page.preview = False
            self._dress(page)

    def turn(self, steps: int) -> None:
        """Go to the next or previous page."""
        self._tabs.setCurrentIndex((self._tabs.currentIndex() + steps) % self._tabs.count())

    # closing

    def let_go(self, folders: Sequence[Path]) -> None:
        """These runs are deleted: close them everywhere."""
        for widget in self._widgets():
            if isinstance(widget, Unbuilt) and widget.kind == "run" and widget.place in folders:
                self._close_at(self._tabs.indexOf(widget))
            elif isinstance(widget, JobPage) and widget.shown.folder in folders and not widget.shown.busy:
                widget.shown.show(None)
            elif isinstance(widget, Page) and any(folder in folders for folder in widget.runs):
                self._remove(widget)

    def close(self, page: Page) -> None:
        """Close a page, once nothing would be lost. Its run continues."""
        page.guard(lambda: self._remove(page))

    def close_all(self) -> None:
        """The window closes: close all pages, without a question."""
        for page in self.all:
            page.close_page()

    def _close_at(self, at: int) -> None:
        widget = self._tabs.widget(at)
        if isinstance(widget, Page):
            self.close(widget)
        else:
            self._tabs.removeTab(at)
            if widget is not None:
                widget.deleteLater()

    def _remove(self, page: Page) -> None:
        at = self._tabs.indexOf(page)
        if at < 0:
            return
        if self._tabs.count() == 1:
            self._add(JobPage(self._services))
        page.close_page()
        self._tabs.removeTab(at)
        page.deleteLater()
        self._dress_all()

    # the next start

    def remember(self) -> None:
        """Save which pages are open."""
        found = []
        for widget in self._widgets():
            if isinstance(widget, Page | Unbuilt) and widget.place is not None:
                now = widget is self._tabs.currentWidget()
                more = [str(path) for path in widget.more]
                found.append([widget.kind, str(widget.place), widget.title, now, *more])
        self._services.settings.put(KEY, json.dumps(found))

    def restore(self) -> None:
        """Restore the pages of the last session; each is built when it is first looked at."""
        front = -1
        for kind, place, title, now, *more in self._remembered():
            unbuilt = Unbuilt(kind, Path(place), title, tuple(Path(path) for path in more))
            at = self._tabs.put(self._tabs.count(), unbuilt)
            self._tabs.dress(at, title, _ICONS[kind], place, preview=False, modified=False)
            front = at if now else front
        if front > 0:
            first = self._tabs.widget(0)
            self._tabs.setCurrentIndex(front)
            if isinstance(first, JobPage) and first.untouched:
                self._remove(first)

    def _remembered(self) -> list[tuple[str, str, str, bool, *tuple[str, ...]]]:
        """Kind, place, title, whether it was in front, and what was merged with it."""
        try:
            found = json.loads(self._services.settings.text(KEY) or "[]")
            return [
                (str(k), str(p), str(t), bool(now), *map(str, more))
                for k, p, t, now, *more in found
                if k in _ICONS
            ]
        except (ValueError, TypeError):  # written by another version
            return []

    def _build(self, at: int) -> Page:
        """Replace a placeholder by its page."""
        unbuilt = self._tabs.widget(at)
        assert isinstance(unbuilt, Unbuilt)
        page = self._made(unbuilt)
        now = self._tabs.currentIndex() == at
        self._tabs.blockSignals(True)
        self._tabs.removeTab(at)
        self._add(page, at)
        if now:
            self._tabs.setCurrentIndex(at)
        self._tabs.blockSignals(False)
        unbuilt.deleteLater()
        if isinstance(page, JobPage):
            self._load(page, unbuilt.place)
        return page

    def _made(self, unbuilt: Unbuilt) -> Page:
        if unbuilt.kind == "run":
            from gui.shell.pages.run import RunPage

            page = RunPage(self._services)
            page.show_run(unbuilt.place, None, name=unbuilt.title)
            return page
        if unbuilt.kind == "log":
            from gui.shell.pages.log import LogPage

            return LogPage(self._services, unbuilt.place, unbuilt.more)
        if unbuilt.kind == "script":
            from gui.shell.pages.script import ScriptPage

            return ScriptPage(self._services, unbuilt.place)
        return JobPage(self._services)

    # the tabs

    def _widgets(self) -> list[QWidget]:
        found = (self._tabs.widget(at) for at in range(self._tabs.count()))
        return [widget for widget in found if widget is not None]

    def _add(self, page: Page, at: int | None = None) -> Page:
        page.changed.connect(lambda: self._page_changed(page))
        page.used.connect(lambda: self.keep(page))
        self._tabs.put(self._tabs.count() if at is None else at, page)
        self._dress_all()
        self.added.emit(page)
        return page

    def _page_changed(self, page: Page) -> None:
        self._dress(page)
        if page is self._tabs.currentWidget():
            self.changed.emit()

    def _turned(self, at: int) -> None:
        if isinstance(self._tabs.widget(at), Unbuilt):
            self._build(at)
        if at >= 0:
            self.changed.emit()

    def _keep_at(self, at: int) -> None:
        widget = self._tabs.widget(at)
        if isinstance(widget, Page):
            self.keep(widget)

    def _dress(self, page: Page) -> None:
        at = self._tabs.indexOf(page)
        if at >= 0:
            tip = str(page.place or "")
            self._tabs.dress(at, page.title, page.icon, tip, preview=page.preview, modified=page.modified)

    def _dress_all(self) -> None:
        self._tabs.bar.previews.clear()
        for page in self.all:
            self._dress(page)


_ICONS = {"job": "form", "run": "results", "log": "log", "script": "function"}
