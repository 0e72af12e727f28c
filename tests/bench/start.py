"""How long the window takes to appear, and its CPU time, beside a bare Qt window."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import TypeVar

import psutil

from tests.e2e.display import Display, missing_programs
from tests.program import FROZEN, ROOT

T = TypeVar("T")
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
"""What any Qt program takes at least."""


def frozen_start(wanted: list[str]) -> Iterator[list[str]]:
    """Milliseconds from start to window, its CPU time, and `--version` (by turns, warmed up, median of 9)"""
    yield ["start", "sources", "frozen", "bare window", "sources / bare"]
    if not (FROZEN / "poolhouse").exists() or missing_programs():
        yield ["not measured", "needs", "dev.py package", "and Xvfb"]
        return
    programs = [[sys.executable, str(ROOT / "poolhouse.py")], [str(FROZEN / "poolhouse")]]
    with Display() as display, tempfile.TemporaryDirectory() as folder:
        rivals = [*programs, [sys.executable, "-c", BARE]]
        windows = _in_turn(rivals, lambda program: window_of(program, display, Path(folder)))
        for name, at in (("window", 0), ("window, CPU", 1)):
            found = [median(took[at] for took in taken) for taken in windows]
            yield [name, *(f"{1e3 * seconds:.0f}" for seconds in found), f"{found[0] / found[2]:.2f}"]
        versions = _in_turn(programs, _version)
        yield ["--version", *(f"{1e3 * median(taken):.0f}" for taken in versions), "", ""]


def _in_turn(programs: list[list[str]], measure: Callable[[list[str]], T]) -> list[list[T]]:
    """The measurements of each program, without the first."""
    taken: list[list[T]] = [[] for _ in programs]
    for _ in range(TIMES + 1):
        for program, found in zip(programs, taken, strict=True):
            found.append(measure(program))
    return [found[1:] for found in taken]


def window_of(program: list[str], display: Display, folder: Path) -> tuple[float, float]:
    """Seconds from start to window, and the CPU time of the process until then, user and system."""
    words = [] if BARE in program else ["--new-window", "--runs", str(folder)]
    environment = {
        **display.environment(folder / "runtime"),
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # otherwise each start would compile the app again
    began = perf_counter()
    with subprocess.Popen([*program, *words], env=environment) as process:
        while not _windows(display):
            assert process.poll() is None, "the app ended before there was a window"
            sleep(LOOK_SECONDS)
        took = perf_counter() - began
        used = psutil.Process(process.pid).cpu_times()
        process.kill()
    while _windows(display):
        sleep(LOOK_SECONDS)
    return took, used.user + used.system


def _windows(display: Display) -> str:
    """The windows of Poolhouse on the display."""
    command = ["xdotool", "search", "--onlyvisible", "--name", "Poolhouse"]
    done = subprocess.run(
        command, env={"DISPLAY": display.name, "PATH": "/usr/bin"}, capture_output=True, text=True
    )
    return done.stdout


def _version(program: list[str]) -> float:
    began = perf_counter()
    subprocess.run([*program, "--version"], stdout=subprocess.DEVNULL, check=True)
    return perf_counter() - began
