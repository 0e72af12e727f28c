"""The views of one run in tabs. Each is built when it is first looked at."""

from __future__ import annotations

from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import Qt, QThreadPool, Signal
from PySide6.QtGui import QHideEvent, QIcon, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QTabBar, QTabWidget, QVBoxLayout, QWidget

from gui.commands.actions import Actions
from gui.kit import icons
from gui.kit.widgets import restyle

if TYPE_CHECKING:
    from engine.launch import Workers
    from gui.logs.view import LogView
    from gui.output.view import OutputView
    from gui.results.view import ResultsView
    from gui.summary.view import SummaryView
    from gui.timeline.view import TimelineView
    from gui.workers.view import WorkersView

View = TypeVar("View", bound=QWidget)
TABS = (
    ("results", "Results"),
    ("log", "Log"),
    ("workers", "Workers"),
    ("timeline", "Timeline"),
    ("summary", "Summary"),
    ("output", "Output"),
)

AHEAD = ("gui.run.bridge", "gui.run.session", "gui.results.view", "gui.logs.view")
"""What the first run needs at once."""
_BY_TAB = Qt.FocusPolicy.TabFocus
_AROUND = 32
"""Pixels beside the text of a tab, as the style sheet has it."""
_ROOMY = 720
"""The width above which tabs have icons."""


def load_ahead() -> None:
    """Import what the first run needs while there is time: that takes longer than a frame."""
    QThreadPool.globalInstance().start(lambda: [import_module(name) for name in AHEAD])


class _TabBar(QTabBar):
    """Tabs that stand closer if they would not all be visible."""

    def fit(self, width: int) -> None:
        """Show the tabs in this width."""
        metrics = self.fontMetrics()
        texts = [metrics.horizontalAdvance(self.tabText(at)) for at in range(self.count())]
        tight = sum(texts) + len(texts) * _AROUND > width
        if tight != bool(self.property("tight")):
            restyle(self, "tight", tight)


