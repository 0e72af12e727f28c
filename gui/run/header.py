"""The header: what the run shown is doing, how far it is, and the buttons of the run."""

from __future__ import annotations

import time

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QProgressBar, QPushButton, QWidget

from engine.launch import Ended, Progress, Started
from engine.progress import Estimator, summary, words
from engine.runs import RunFacts
from gui.kit import icons
from gui.kit.mark import Mark
from gui.kit.widgets import text_label
from gui.kit.words import duration
from gui.run.buttons import PauseButton, PoolSize, StopButton

STATES = {
    "ready": ("Ready", "info", "muted"),
    "refused": ("Nothing ran", "warning", "warning"),
    "checking": ("Checking…", "runs", "muted"),
    "starting": ("Starting…", "runs", "accent"),
    "running": ("Running", "run", "accent"),
    "paused": ("Paused", "pause", "warning"),
    "stopping": ("Stopping…", "stop", "warning"),
    "finished": ("Finished", "good", "good"),
    "stopped": ("Stopped", "stop", "warning"),
    "failed": ("Failed", "error", "problem"),
    "interrupted": ("Interrupted", "warning", "warning"),
    "unreadable": ("Unreadable", "error", "problem"),
}
STEPS = 1000


def rate_words(rate: float) -> str:
    """Tasks a second, as many digits as make sense."""
    return f"{rate:,.0f} tasks/s" if rate >= 10 else f"{rate:.1f} tasks/s" if rate >= 0.1 else ""


class Elsewhere(QFrame):
    """A line about the live run while another one is shown, and the way to it."""

    asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("elsewhere")
        self.setAccessibleName("The live run")
        self._mark = Mark(16)
        self.text = text_label()
        self.show_it = QPushButton("Show it")
        self.show_it.setProperty("quiet", True)
        self.show_it.clicked.connect(self.asked)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 3, 8, 3)
        row.setSpacing(7)
        row.addWidget(self._mark)
        row.addWidget(self.text, 1)
        row.addWidget(self.show_it)
        self.hide()

    def tell(self, name: str, state: str, detail: str) -> None:
        """Say how the run `name` stands."""
        word, mark, role = STATES.get(state, (state.capitalize(), "info", "muted"))
        self._mark.show_icon(mark, role)
        self.text.setText(f"{word.rstrip('…')}: {name}{detail and f', {detail}'}")
        self.show()


