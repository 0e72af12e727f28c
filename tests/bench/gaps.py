"""The real window, and how long its event loop is blocked: a zero timer records the time between its turns.

`python -m tests.bench.gaps PATH FOLDER WHAT...` does one thing after another with PATH, and prints the
measurements of each as a line of JSON.
"""

from __future__ import annotations

import gc
import json
import os
import random
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, thread_time
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from gui.kit.query import keep_spare
from gui.kit.theme import Theme
from gui.results.model import Column
from gui.results.view import ResultsView
from gui.shell.pages.job import JobPage
from gui.shell.pages.run import RunPage
from gui.shell.pages.run_views import TABS, RunViews
from gui.shell.window import Window
from gui.timeline.area import ZOOM
from gui.timeline.view import TimelineView

SECONDS = 20
"""How long arriving data is measured,"""
JUMPING = 10
"""how long jumps are,"""
LONGEST = 120
"""and how long anything may take."""
JUMP = 0.1
"""Seconds between two jumps,"""
NOTCH = 0.03
"""and between two notches of the wheel."""
VIEWS = 24
FRAME = 0.016
NOTHING = 0.001
MANY = 1_000_000
"""This many tasks are in the table before measuring starts."""

Holds = Callable[[], object]
Steps = Iterator[tuple[str, Holds]]
"""A name and a condition: the seconds until it holds are recorded under the name, if there is one."""


class Gaps(QObject):
    """Goes through steps, and records how long each turn of the event loop takes."""

    over = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.times: dict[str, list[float]] = {}
        self._long: list[float] = []
        """Gaps longer than an empty turn,"""
        self._own: list[float] = []
        """and those with that much CPU time of the thread itself: what counts on a busy machine."""
        self._whole = 0.0
        self._last = self._last_own = self._begun = 0.0
        self._steps: Steps = iter(())
        self._awaited: tuple[str, Holds] = ("", lambda: True)
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._turn)

    def measure(self, steps: Steps) -> None:
        """Begin; calls `over` at the end."""
        self.times, self._steps, self._awaited = {}, steps, ("", lambda: True)
        self.start_over()
        self._timer.start()

    def start_over(self) -> None:
        """Discard the measurements."""
        self._long, self._own, self._whole = [], [], 0.0
        self._last, self._last_own = perf_counter(), thread_time()

    def found(self) -> dict[str, float]:
        """In milliseconds; `share` is the time in gaps longer than a frame, in percent."""
        long, own = sorted(self._long) or [0.0], sorted(self._own) or [0.0]
        return {
            "p99": 1e3 * long[int(len(long) * 0.99)],
            "longest": 1e3 * long[-1],
            "over 50": sum(gap > 0.05 for gap in long),
            "share": 100 * sum(gap for gap in long if gap > FRAME) / self._whole,
            "own p99": 1e3 * own[int(len(own) * 0.99)],
            "own longest": 1e3 * own[-1],
        }

    def _turn(self) -> None:
        now, own = perf_counter(), thread_time()
        self._whole += now - self._last
        if now - self._last > NOTHING:
            self._long.append(now - self._last)
        if own - self._last_own > NOTHING:
            self._own.append(own - self._last_own)
        self._last, self._last_own = now, own
        name, holds = self._awaited
        if not holds():
            assert now - self._begun < LONGEST or not self._begun, f"{name or 'a step'} never came"
            return
        if name:
            self.times.setdefault(name, []).append(now - self._begun)
        self._begun = perf_counter()
        step = next(self._steps, None)
        if step is None:
            self._timer.stop()
            self.over.emit()
        else:
            self._awaited = step


