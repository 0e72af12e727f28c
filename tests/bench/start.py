"""How long the window takes to be there: a bare window of Qt, the app of the sources, and the frozen one."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

from tests.e2e.display import Display, missing_programs
from tests.program import FROZEN, ROOT

TIMES = 9
LOOK_SECONDS = 0.005
BARE = """
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication(["Poolhouse"])
window = QMainWindow(windowTitle="Poolhouse")
window.resize(1280, 800)
window.show()
app.exec()
"""
"""What any program with Qt takes at the least."""


def frozen_start(wanted: list[str]) -> Iterator[list[str]]:
    """Milliseconds from start to window, and of `--version` (by turns, warmed up, median of 9)"""
    yield ["start", "sources", "frozen", "bare window", "sources / bare"]
    if not (FROZEN / "poolhouse").exists() or missing_programs():
        yield ["not measured", "needs", "dev.py package", "and Xvfb"]
        return
    programs = [[sys.executable, str(ROOT / "poolhouse.py")], [str(FROZEN / "poolhouse")]]
    with Display() as display, tempfile.TemporaryDirectory() as folder:
        for name, measure in (("window", _window), ("--version", _version)):
            rivals = [*programs, [sys.executable, "-c", BARE]] if measure is _window else programs
            taken: list[list[float]] = [[] for _ in rivals]
            for _ in range(TIMES + 1):
                for program, seconds in zip(rivals, taken, strict=True):
                    seconds.append(measure(program, display, Path(folder)) * 1e3)
            found = [median(seconds[1:]) for seconds in taken]
            ratio = f"{found[0] / found[2]:.2f}" if len(found) > 2 else ""
            yield [name, *(f"{milliseconds:.0f}" for milliseconds in found), ratio]


def _window(program: list[str], display: Display, folder: Path) -> float:
    words = [] if BARE in program else ["--new-window", "--runs", str(folder)]
    environment = {
        **display.environment(folder / "runtime"),
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
    }
    began = perf_counter()
    with subprocess.Popen([*program, *words], env=environment) as process:
        while not _windows(display):
            assert process.poll() is None, "the app ended before there was a window"
            sleep(LOOK_SECONDS)
        took = perf_counter() - began
        process.kill()
    while _windows(display):
        sleep(LOOK_SECONDS)
    return took


def _windows(display: Display) -> str:
    """The windows of Poolhouse that are on the display."""
    command = ["xdotool", "search", "--onlyvisible", "--name", "Poolhouse"]
    done = subprocess.run(
        command, env={"DISPLAY": display.name, "PATH": "/usr/bin"}, capture_output=True, text=True
    )
    return done.stdout


def _version(program: list[str], display: Display, folder: Path) -> float:
    began = perf_counter()
    subprocess.run([*program, "--version"], stdout=subprocess.DEVNULL, check=True)
    return perf_counter() - began