class Header(QFrame):
    """State, progress, rate and time left; Run, Pause and Stop."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("header")
        self.setAccessibleName("Run")
        self.state = "ready"
        self._total: int | None = None
        self._estimator = Estimator(None)
        self._mark = Mark(18)
        self.title = text_label("heading")
        self.detail = text_label("muted")
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName("Tasks done")
        self.run = QPushButton(icons.icon("run", "on_accent"), "Run")
        self.run.setProperty("primary", True)
        self.run.setToolTip("Run the job (F5)")
        self.try_one = QPushButton("Try one")
        self.try_one.setToolTip("Run the function on the first input only: what it gives and takes (Ctrl+F5)")
        self.pause = PauseButton()
        self.stop = StopButton()
        self.retry = QPushButton(icons.icon("retry"), "Retry failed")
        self.pool = PoolSize()
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 10, 12, 10)
        grid.setVerticalSpacing(6)
        first = QHBoxLayout()
        first.setSpacing(7)
        first.addWidget(self._mark)
        first.addWidget(self.title, 1)
        for button in (self.pause, self.try_one, self.run):
            first.addWidget(button)
        stopping = QHBoxLayout()
        stopping.setSpacing(0)
        stopping.addWidget(self.stop)
        stopping.addWidget(self.stop.arrow)
        first.addLayout(stopping)
        last = QHBoxLayout()
        last.setSpacing(7)
        last.addWidget(self.pool)
        last.addStretch(1)
        last.addWidget(self.retry)
        grid.addLayout(first, 0, 0)
        grid.addWidget(self.bar, 1, 0)
        grid.addWidget(self.detail, 2, 0)
        grid.addLayout(last, 3, 0)
        self.elsewhere = Elsewhere()
        grid.addWidget(self.elsewhere, 4, 0)
        self.ready()

    def ready(self, detail: str = "") -> None:
        """No run is shown."""
        self._bar(0, 1)
        self._show("ready", detail or "Results, progress and log appear here.")

    def refused(self, why: str) -> None:
        """The run did not begin."""
        self._bar(0, 1)
        self._show("refused", why)

    def checking(self) -> None:
        """The job is being checked."""
        self._show("checking", "")

    def starting(self) -> None:
        """The host is being started."""
        self._bar(0, None)
        self._show("starting", "")

    def started(self, started: Started) -> None:
        """The run began."""
        self._total = started.total
        self._estimator = Estimator(started.total)
        self._bar(0, self._total)
        workers = f"{started.workers} worker{'s' if started.workers != 1 else ''}"
        self._show("running", f"{summary(0, self._total)}, {workers}")

    def progressed(self, progress: Progress, state: str = "running") -> None:
        """The run went on, or was paused, or is stopping."""
        if self.state == "paused" != state:
            self._estimator = Estimator(self._total)  # the rate was another one before
        self._estimator.update(progress.done, time.monotonic())
        left = self._estimator.time_left() if state == "running" else None
        rate = rate_words(self._estimator.rate) if state != "paused" else ""
        parts = [summary(progress.done, self._total)]
        if left is not None and progress.done:
            parts.append(f"{words(left)} left")
        if rate:
            parts.append(rate)
        if progress.failed:
            parts.append(f"{progress.failed:,} failed")
        self._bar(progress.done, self._total)
        self._show(state, ", ".join(parts))

    def turned(self, state: str) -> None:
        """The run was asked to stop, to pause or to go on."""
        self._show(state, self.detail.text())

    def ended(self, ended: Ended) -> None:
        """The run is over."""
        self.outcome(ended.state, ended.ok, ended.failed, ended.total, ended.reason)

    def facts(self, facts: RunFacts) -> None:
        """Show a saved run."""
        seconds = facts.ended - facts.started if facts.started and facts.ended else None
        state = "paused" if facts.paused else facts.state
        self.outcome(state, facts.ok, facts.failed, facts.total, facts.reason, seconds)

    def add(self, sentence: str) -> None:
        """Say one thing more of the run that is shown."""
        self.detail.setText(f"{self.detail.text()}\n{sentence}")

    def outcome(
        self,
        state: str,
        ok: int,
        failed: int,
        total: int | None,
        reason: str = "",
        seconds: float | None = None,
    ) -> None:
        """Show how a run stands, or how it ended."""
        parts = [summary(ok + failed, total)]
        if failed and state != "finished":
            parts.append(f"{failed:,} failed")
        if seconds is not None:
            parts.append(f"in {duration(seconds)}")
        text = ", ".join(parts)
        self._bar(ok + failed, total if total is not None else max(1, ok + failed))
        self._show(state, f"{text}\n{reason}" if reason else text)
        if failed and state == "finished":
            self.title.setText(f"Finished, {failed:,} task{'s' if failed > 1 else ''} failed")
            self._mark.show_icon("warning", "warning")

    def _show(self, state: str, detail: str) -> None:
        self.state = state
        text, name, role = STATES.get(state, (state.capitalize(), "info", "muted"))
        self.title.setText(text)
        self._mark.show_icon(name, role)
        self.detail.setText(detail)

    def _bar(self, done: int, total: int | None) -> None:
        """The bar counts in thousandths: a run may have more tasks than a bar can count."""
        if total is None:
            self.bar.setRange(0, 0)
            return
        self.bar.setRange(0, STEPS)
        self.bar.setValue(min(STEPS, done * STEPS // total) if total else STEPS)