class Things:
    """What can be done in the window, with the given file or folder."""

    def __init__(self, window: Window, path: Path, gaps: Gaps) -> None:
        self._window = window
        self._path = path
        self._gaps = gaps

    def steps(self, what: str) -> Steps:
        """The steps of one thing."""
        yield "", _past(1)
        self._gaps.start_over()
        yield from getattr(self, f"_{what}")()

    def _open(self) -> Steps:
        """Open a saved run: until its first rows, and until all are counted."""
        begun = perf_counter()
        self._window.opener.open(self._path)
        yield "", lambda: isinstance(self._window.page, RunPage)
        yield "", lambda: self._view.model.row(0)
        self._gaps.times["first"] = [perf_counter() - begun]
        yield "", lambda: self._view.model.total == self._view.filter.total > MANY
        self._gaps.times["whole"] = [perf_counter() - begun]

    @property
    def _views_of_run(self) -> RunViews:
        page = self._window.page
        assert isinstance(page, RunPage)
        return page.views

    @property
    def _view(self) -> ResultsView:
        return self._views_of_run.results

    def _jump(self) -> Steps:
        """Jump to random rows of the results."""
        bar, chosen = self._view.table.verticalScrollBar(), random.Random(1)
        yield "", lambda: bar.maximum() > MANY
        self._gaps.start_over()
        for _ in range(round(JUMPING / JUMP)):
            bar.setValue(chosen.randrange(bar.maximum() + 1))
            yield "", _past(JUMP)

    def _sort(self) -> Steps:
        """Sort by a column of numbers."""
        yield from self._arranged(lambda view: view.sort_by(Column.SECONDS, True))
        self._back()
        yield "", lambda: not self._view.reader.is_arranging

    def _sort_texts(self) -> Steps:
        """Sort by a column of texts."""
        yield from self._arranged(lambda view: view.sort_by(Column.RESULT))
        self._back()
        yield "", lambda: not self._view.reader.is_arranging

    def _filter(self) -> Steps:
        yield from self._arranged(lambda view: view.filter.say("seconds>0.0000002"))
        self._back()
        yield "", lambda: not self._view.reader.is_arranging

    def _search(self) -> Steps:
        yield from self._arranged(lambda view: view.filter.say("value~77777"))
        self._back()
        yield "", lambda: not self._view.reader.is_arranging

    def _back(self) -> None:
        self._view.filter.clear()
        self._view.sort_by(-1)

    def _arranged(self, ask: Callable[[ResultsView], object]) -> Steps:
        """Choose or sort rows: until the first ones are shown, and until all are."""
        view = self._view
        begun = perf_counter()
        ask(view)
        wanted = view.reader.wanted
        yield "first", lambda: view.reader.shown == wanted and view.model.row(0)
        first = perf_counter() - begun
        yield "", lambda: not view.reader.is_arranging
        self._gaps.times["whole"] = [max(first, perf_counter() - begun)]

    def _timeline(self) -> Steps:
        """Show the timeline: until it is drawn, and until it contains the whole run."""
        begun = perf_counter()
        self._views_of_run.setCurrentIndex([name for name, _ in TABS].index("timeline"))
        yield "first", lambda: self._lanes.area.view
        yield "", lambda: not self._lanes._asked
        self._gaps.times["whole"] = [perf_counter() - begun]

    @property
    def _lanes(self) -> TimelineView:
        return self._views_of_run.timeline

    def _zoom(self) -> Steps:
        """Turn the wheel in and out, faster than views can be read."""
        area, chosen = self._lanes.area, random.Random(1)
        for _ in range(4):
            at = area.span.begin + area.span.length * chosen.random()
            for factor in (*[ZOOM] * 40, *[1 / ZOOM] * 40):
                area.zoom(factor, at)
                yield "", _past(NOTCH)

    def _views(self) -> Steps:
        """Zoom by a large step, and wait until the view is read."""
        area, chosen = self._lanes.area, random.Random(2)
        sharp: list[float] = []
        area.look_at(None)
        yield "", lambda: not self._lanes._asked
        for number in range(VIEWS):
            if number % 8 == 0:
                area.look_at(None)
                yield "", _past(0.5)
            begun = perf_counter()
            area.zoom(4.0, area.span.begin + area.span.length * chosen.random())
            yield "", partial(_is_sharp, self._lanes)
            sharp.append(perf_counter() - begun)
            yield "", _past(0.1)
        self._gaps.times |= {"first": [median(sharp)], "whole": [max(sharp)]}

    def _follow(self) -> Steps:
        """Follow the end of a log while it is written."""
        self._window.opener.open(self._path)
        yield "", _past(3)
        self._gaps.start_over()
        yield "", _past(SECONDS)

    def _live(self) -> Steps:
        """Run a job with its results visible."""
        self._window.opener.open(self._path)
        yield "", lambda: isinstance(self._window.page, JobPage)
        page, sessions = self._window.page, self._window.sessions
        assert isinstance(page, JobPage)
        yield "", _past(2)
        page.run()
        yield "", lambda: sessions.live
        self._gaps.start_over()
        yield "", lambda: not sessions.live


def _past(seconds: float) -> Holds:
    """Becomes true after some time."""
    due = perf_counter() + seconds
    return lambda: perf_counter() >= due


def _is_sharp(lanes: TimelineView) -> bool:
    """Whether the drawing was made for the visible part."""
    view = lanes.area.view
    return bool(view) and (view.begin, view.end, view.width, view.top) == lanes.area.wanted()[:4]


def _fail(*error: Any) -> None:
    """An error in a slot ends the benchmark."""
    sys.__excepthook__(*error)
    os._exit(1)


def main(path: Path, folder: Path, whats: list[str]) -> None:
    sys.excepthook = _fail
    app = QApplication(["poolhouse"])
    window = Window(folder / "runs", Theme(app))
    window.resize(1280, 800)
    window.drawn.connect(gc.freeze)  # as in the app
    window.drawn.connect(keep_spare)
    window.show()
    gaps = Gaps()
    things = Things(window, path, gaps)
    left = iter(whats)

    def go_on() -> None:
        what = next(left, "")
        if what:
            gaps.measure(things.steps(what))
            return
        for page in window.pages.all:
            if isinstance(page, JobPage):
                page.document.modified = False  # so closing asks nothing
        window.close()

    def over() -> None:
        print(json.dumps(gaps.found() | {name: times[-1] for name, times in gaps.times.items()}), flush=True)
        go_on()

    gaps.over.connect(over)
    QTimer.singleShot(3000, go_on)
    app.exec()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
