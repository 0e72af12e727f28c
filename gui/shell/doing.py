"""What the commands of the window do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from gui.document.presets import PresetShelf
from gui.kit import ask
from gui.kit.theme import Theme
from gui.run.sessions import Sessions
from gui.runs.view import RunsView
from gui.settings.store import Settings
from gui.shell.list_doing import ListDoing
from gui.shell.log_doing import LogDoing
from gui.shell.on_desktop import AWAKE, NOTICES, OnDesktop
from gui.shell.open_pages import OpenPages
from gui.shell.opener import Opener
from gui.shell.pages.job import JobPage
from gui.shell.pages.run import RunPage
from gui.shell.pages.run_views import RunViews
from gui.shell.pages.script import ScriptPage
from gui.shell.pages.shown_run import ShownRun

if TYPE_CHECKING:
    from gui.results.view import ResultsView
    from gui.shell.pages.compare import ComparePage


class Doing:
    """Carries out commands on the front page, the runs list and the window."""

    def __init__(
        self,
        window: QWidget,
        show_runs: Callable[[bool], None],
        tell: Callable[[], None],
        pages: OpenPages,
        opener: Opener,
        runs: RunsView,
        sessions: Sessions,
        presets: PresetShelf,
        settings: Settings,
        theme: Theme,
        desktop: OnDesktop,
    ) -> None:
        self._window, self._pages = window, pages
        self._show_runs, self._tell = show_runs, tell
        self._opener, self._runs = opener, runs
        self._presets, self._settings, self._theme = presets, settings, theme
        self._desktop = desktop
        self.log = LogDoing(pages)
        self.list = ListDoing(window, runs, opener, pages, sessions)

    # the front page

    @property
    def _job(self) -> JobPage | None:
        page = self._pages.current
        return page if isinstance(page, JobPage) else None

    @property
    def _shown(self) -> ShownRun | None:
        page = self._pages.current
        return page.shown if isinstance(page, JobPage | RunPage | ScriptPage) else None

    @property
    def _views(self) -> RunViews | None:
        page = self._pages.current
        return page.views if isinstance(page, JobPage | RunPage | ScriptPage) else None

    def _use(self) -> None:
        self._pages.keep(self._pages.current)

    def save(self) -> None:
        """Save the front job to its file."""
        if self._job:
            self._job.document.save()

    def save_as(self) -> None:
        """Save the front job to a file that the user chooses."""
        if self._job:
            self._job.document.save_as()

    def undo(self) -> None:
        """Go one step back in the form."""
        if self._job:
            self._job.history.undo()

    def redo(self) -> None:
        """Revert one undo."""
        if self._job:
            self._job.history.redo()

    def copy(self) -> None:
        """Copy the selection in the focused pane: each pane handles its own keys."""
        _press(Qt.Key.Key_C)

    def select_all(self) -> None:
        """Select all in the focused pane."""
        _press(Qt.Key.Key_A)

    def copy_script(self) -> None:
        """Copy the job as a script."""
        if self._job:
            self._job.copying.script()

    def copy_command(self) -> None:
        """Copy the command that runs the job."""
        if self._job:
            self._job.copying.command()

    def run(self) -> None:
        """Run the front job or script."""
        page = self._pages.current
        if isinstance(page, JobPage | ScriptPage):
            page.run()

    def run_again(self) -> None:
        """Run the script of the front run again, as it was run."""
        self._use()
        page = self._pages.current
        if isinstance(page, RunPage):
            page.run_again()

    def try_one(self) -> None:
        """Run the function on the first input."""
        if self._job:
            self._job.trials.try_one()

    def compare_modes(self) -> None:
        """Open a page that compares ways to run the front job."""
        if self._job and self._job.whole_job("There is nothing to compare yet."):
            self._pages.show_compare(self._job)

    @property
    def _compared(self) -> ComparePage | None:
        page = self._pages.current
        if page.kind != "compare":
            return None
        from gui.shell.pages.compare import ComparePage

        assert isinstance(page, ComparePage)
        return page

    def begin_compare(self) -> None:
        """Begin to measure."""
        if self._compared:
            self._compared.begin()

    def cancel_compare(self) -> None:
        """End the measurements."""
        if self._compared:
            self._compared.cancel()

    def use_compared(self) -> None:
        """Apply the advice to the form of its job."""
        if page := self._compared:
            self._pages.use_advice(page)

    def pause(self) -> None:
        """Pause the front run."""
        self._use()
        if self._shown:
            self._shown.pause()

    def resume(self) -> None:
        """Resume the front run."""
        self._use()
        if again := self._job.again if self._job else self._shown:
            again.resume()

    def stop(self) -> None:
        """Stop the front run."""
        self._use()
        if self._shown:
            self._shown.stop()

    def finish(self) -> None:
        """Let the running tasks of the front run end, and begin no more."""
        self._use()
        if self._shown:
            self._shown.finish()

    def kill(self) -> None:
        """Stop the front run at once."""
        self._use()
        if self._shown:
            self._shown.kill()

    def retry(self) -> None:
        """Run the failed tasks of the front run again."""
        self._use()
        if again := self._job.again if self._job else self._shown:
            again.retry()

    def reveal_run(self) -> None:
        """Show the folder of the front run."""
        if self._shown and self._shown.folder:
            _reveal(self._shown.folder)

    def open_job_of_run(self) -> None:
        """Open the job of the front run as a new job."""
        if self._shown and self._shown.folder:
            self._opener.job_of_run(self._shown.folder)

    def open_script_of_run(self) -> None:
        """Open the script of the front run, with the arguments that it had."""
        if self._shown and self._shown.folder:
            self._opener.script_of_run(self._shown.folder)

    # pages and views

    def new(self) -> None:
        """Begin a new job."""
        self._pages.free_job()

    def close_page(self) -> None:
        """Close the front page."""
        self._pages.close(self._pages.current)

    def turn(self, steps: int) -> None:
        """Go to another page."""
        self._pages.turn(steps)

    def show_view(self, at: int) -> None:
        """Show one of the tabs of the front run."""
        if self._views:
            self._views.setCurrentIndex(at)
            self._pages.current.show_views()
            self._views.take_focus()

    def go_to_task(self) -> None:
        """Select the task that the user names, in the results of the front run."""
        task = ask.task_number(self._window)
        if task is not None and (results := self._results()):
            results.go_to(task)

    def _results(self) -> ResultsView | None:
        """The results of the front run, brought to the front."""
        if self._views is None:
            return None
        self.show_view(0)
        return self._views.results

    def find_results(self) -> None:
        """Let the user filter the results of the front run."""
        if results := self._results():
            results.focus_filter()

    def next_failed(self) -> None:
        """Select the next failed task of the front run."""
        if results := self._results():
            results.go_to_failed()

    def previous_failed(self) -> None:
        """Select the previous failed task."""
        if results := self._results():
            results.go_to_failed(backwards=True)

    def show_in_log(self) -> None:
        """Show what the selected task of the front run logged."""
        if self._views:
            self._views.show_task_in_log()

    def retry_selected(self) -> None:
        """Run the selected tasks without a result again."""
        if results := self._results():
            self._use()
            results.retrying.selected()

    def toggle_errors(self) -> None:
        """Show or hide the groups of failures of the front run."""
        if results := self._results():
            results.toggle_errors()

    def export_results(self) -> None:
        """Export results of the front run to a file that the user chooses; the Results tab shows progress."""
        self.show_view(0)
        if results := self._results():
            results.export()

    def copy_results_code(self) -> None:
        """Copy Python code that loads results of the front run."""
        self.show_view(0)
        if results := self._results():
            results.copy_code()

    def toggle_runs(self) -> None:
        """Show or hide the runs list."""
        self._show_runs(self._runs.isHidden())

    def toggle_form(self) -> None:
        """Show or hide the form of the front job."""
        if self._job:
            self._job.show_form(self._job.form.isHidden())

    # files

    def open(self, path: Path) -> None:
        """Open a file."""
        self._opener.open(path)

    def open_asked(self) -> None:
        """Let the user choose what to open."""
        self._opener.open_asked()

    def open_run_asked(self) -> None:
        """Let the user choose a run folder."""
        self._opener.open_run_asked()

    @property
    def recent(self) -> list[Path]:
        """Recently opened files."""
        return self._settings.recent

    def clear_recent(self) -> None:
        """Forget them."""
        self._settings.clear_recent()

    # presets

    @property
    def preset_names(self) -> list[str]:
        """All presets."""
        return self._presets.names

    def open_preset(self, name: str) -> None:
        """Show a preset as a new job."""
        self._presets.open(name)

    def save_preset(self) -> None:
        """Save the front job as a preset."""
        if self._job and self._job.whole_job("The preset was not saved."):
            self._presets.save(self._job.form.job())

    def manage_presets(self) -> None:
        """Show the dialog for presets."""
        self._presets.manage()

    # the window

    def toggle_awake(self) -> None:
        """Switch on or off that the computer is kept awake during a run."""
        self._desktop.toggle(AWAKE)
        self._tell()

    def toggle_notices(self) -> None:
        """Switch on or off notifications about the end of long runs."""
        self._desktop.toggle(NOTICES)
        self._tell()

    def choose_scheme(self, scheme: str) -> None:
        """Choose light, dark, or the system's scheme."""
        self._theme.choose(scheme)
        self._settings.put("scheme", scheme)
        self._tell()

    def show_guide(self) -> None:
        """Open the guide beside the window."""
        from gui.shell.guide import Guide

        Guide(self._window).show()

    def show_about(self) -> None:
        """Show the About box."""
        from gui.shell.about import About

        About(self._window).open()

    def quit(self) -> None:
        """Close the window."""
        self._window.close()


def _reveal(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def _press(key: Qt.Key) -> None:
    """Send Ctrl and this key (Command on macOS) to the focused widget."""
    widget = QApplication.focusWidget()
    if widget is not None:
        QApplication.sendEvent(
            widget, QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.ControlModifier)
        )
