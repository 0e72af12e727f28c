"""The summary of a run, live or saved: the verdict, numbers, charts, the longest tasks."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFormLayout, QFrame, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from engine.query.summary import Durations, Summarised
from engine.query.timeline import TasksOverTime
from engine.results.answers import Histogram, Summary
from engine.results.timeline.answers import Throughput
from engine.results.words import cpu_in_words, in_words, stages_in_words
from engine.runs import RunFacts
from gui.kit import words
from gui.kit.empty import EmptyNote
from gui.kit.query import Query
from gui.kit.widgets import restyle, text_label
from gui.kit.work import Latest
from gui.summary import charts
from gui.summary.chart import BarChart
from gui.summary.saving import Saver

if TYPE_CHECKING:
    from gui.summary.plots import Plots

_REST = 2.0
"""The least number of seconds between two readings of an active run,"""
_SHARE = 5
"""and how many times the duration of the last one."""
_POLL = 1000
_INPUT = 120
"""Characters of an input that are shown."""
NO_RUN = "The summary of a run appears here."
READING = "Adding up …"


class SummaryView(QScrollArea):
    """Shows one run folder at a time, from `show_run` to `close_run`."""

    task_chosen = Signal(int)
    """The task with this index was clicked."""
    durations_chosen = Signal(float, float)
    """Show the tasks that took between these seconds."""

    def __init__(self, parent: QWidget | None = None, *, can_filter: bool = False) -> None:
        """With `can_filter`, a table can show the tasks of a bar."""
        super().__init__(parent)
        self._query: Query | None = None
        self._summary: Summary | None = None
        self._live = self._asked = False
        self._asked_at = self._again_at = 0.0
        self._poll = QTimer(self, interval=_POLL)
        self._poll.timeout.connect(self.grew)
        self.verdict = text_label(selectable=True)
        self.facts = QFormLayout()
        self._labels: list[tuple[QLabel, QLabel]] = []
        self.histogram = BarChart("How long tasks took", can_choose=can_filter)
        self.histogram.chosen.connect(self._choose_durations)
        self.throughput = BarChart("Tasks over time", can_choose=False)
        self.saver = Saver(self)
        self.told = text_label("muted", selectable=True)
        self.saver.told.connect(self._tell)
        self.histogram.zoomed.connect(self._ask_durations)
        self.throughput.zoomed.connect(self._ask_throughput)
        self._first = 0.0
        """The start of the run, for the chart."""
        for chart in (self.histogram, self.throughput):
            chart.save_asked.connect(lambda chart=chart: self.saver.save(chart))
        self.plots: Plots | None = None
        """Charts whose library is loaded when the first run is shown."""
        self._late = QVBoxLayout()
        self._loader = Latest(self)
        self._loader.answered.connect(self._loaded)
        self.longest = QVBoxLayout()
        self._buttons: list[QPushButton] = []
        self._parts: list[QWidget] = []
        self._lay_out()
        self._note = EmptyNote(self)
        self._clear()
        self._note.say(NO_RUN)

    def _lay_out(self) -> None:
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Summary")
        page = QWidget()
        whole = QVBoxLayout(page)
        whole.setContentsMargins(16, 12, 16, 16)
        whole.setSpacing(8)
        font = self.verdict.font()
        font.setPointSizeF(font.pointSizeF() * 1.15)
        self.verdict.setFont(font)
        whole.addWidget(self.told)
        whole.addWidget(self.verdict)
        self.facts.setContentsMargins(0, 6, 0, 6)
        self.facts.setHorizontalSpacing(18)
        self.facts.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        whole.addLayout(self.facts)
        self.longest.setSpacing(0)
        more = ": click a bar to see its tasks" if self.histogram.can_choose else ""
        whole.addWidget(self._title(f"How long tasks took{more}"))
        whole.addWidget(self.histogram)
        whole.addWidget(self._title("Tasks over time"))
        whole.addWidget(self.throughput)
        whole.addLayout(self._late)
        whole.addWidget(self._title("The longest tasks"))
        whole.addLayout(self.longest)
        whole.addStretch(1)
        self._parts += [self.verdict, self.histogram, self.throughput]
        self.setWidget(page)

    def _title(self, text: str) -> QLabel:
        title = text_label("muted")
        title.setText(text)
        title.setContentsMargins(0, 8, 0, 0)
        self._parts.append(title)
        return title

    # the run

    def show_run(self, folder: Path | None) -> None:
        """Show this run; None shows none."""
        self.close_run()
        if folder is None:
            return
        self._note.say(READING)
        self._query = query = Query(folder, self)
        query.answered.connect(self._answered)
        query.failed.connect(self._failed)
        self._live = True  # until it is read
        self._set_poll()
        self._look()
        if self.plots:
            self.plots.show_run(folder)

    def _loaded(self, made: type[Plots]) -> None:
        """The charts can be created."""
        if self.plots:
            return
        self.plots = plots = made()
        plots.task_chosen.connect(self.task_chosen)
        plots.save_asked.connect(self.saver.save)
        self._late.addWidget(plots)
        self._parts.append(plots)
        plots.setVisible(self._summary is not None)
        if self._query:
            plots.show_run(self._query.source)

    def close_run(self) -> None:
        """Show nothing, and stop asking."""
        if self._query:
            self._query.end()
            self._query.deleteLater()
            self._query = None
        if self.plots:
            self.plots.close_run()
        self._poll.stop()
        self._live = self._asked = False
        self._again_at = 0.0
        self._clear()
        self._note.say(NO_RUN)

    def grew(self) -> None:
        """The run has grown: read again, after a pause."""
        if self._live and time.monotonic() >= self._again_at:
            self._look()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._set_poll()
        if self._summary is None or self._live:
            self._look()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._set_poll()

    def _set_poll(self) -> None:
        if self._query and self._live and self.isVisible():
            self._poll.start()
        else:
            self._poll.stop()

    def _look(self) -> None:
        if self._query and self.isVisible() and not self._asked:
            self._asked, self._asked_at = True, time.monotonic()
            self._query.ask("summary", Summarised(self._query.source))
            self._query.ask("throughput", TasksOverTime(self._query.source))

    def _answered(self, key: str, answer: object) -> None:
        if isinstance(answer, Summary):
            now = time.monotonic()
            self._asked, self._again_at = False, now + max(_REST, _SHARE * (now - self._asked_at))
            self._live = answer.facts.state == "running"
            self._set_poll()
            self._show(answer)
            if self.plots is None:
                self._loader.ask(_plots)
            else:
                self.plots.look()
        elif isinstance(answer, Throughput):
            self._show_throughput(answer, key == "throughput")
        elif isinstance(answer, Histogram):
            self.histogram.show_part(charts.durations(answer))

    def _failed(self, key: str, error: object) -> None:
        self._asked = False
        self._poll.stop()
        text = f"This run cannot be summed up: {words.cause(error)}"
        if self._summary is None:
            self._note.say(text)
        else:
            self.verdict.setText(text)

    def _ask_durations(self, least: float, greatest: float) -> None:
        if self._query:
            self._query.ask("durations", Durations(self._query.source, least, greatest))

    def _ask_throughput(self, begin: float, end: float) -> None:
        if self._query:
            span = self._first + begin, self._first + end
            self._query.ask("part of throughput", TasksOverTime(self._query.source, *span))

    # display

    def _show_throughput(self, found: Throughput, is_whole: bool) -> None:
        if is_whole:
            self._first = found.first
            self.throughput.show_bars(charts.over_time(found) if any(found.tasks) else None)
        else:
            self.throughput.show_part(charts.over_time(found, self._first))

    def _clear(self) -> None:
        self._summary = None
        self._tell("")
        self._show_facts([])
        self._show_longest(None)
        self.histogram.show_bars(None)
        self.throughput.show_bars(None)
        for part in self._parts:
            part.hide()

    def _show(self, summary: Summary) -> None:
        self._summary = summary
        self._note.say("")
        for part in self._parts:
            part.show()
        self.verdict.setText(in_words(summary))
        self._show_facts(facts(summary))
        histogram = summary.histogram
        self.histogram.show_bars(charts.durations(histogram) if histogram else None)
        self._show_longest(summary)

    def _show_facts(self, rows: list[tuple[str, str]]) -> None:
        """One below the other. Labels are reused, so that a text selection survives updates."""
        while len(self._labels) > len(rows):
            self.facts.removeRow(self._labels.pop()[0])
        while len(self._labels) < len(rows):
            self._labels.append((_name_label(), text_label(selectable=True)))
            self.facts.addRow(*self._labels[-1])
        for labels, texts in zip(self._labels, rows, strict=True):
            for label, text in zip(labels, texts, strict=True):
                label.setText(text)

    def _show_longest(self, summary: Summary | None) -> None:
        longest = summary.longest if summary else ()
        while len(self._buttons) > len(longest):
            self._buttons.pop().deleteLater()
        for at, task in enumerate(longest):
            if at == len(self._buttons):
                self._buttons.append(self._button_of(at))
            text = f"{words.duration(task.seconds)}  task {task.task:,}"
            shown = words.one_line(task.input)
            if shown:
                text += f"  {shown if len(shown) <= _INPUT else shown[: _INPUT - 1] + '…'}"
            self._buttons[at].setText(text.replace("&", "&&"))

    def _button_of(self, at: int) -> QPushButton:
        """The button of one of the longest tasks."""
        button = QPushButton()
        restyle(button, "quiet", True)
        button.clicked.connect(lambda: self._choose_longest(at))
        self.longest.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        return button

    def _tell(self, text: str) -> None:
        self.told.setText(text)
        self.told.setVisible(bool(text))
        self.ensureVisible(0, 0)

    def _choose_longest(self, at: int) -> None:
        if self._summary and at < len(self._summary.longest):
            self.task_chosen.emit(self._summary.longest[at].task)

    def _choose_durations(self, at: int) -> None:
        if bars := self.histogram.bars:
            self.durations_chosen.emit(bars.numbers[at], bars.numbers[at + 1])


def _plots() -> type[Plots]:
    """The charts whose library takes long to load, which happens off the GUI thread."""
    from gui.summary.plots import Plots

    return Plots


def _name_label() -> QLabel:
    label = QLabel(textFormat=Qt.TextFormat.PlainText)
    label.setProperty("muted", True)
    return label


def facts(summary: Summary) -> list[tuple[str, str]]:
    """The facts by name."""
    run = summary.facts
    busy = "" if summary.efficiency is None else f", {summary.efficiency:.0%} of the workers' time"
    counts = (f"{count:,} {status}" for status, count in summary.counts)
    rows = [
        ("Tasks", ", ".join(counts)),
        ("Stages", "\n".join(stages_in_words(summary))),
        ("Started", words.date_and_clock(run.started)[:-4] if run.started else ""),
        ("Ran for", _time(summary.wall)),
        ("All tasks together", _time(summary.busy)),
        ("Processor time", cpu_in_words(summary)),
        ("Speed-up", "" if summary.speed_up is None else f"{summary.speed_up:.2f} times{busy}"),
        ("Start-up", _time(summary.start_up)),
        ("Median", _time(summary.median)),
        ("95% within", _time(summary.p95)),
        ("Workers", f"{run.workers}" if run.workers else ""),
        ("Python", f"{run.python}, {run.executable}" if run.executable else run.python),
        ("Machine", _machine(run)),
        ("Commit", f"{run.commit}{', with changes' if run.dirty else ''}"),
        ("Packages", ", ".join(f"{name} {version}" for name, version in run.packages)),
    ]
    return [(name, value) for name, value in rows if value]


def _machine(run: RunFacts) -> str:
    cores = f"{run.cores} core{'s' if run.cores != 1 else ''}" if run.cores else ""
    return ", ".join(part for part in (run.machine, run.system, run.processor, cores) if part)


def _time(seconds: float | None) -> str:
    return "" if seconds is None else words.duration(seconds)
