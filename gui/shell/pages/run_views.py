"""The views of one run in tabs: results, log, workers, output. Each is built when it is first looked at."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QThreadPool, Signal
from PySide6.QtGui import QIcon, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from gui.kit import icons

if TYPE_CHECKING:
    from engine.launch import Workers
    from gui.logs.view import LogView
    from gui.output.view import OutputView
    from gui.results.view import ResultsView
    from gui.workers.view import WorkersView

View = TypeVar("View", bound=QWidget)
TABS = (("results", "Results"), ("log", "Log"), ("workers", "Workers"), ("output", "Output"))

AHEAD = ("gui.run.bridge", "gui.run.session", "gui.results.view", "gui.logs.view")
"""What the first run needs at once."""
_ROOMY = 330
"""Width from which the tabs have icons."""


def load_ahead() -> None:
    """Import what the first run needs while there is time: that takes longer than a frame."""
    QThreadPool.globalInstance().start(lambda: [import_module(name) for name in AHEAD])


class RunViews(QTabWidget):
    """Shows one run folder at a time, as far as the person looks at it."""

    look_asked = Signal(bool)
    """The host is to say what the workers are on, with their stacks if True."""
    end_asked = Signal(int)
    """A worker is to be ended."""

    def __init__(self) -> None:
        super().__init__()
        self.setDocumentMode(False)
        self._folder: Path | None = None
        self._controlled = False
        self._results: ResultsView | None = None
        self._log: LogView | None = None
        self._workers: WorkersView | None = None
        self._output: OutputView | None = None
        self._rooms: list[QVBoxLayout] = []
        for name, text in TABS:
            room = QWidget()
            box = QVBoxLayout(room)
            box.setContentsMargins(0, 0, 0, 0)
            self._rooms.append(box)
            self.addTab(room, icons.icon(name), text)
        self.currentChanged.connect(self._build_current)

    @property
    def results(self) -> ResultsView:
        """The table of results."""
        if self._results is None:
            from gui.results.view import ResultsView

            self._results = self._put(0, ResultsView())
            self._results.show_run(self._folder)
        return self._results

    @property
    def log(self) -> LogView:
        """The log of the run."""
        if self._log is None:
            from gui.logs.view import LogView

            self._log = self._put(1, LogView())
            self._log.show_file(self._log_file)
        return self._log

    @property
    def workers(self) -> WorkersView:
        """The workers of the run."""
        if self._workers is None:
            from gui.workers.view import WorkersView

            view = self._workers = self._put(2, WorkersView())
            view.look_asked.connect(self.look_asked)
            view.end_asked.connect(self.end_asked)
            view.show_run(self._folder)
            view.control(self._controlled)
        return self._workers

    @property
    def output(self) -> OutputView:
        """What the workers of the run printed."""
        if self._output is None:
            from gui.output.view import OutputView

            self._output = self._put(3, OutputView())
            self._output.task_asked.connect(self.show_task)
            self._output.show_run(self._folder)
        return self._output

    def show_task(self, task: int) -> None:
        """Show a task in the results."""
        self.setCurrentIndex(0)
        self.results.go_to(task)

    @property
    def results_in_front(self) -> bool:
        """Whether the tab in front is that of the results."""
        return self.currentIndex() == 0

    def show_run(self, folder: Path | None) -> None:
        """Show this run from its beginning; None shows none."""
        self._folder = folder
        if self._results:
            self._results.show_run(folder)
        if self._log:
            self._log.show_file(self._log_file)
        if self._workers:
            self._workers.show_run(folder)
        if self._output:
            self._output.show_run(folder)
        self._build_current()

    def read_anew(self) -> None:
        """Rows that were read have been taken out: read all from the beginning."""
        if self._results:
            self._results.show_run(self._folder)
        if self._workers:
            self._workers.show_run(self._folder)

    def grew(self) -> None:
        """The run has more results and log lines than before; while out of sight, they are not read."""
        if not self.isVisible():
            return
        if self._results:
            self._results.grew()
        if self._log:
            self._log.grew()
        if self._output:
            self._output.grew()

    def control(self, controlled: bool) -> None:
        """Whether this window controls the run, so that its workers can be asked and ended."""
        self._controlled = controlled
        if self._workers:
            self._workers.control(controlled)

    def tell_workers(self, answer: Workers) -> None:
        """The host says what the workers are on."""
        if self._workers:
            self._workers.tell(answer)

    def close_run(self) -> None:
        """Show nothing, and let the readers go."""
        self._folder = None
        for view in (self._results, self._log, self._workers, self._output):
            if view:
                view.close_run()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._build_current()
        self.grew()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        roomy = event.size().width() >= _ROOMY
        for at, (name, _) in enumerate(TABS):
            self.setTabIcon(at, icons.icon(name) if roomy else QIcon())

    def _build_current(self) -> None:
        if self._folder is not None and self.isVisible():
            getattr(self, TABS[self.currentIndex()][0])

    @property
    def _log_file(self) -> Path | None:
        from engine.runs import LOG

        return self._folder / LOG if self._folder else None

    def _put(self, at: int, view: View) -> View:
        self._rooms[at].addWidget(view)
        return view
