"""The charts of a run with zoom: resources of workers over time, and two columns against each other."""

from __future__ import annotations

from array import array
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.query.scatter import NumericColumns, ScatterOf
from engine.query.summary import WorkerUsage
from engine.results.answers import Scatter
from engine.results.usage import Series, Usage
from gui.kit import words
from gui.kit.query import Query
from gui.kit.widgets import text_label
from gui.summary.plot import Line, Plot

NOT_KNOWN = "Not known: the run took less than a second, or its system does not report it."
MOST_LINES = 32
_TITLES = {"value": "result", "index": "task"}


class Plots(QWidget):
    """Shows one run at a time, from `show_run` to `close_run`."""

    task_chosen = Signal(int)
    save_asked = Signal(object)
    """Save this chart."""

    def __init__(self) -> None:
        super().__init__()
        self._query: Query | None = None
        self._window: tuple[float, ...] = ()
        self._asked = False
        self.has_read_usage = False
        """Whether the use of resources is known."""
        self.memory = Plot("Memory of each worker")
        self.cpu = Plot("Processor of each worker")
        self.scatter = Plot("Two columns against each other")
        self.not_known = text_label("muted")
        self.not_known.setText(NOT_KNOWN)
        self.across, self.up = QComboBox(), QComboBox()
        self.said = text_label("muted")
        self._titles = [text_label("muted") for _ in range(2)]
        self._lay_out()
        for plot in (self.memory, self.cpu, self.scatter):
            plot.save_asked.connect(lambda plot=plot: self.save_asked.emit(plot))
        self.scatter.chosen.connect(self.task_chosen)
        self.scatter.zoomed.connect(self._look_closer)
        for box in (self.across, self.up):
            box.activated.connect(self._choose)

    def _lay_out(self) -> None:
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        texts = "Memory of each worker", "Processor of each worker: 1 is one core"
        for title, text, plot in zip(self._titles, texts, (self.memory, self.cpu), strict=True):
            title.setText(text)
            title.setContentsMargins(0, 8, 0, 0)
            whole.addWidget(title)
            if plot is self.memory:
                whole.addWidget(self.not_known)
            whole.addWidget(plot)
        line = QHBoxLayout()
        line.setContentsMargins(0, 8, 0, 0)
        self.up.setAccessibleName("Column upwards")
        self.across.setAccessibleName("Column across")
        for part in (self.up, QLabel("against"), self.across, self.said):
            if isinstance(part, QLabel):
                part.setProperty("muted", True)
            line.addWidget(part, 1 if part is self.said else 0)
        whole.addLayout(line)
        whole.addWidget(self.scatter)

    # the run

    def show_run(self, folder: Path) -> None:
        """Show this run."""
        self.close_run()
        self._query = query = Query(folder, self)
        query.answered.connect(self._answered)
        query.failed.connect(self._failed)
        query.ask("columns", NumericColumns(folder))
        self.look()

    def close_run(self) -> None:
        """Show nothing, and stop asking."""
        if self._query:
            self._query.end()
            self._query.deleteLater()
            self._query = None
        self._window, self._asked, self.has_read_usage = (), False, False
        self.across.clear()
        self.up.clear()

    def look(self) -> None:
        """Read what there is so far."""
        if self._query:
            self._query.ask("usage", WorkerUsage(self._query.source))
            if not self.across.count():
                self._query.ask("columns", NumericColumns(self._query.source))
            elif not self._asked:
                self._ask_scatter()

    def _ask_scatter(self) -> None:
        if self._query and self.across.count():
            self._asked = True
            across, up = self.across.currentData(), self.up.currentData()
            self._query.ask("scatter", ScatterOf(self._query.source, across, up, self._window))

    def _choose(self) -> None:
        self._window = ()
        self.scatter.see_all()

    def _look_closer(self, window: tuple[float, ...]) -> None:
        self._window = window
        self._ask_scatter()

    # display

    def _answered(self, key: str, answer: object) -> None:
        if isinstance(answer, Usage):
            self._show_usage(answer)
        elif isinstance(answer, Scatter):
            self._asked = False
            self._show_scatter(answer)
        elif key == "columns" and isinstance(answer, tuple):
            self._show_columns([str(name) for name in answer])

    def _failed(self, key: str, error: object) -> None:
        if key == "scatter":
            self._asked = False
        self.said.setText(f"This cannot be drawn: {words.cause(error)}")

    def _show_columns(self, names: list[str]) -> None:
        for box in (self.across, self.up):
            box.clear()
            for name in names:
                box.addItem(_TITLES.get(name, name), name)
        self.across.setCurrentIndex(names.index("input") if "input" in names else 0)
        self.up.setCurrentIndex(names.index("value") if "value" in names else names.index("seconds"))
        self._ask_scatter()

    def _show_scatter(self, found: Scatter) -> None:
        tasks = f"{found.total:,} task{'s' if found.total != 1 else ''}"
        more = ", counted in a grid: the more tasks, the stronger the colour" if found.counts else ""
        across, up = self.across.currentText(), self.up.currentText()
        self.said.setText(f"{tasks}{more}" if found.total else "No task has a number in both")
        where = f"{found.x} from {found.left:.6g} to {found.right:.6g}"
        where += f", {found.y} from {found.bottom:.6g} to {found.top:.6g}"
        self.scatter.show_scatter(found, across, up, f"{up} against {across}: {tasks}; {where}")

    def _show_usage(self, usage: Usage) -> None:
        self.has_read_usage = True
        has_any = bool(usage.series)
        self.not_known.setVisible(not has_any)
        for part in (self.memory, self.cpu, self._titles[1]):
            part.setVisible(has_any)
        if not has_any:
            return
        shown = usage.series[:MOST_LINES]
        memory = [Line(each.name, array("d", each.times), array("d", each.memory)) for each in shown]
        cpu = [Line(each.name, array("d", each.times), array("d", each.cpu)) for each in shown]
        self.memory.show_lines(memory, "B", memory_in_words(usage.series))
        self.cpu.show_lines(cpu, "", cpu_in_words(usage.series))


def memory_in_words(series: tuple[Series, ...]) -> str:
    """The memory peak of each lane."""
    parts = [f"{each.name} {words.size(int(max(array('d', each.memory))))}" for each in series[:MOST_LINES]]
    return f"At most: {', '.join(parts)}"


def cpu_in_words(series: tuple[Series, ...]) -> str:
    """The average processor use of each lane."""
    parts: list[str] = []
    for each in series[:MOST_LINES]:
        taken = array("d", each.cpu)
        parts.append(f"{each.name} {sum(taken) / len(taken):.0%}")
    return f"On average: {', '.join(parts)}"