class RunViews(QTabWidget):
    """Shows one run folder at a time, only in the tabs that the user looks at."""

    look_asked = Signal(bool)
    """Ask the host what the workers are doing, with their stacks if True."""
    retry_asked = Signal(object)
    """Run tasks again: spans (first, stop), or None for all that failed."""
    end_asked = Signal(int)
    """End a worker."""
    changed = Signal()
    """Its flags have changed."""

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self._bar = _TabBar()
        self.setTabBar(self._bar)
        self.setDocumentMode(False)
        self._actions = actions
        self._folder: Path | None = None
        self._controlled = False
        self._may_retry = False, ""
        self._results: ResultsView | None = None
        self._log: LogView | None = None
        self._workers: WorkersView | None = None
        self._timeline: TimelineView | None = None
        self._summary: SummaryView | None = None
        self._output: OutputView | None = None
        self._rooms: list[QVBoxLayout] = []
        for name, text in TABS:
            room = QWidget()
            box = QVBoxLayout(room)
            box.setContentsMargins(0, 0, 0, 0)
            self._rooms.append(box)
            self.addTab(room, icons.icon(name), text)
        self.currentChanged.connect(self._turned)
        self.currentChanged.connect(self.changed)

    @property
    def results(self) -> ResultsView:
        """The table of results."""
        if self._results is None:
            from gui.results.view import ResultsView

            self._results = self._put(0, ResultsView())
            self._results.retrying.asked.connect(self.retry_asked)
            self._results.log_asked.connect(self.show_task_in_log)
            self._results.retrying.allow(*self._may_retry)
            self._results.show_run(self._folder)
        return self._results

    @property
    def log(self) -> LogView:
        """The log of the run."""
        if self._log is None:
            from gui.logs.view import LogView

            self._log = self._put(1, LogView(of_run=True))
            self._actions.bind("log", self._log.area)
            self._log.belonging.task_asked.connect(self.open_task)
            self._log.show_file(self._log_file)
            self._log.changed.connect(self.changed)
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

            self._output = self._put(5, OutputView())
            self._output.task_asked.connect(self.open_task)
            self._output.find_asked.connect(self._find_in_output)
            self._output.show_run(self._folder)
        return self._output

    def _find_in_output(self) -> None:
        """Show what workers printed in the log, and let the user search."""
        self.setCurrentIndex(1)
        self.log.belonging.show_printed()
        self.log.narrowing.find_text()

    @property
    def timeline(self) -> TimelineView:
        """When each task ran, and on which worker."""
        if self._timeline is None:
            from gui.timeline.view import TimelineView

            view = self._timeline = self._put(3, TimelineView(can_filter=True))
            view.range_chosen.connect(self._show_span)
            view.task_chosen.connect(self._choose_task)
            view.task_opened.connect(self.open_task)
            view.show_run(self._folder)
        return self._timeline

    @property
    def summary(self) -> SummaryView:
        """The summary of the run."""
        if self._summary is None:
            from gui.summary.view import SummaryView

            view = self._summary = self._put(4, SummaryView(can_filter=True))
            view.durations_chosen.connect(self._show_durations)
            view.task_chosen.connect(self.open_task)
            view.show_run(self._folder)
        return self._summary

    @property
    def log_in_front(self) -> LogView | None:
        """The log, if its tab is in front."""
        return self._log if self.currentIndex() == 1 and self.isVisible() else None

    @property
    def results_in_front(self) -> bool:
        """Whether the tab of results is in front."""
        return self.currentIndex() == 0

    def take_focus(self) -> None:
        """Move the focus into the front tab."""
        self._build_current()
        views = (self._results, self._log, self._workers, self._timeline, self._summary, self._output)
        view = views[self.currentIndex()] if self.currentIndex() < len(views) else None
        if view is None:
            self.setFocus()
            return
        content: QWidget = getattr(view, "table", None) or getattr(view, "area", None) or view
        if content.focusPolicy() == Qt.FocusPolicy.NoFocus:
            inner = (child for child in content.findChildren(QWidget) if child.focusPolicy() & _BY_TAB)
            content = next((child for child in inner if child.isVisibleTo(content)), content)
        content.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_run(self, folder: Path | None) -> None:
        """Show this run from its beginning; None shows none."""
        self._folder = folder
        if self._results:
            self._results.show_run(folder)
        if self._log:
            self._log.show_file(self._log_file)
        for view in (self._workers, self._timeline, self._summary, self._output):
            if view:
                view.show_run(folder)
        self._build_current()

    def reread(self) -> None:
        """Rows have been removed: read everything from the beginning."""
        if self._results:
            self._results.reread()
        for view in (self._workers, self._timeline, self._summary):
            if view:
                view.show_run(self._folder)

    def grew(self) -> None:
        """The run has more results and log lines; hidden tabs do not read them."""
        if not self.isVisible():
            return
        for view in (self._results, self._log, self._timeline, self._summary, self._output):
            if view:
                view.grew()

    def over(self) -> None:
        """The run has ended."""
        if self._results and self._folder is not None:
            self._results.over()

    def control(self, controlled: bool, may_retry: bool, why: str = "") -> None:
        """Say whether this window controls the run and its workers, and whether tasks can run again.

        `why` says why not, if there is more to say than the state of the run.
        """
        self._controlled, self._may_retry = controlled, (may_retry, why)
        if self._workers:
            self._workers.control(controlled)
        if self._results:
            self._results.retrying.allow(may_retry, why)

    def tell_workers(self, answer: Workers) -> None:
        """Pass on the host's report about the workers."""
        if self._workers:
            self._workers.tell(answer)

    def close_run(self) -> None:
        """Show nothing, and close the readers."""
        self._folder = None
        for view in (self._results, self._log, self._workers, self._timeline, self._summary, self._output):
            if view:
                view.close_run()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._build_current()
        self.grew()
        self.changed.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        roomy = event.size().width() >= _ROOMY
        for at, (name, _) in enumerate(TABS):
            self.setTabIcon(at, icons.icon(name) if roomy else QIcon())
        self._bar.fit(event.size().width())

    def _turned(self) -> None:
        self._build_current()
        if self._timeline and self.currentWidget() is self._timeline.parentWidget():
            task = self._selected_task()
            if task is not None:
                self._timeline.show_task(task)

    def _selected_task(self) -> int | None:
        """The task that is selected in the table, if it is loaded."""
        at = self._results.table.current if self._results else -1
        row = self._results.model.row(at) if self._results and at >= 0 else None
        return row.index if row else None

    def _choose_task(self, task: int) -> None:
        self.results.go_to(task)

    def open_task(self, task: int) -> None:
        """Select a task in the table and show it."""
        self.setCurrentIndex(0)
        self.results.go_to(task)

    def show_task_in_log(self) -> None:
        """Show what the selected task logged."""
        task = self._selected_task()
        if task is not None:
            self.setCurrentIndex(1)
            self.log.belonging.show_lines(task)

    def _show_span(self, begin: float, end: float) -> None:
        first, last = (datetime.fromtimestamp(at).astimezone().isoformat() for at in (begin, end))
        self._show_where(f"started>={first} started<={last}")

    def _show_durations(self, least: float, most: float) -> None:
        self._show_where(f"seconds>={least!r} seconds<={most!r}")

    def _show_where(self, conditions: str) -> None:
        """Show the tasks that meet these conditions in the table."""
        self.setCurrentIndex(0)
        self.results.filter.say(conditions)

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
