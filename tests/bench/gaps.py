"""The real window, and how long its event loop is held up: a timer of zero notes the time between its turns.

`python -m tests.bench.gaps WHAT PATH FOLDER` opens PATH, does WHAT, and prints what it measured as JSON.
"""

from __future__ import annotations

import gc
import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, thread_time

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from gui.kit.theme import Theme
from gui.results.table import ResultsTable
from gui.shell.pages.job import JobPage
from gui.shell.window import Window

SECONDS = 20
"""How long jumps and lines are measured,"""
LONGEST = 120
"""and how long a run may take."""
JUMP = 100
"""Milliseconds between two jumps."""
FRAME = 0.016
NOTHING = 0.001


class Gaps(QObject):
    """Counts from `start` to `stop`."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[float] = []
        self.own: list[float] = []
        """What of each was the thread's own time on a processor: all that counts on a busy machine."""
        self._last = self._last_own = 0.0
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._turn)

    def start(self) -> None:
        self._last, self._last_own = perf_counter(), thread_time()
        self._timer.start()

    def stop(self) -> dict[str, float]:
        """In milliseconds; `share` of the time in gaps longer than a frame, in percent."""
        self._timer.stop()
        long, own = _noticed(self.all), _noticed(self.own)
        return {
            "p99": 1e3 * long[int(len(long) * 0.99)],
            "longest": 1e3 * long[-1],
            "over 50": sum(gap > 0.05 for gap in long),
            "share": 100 * sum(gap for gap in long if gap > FRAME) / sum(self.all),
            "own p99": 1e3 * own[int(len(own) * 0.99)],
            "own longest": 1e3 * own[-1],
        }

    def _turn(self) -> None:
        now, own = perf_counter(), thread_time()
        self.all.append(now - self._last)
        self.own.append(own - self._last_own)
        self._last, self._last_own = now, own


def _noticed(gaps: list[float]) -> list[float]:
    """Those that are more than a turn of nothing, in order."""
    return sorted(gap for gap in gaps if gap > NOTHING) or [0.0]


def jump(window: Window, gaps: Gaps, done: Callable[[], None]) -> None:
    """Jump to random rows of the results."""
    (table,) = [table for table in window.findChildren(ResultsTable) if table.isVisible()]
    bar = table.verticalScrollBar()
    chosen = random.Random(1)
    jumps = QTimer(window, interval=JUMP)
    jumps.timeout.connect(lambda: bar.setValue(chosen.randrange(bar.maximum() + 1)))

    def begin() -> None:
        if bar.maximum() < 1_000_000:
            QTimer.singleShot(100, begin)
            return
        jumps.start()
        QTimer.singleShot(1000, gaps.start)  # what is done once is done then
        QTimer.singleShot(1000 * SECONDS, end)

    def end() -> None:
        jumps.stop()
        done()

    begin()


def follow(window: Window, gaps: Gaps, done: Callable[[], None]) -> None:
    """Follow the end of a log that is written meanwhile."""
    QTimer.singleShot(1000, gaps.start)
    QTimer.singleShot(1000 * SECONDS, done)


def live(window: Window, gaps: Gaps, done: Callable[[], None]) -> None:
    """Run the job that was opened, its results in sight."""
    window.sessions.finished.connect(lambda *_: done())
    window.sessions.began.connect(lambda *_: gaps.start())
    page = window.page
    assert isinstance(page, JobPage)
    page.run()
    QTimer.singleShot(1000 * LONGEST, done)


ALL = {"jump": jump, "follow": follow, "live": live}


def main(what: str, path: Path, folder: Path) -> None:
    app = QApplication(["poolhouse"])
    window = Window(folder / "runs", Theme(app))
    window.resize(1280, 800)
    window.drawn.connect(gc.freeze)  # as the app does
    window.show()
    window.opener.open(path)
    gaps = Gaps()

    def done() -> None:
        print(json.dumps(gaps.stop()), flush=True)
        for page in window.pages.all:
            if isinstance(page, JobPage):
                page.document.modified = False  # closing asks nothing then
        window.close()

    QTimer.singleShot(2000, lambda: ALL[what](window, gaps, done))
    app.exec()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
