"""Opens files: they are read off the GUI thread, then shown on the right page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from engine.job import load
from gui.kit import ask
from gui.kit.work import Latest
from gui.settings.store import Settings
from gui.shell import opening
from gui.shell.open_pages import OpenPages
from gui.shell.opening import DATA, CannotOpen, FaultyJob, Opened
from gui.shell.pages.job import JobPage
from gui.shell.pages.page import Page

if TYPE_CHECKING:
    from engine.source.found import Found


class Opener(QObject):
    """Opens one file after the other; if several are opened in a row, the last one is shown."""

    def __init__(
        self, window: QWidget, root: Path, settings: Settings, unexpected: Callable[[BaseException], None]
    ) -> None:
        super().__init__(window)
        self._window = window
        self.pages: OpenPages
        """Set once, when the pages exist."""
        self._root = root
        self._settings = settings
        self._unexpected = unexpected
        self._keep = True
        self.reader = Latest(self)
        self.reader.answered.connect(self._show)
        self.reader.failed.connect(self._not_opened)

    def open(self, path: Path) -> None:
        """Open a job, a script, a run or a log; which it is shows when it is read."""
        self._keep = True
        self.reader.ask(lambda: opening.read(path))

    def open_all(self, paths: Sequence[Path]) -> None:
        """Open some files: several logs as one, merged by time, anything else one after the other."""
        self._keep = True
        self.reader.ask(lambda: opening.read_all(paths))

    def open_asked(self) -> None:
        """Let the user choose what to open."""
        if found := ask.files_to_open(self._window, self._settings.folder):
            self.open_all([Path(name) for name in found])

    def open_run_asked(self) -> None:
        """Let the user choose a run folder."""
        if found := ask.run_to_open(self._window, str(self._root)):
            self.open(Path(found))

    def preview(self, folder: Path) -> None:
        """Show a run on the preview page, which the next preview reuses."""
        self._keep = False
        self.reader.ask(lambda: opening.read(folder))

    def example(self, path: Path) -> None:
        """Open a bundled job as a new one: saving asks where to."""
        self.reader.ask(lambda: Opened("example", path, load(path)))

    def job_of_run(self, folder: Path) -> None:
        """Open the job of a run as a new job."""
        self.reader.ask(lambda: opening.read_job_of_run(folder))

    def script_of_run(self, folder: Path) -> None:
        """Open the script of a run, with the arguments and the interpreter that it had."""
        self._keep = True
        self.reader.ask(lambda: opening.read_script_of_run(folder))

    def as_log(self, path: Path) -> None:
        """Open a file as a log."""
        self.pages.show_log(path)
        self._remember(path)

    def as_job(self, found: Found) -> None:
        """Open the job in a script; if none can be read with certainty, a job for one of its functions."""
        if found.why:
            self._fill(self.pages.free_job(), opening.as_file(found.path))
        else:
            self._fill(self.pages.free_job(), Opened("script", found.path, found.job, found.notes))

    def into(self, page: JobPage, path: Path) -> None:
        """Read a file into a job page of the last session."""
        reader = Latest(page)

        def show(opened: Opened) -> None:
            if opened.kind == "as it is":
                self._fill(page, opening.as_file(opened.path))
            elif opened.job is not None:
                self._fill(page, opened)

        reader.answered.connect(show)
        reader.failed.connect(lambda error: self._not_read_into(page, error))
        reader.ask(lambda: opening.read(path))

    def _show(self, opened: Opened | list[Opened | CannotOpen]) -> None:
        every = opened if isinstance(opened, list) else [opened]
        for one in every:
            if isinstance(one, Opened):
                self._show_one(one)
        errors = [one for one in every if isinstance(one, CannotOpen)]
        for error in errors:
            self._not_opened(error)
        if len(errors) > 1:
            why = "\n".join(f"{error.what} {error.why.partition(chr(10))[0]}" for error in errors)
            self.pages.current.banner.fail(f"{len(errors)} of {len(every)} files cannot be opened.", why)

    def _show_one(self, opened: Opened) -> None:
        page = self.pages.current
        page.banner.hide()
        if opened.kind == "run":
            self.pages.show_run(opened.path, opened.stand, opened.fault, keep=self._keep)
        elif opened.kind == "log":
            self.pages.show_log(opened.path, opened.more)
        elif opened.kind == "as it is" and opened.found:
            self.pages.show_script(opened.path, opened.found, opened.script)
        elif opened.kind == "data":
            self._take_data(opened.path)
        elif opened.kind == "job" and (there := self.pages.find("job", opened.path)):
            self.pages.show(there)
        elif opened.kind == "file" and isinstance(page, JobPage) and page.modified and page.form.empty:
            page.form.choose_file(opened.path)  # what was typed so far waits for a function
        elif opened.job is not None:
            self._fill(self.pages.free_job(), opened)
        if self._keep or opened.kind != "run":  # a preview leaves the focus in the list
            self.pages.current.take_focus()
        if opened.kind not in ("example", "job of run"):
            self._remember(opened.path)

    def _fill(self, page: JobPage, opened: Opened) -> None:
        assert opened.job is not None
        own = opened.path if opened.kind == "job" else None
        page.adopt(opened.job, opened.name, own, reveal=opened.kind != "file")
        if opened.kind in ("script", "file", "faulty"):
            page.opened = opened.path
        if opened.kind == "file":
            page.form.expect_inputs()
        page.form.show_notes(opened.notes)
        if opened.kind == "file" and (found := opened.found):
            page.banner.inform(
                f"{opened.path.name} is a script, too.",
                "Choose one of its functions here, or run the whole script as it is.",
                "Show the script",
                lambda: self.pages.show_script(found.path, found),
            )

    def _take_data(self, path: Path) -> None:
        """Use a file as the inputs of the front job, or of a new one."""
        page = self.pages.current
        if not isinstance(page, JobPage):
            page = self.pages.new_job()
        page.form.choose_data(path, DATA[path.suffix.lower()])
        page.banner.inform(
            f"The inputs are those of {path.name} now.",
            "Undo brings back the previous ones.",
            "Open it as a log",
            lambda: self.as_log(path),
        )

    def _not_opened(self, error: Exception) -> None:
        if isinstance(error, FaultyJob):
            page = self.pages.find("job", error.path) or self.pages.free_job()
            self.pages.show(page)
            self._show_faulty(page, error)
        else:
            self._say(self.pages.current, error)

    def _show_faulty(self, page: Page, error: FaultyJob) -> None:
        """Show the valid part of a job file, with each mistake beside its field, until the job is changed."""
        assert isinstance(page, JobPage)
        if not page.modified:
            page.adopt(error.job, error.path.name, error.path, check=False)
            page.form.show_problems(error.problems)
        self._say(page, error)

    def _not_read_into(self, page: JobPage, error: Exception) -> None:
        if isinstance(error, FaultyJob):
            self._show_faulty(page, error)
        else:
            self._say(page, error)

    def _say(self, page: Page, error: Exception) -> None:
        if isinstance(error, CannotOpen):
            page.banner.fail(error.what, error.why, error.details)
        else:
            self._unexpected(error)

    def _remember(self, path: Path) -> None:
        if not path.is_relative_to(self._root):
            self._settings.add_recent(path)
            self._settings.put("folder", str(path.parent))
