"""How smooth the window is under load: gaps between two turns of its event loop, times, memory."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Any, Self

import psutil

from engine import query
from engine.job import Function, Inputs, Job, Run, save
from engine.launch import Ended, HostHandle
from engine.runs import create
from tests.bench.ours import messages
from tests.bench.start import BARE, window_of
from tests.e2e.display import Display, missing_programs
from tests.program import ROOT

SAVED = 10_000_000
LIVE = 20_000_000
LINES_A_SECOND = 20_000
TASKS_A_SECOND = 100_000
SECONDS = 20
TIMES = 2
LIMIT = 300
LOOK_SECONDS = 0.25
"""Seconds between two looks at the memory."""
Prepared = Callable[[Path], AbstractContextManager[Path]]
TEXTS = "def f(x):\n    return f'item {x * 7919 % 10_000_019}'\n"
NO_OPS = "def f(x):\n    return x * x\n"
PACED = f"""
import logging, os, time
count, begun = 0, time.monotonic()
def f(x):
    global count
    count += 1
    if count % {TASKS_A_SECOND // LINES_A_SECOND} == 0:
        logging.getLogger("work").info("line %d of a log that grows and grows", x)
    if count % 100 == 0:
        time.sleep(max(0.0, begun + count / {TASKS_A_SECOND // 2} - time.monotonic()))
    return x * x
"""
"""Its two workers do as many tasks per second as wanted, and log as many lines."""
WRITER = f"""
import sys, time
line = "2026-11-26 12:00:00,000 Worker-1 INFO work: line %d of a log that grows and grows and grows\\n"
begun, number = time.monotonic(), 0
with open(sys.argv[1], "a", buffering=1) as file:
    while True:
        while number < (time.monotonic() - begun) * {LINES_A_SECOND}:
            file.write(line % number)
            number += 1
        time.sleep(0.002)
"""
HEADING = [
    *("while", "p99", "longest", "over 50 ms", "share > 16 ms", "own p99", "own longest"),
    *("first, s", "whole, s", "CPU, s", "memory, MB", "target"),
]
GAPS = "16, 50 ms"
SAVED_ROWS = {
    # row: its name in `gaps`, and a target besides that of the gaps
    "opening": ("open", "0.3 s, 300 MB"),
    "jumping": ("jump", "300 MB"),
    "sorting by time": ("sort", "1.5 s, 600 MB"),
    "sorting by texts": ("sort_texts", "2.5 s first, 600 MB"),
    "filtering": ("filter", "0.5 s"),
    "searching in results": ("search", "streams"),
    "drawing the timeline": ("timeline", "0.7 s"),
    "zooming by the wheel": ("zoom", ""),
    "views of the timeline": ("views", "0.2 s"),
}
"""In one window, on one run."""


def gui(wanted: list[str]) -> Iterator[list[str]]:
    """Gaps between turns of the event loop in ms, and what of them was its own CPU time; worst of 2"""
    yield HEADING
    if missing := missing_programs():
        yield [missing, *[""] * (len(HEADING) - 1)]
        return
    yield from _start(wanted)
    yield from _rows(wanted, {f"{row}, {SAVED:,} results": told for row, told in SAVED_ROWS.items()}, _saved)
    both = f"{TASKS_A_SECOND:,} tasks and {LINES_A_SECOND:,} lines a second"
    yield from _rows(wanted, {both: ("live", "")}, _paced)
    yield from _rows(wanted, {f"{LINES_A_SECOND:,} log lines a second": ("follow", "")}, _written)
    yield from _rows(wanted, {f"{LIVE:,} no-ops come in live": ("live", "")}, _no_ops)


def _start(wanted: list[str]) -> Iterator[list[str]]:
    """The start of the app, and of a bare Qt window for comparison."""
    name = "start of the app"
    if wanted and not any(text in name for text in wanted):
        return
    programs = [[sys.executable, str(ROOT / "poolhouse.py")], [sys.executable, "-c", BARE]]
    with Display() as display, tempfile.TemporaryDirectory() as folder:
        taken = [[window_of(program, display, Path(folder))[0] for program in programs] for _ in range(4)]
    ours, bare = (median(each) for each in zip(*taken[1:], strict=True))
    yield [name, *[""] * 6, f"{ours:.2f}", "", "", "", f"a bare window: {bare:.2f} s"]


def _rows(wanted: list[str], rows: dict[str, tuple[str, str]], prepared: Prepared) -> Iterator[list[str]]:
    names = [name for name in rows if not wanted or any(text in name for text in wanted)]
    if not names:
        return
    # A run must be open before anything is done with it, and its timeline drawn before it is zoomed.
    whats = [what for what, _ in rows.values()] if len(rows) > 1 else [rows[names[0]][0]]
    with tempfile.TemporaryDirectory() as folder, Display() as display, prepared(Path(folder)) as path:
        found = [_measured(display, whats, path, Path(folder) / str(n)) for n in range(TIMES)]
    for name in names:
        what, target = rows[name]
        each = [one[whats.index(what)] for one in found]
        worst = {key: max(one[key] for one in each) for key in each[0]}
        cells = [f"{worst['p99']:.0f}", f"{worst['longest']:.0f}", f"{worst['over 50']:.0f}"]
        own = [f"{worst['own p99']:.0f}", f"{worst['own longest']:.0f}"]
        times = [f"{worst[key]:.2f}" if key in worst else "" for key in ("first", "whole")]
        said = f"{GAPS}; {target}" if target else GAPS
        yield [
            name,
            *cells,
            f"{worst['share']:.1f} %",
            *own,
            *times,
            f"{worst['cpu']:.1f}",
            f"{worst['memory']:.0f}",
            said,
        ]


def _measured(display: Display, whats: Sequence[str], path: Path, folder: Path) -> list[dict[str, float]]:
    folder.mkdir()
    environment = {**display.environment(folder / "runtime"), "HOME": str(folder)}
    environment |= {"XDG_CONFIG_HOME": str(folder), "XDG_CACHE_HOME": str(folder), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.bench.gaps", str(path), str(folder), *whats]
    found: list[dict[str, float]] = []
    with subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        watchdog = threading.Timer(LIMIT, process.kill)
        watchdog.start()
        try:
            with _Use(process.pid) as use:
                assert process.stdout is not None
                found += [json.loads(line) | use.since() for line in process.stdout]
        finally:
            watchdog.cancel()
    assert len(found) == len(whats), "the window ended too early"
    return found


class _Use:
    """The CPU time and memory of the app and its query processes, sampled now and then."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._most = 0
        self._cpu: dict[int, float] = {}
        """Seconds of each process, by its id,"""
        self._cpu_told = 0.0
        """and of all processes at the last report."""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def since(self) -> dict[str, float]:
        """The peak of megabytes, and the CPU seconds, since the last call."""
        self._see()
        most, cpu = self._most, sum(self._cpu.values())
        spent, self._most, self._cpu_told = cpu - self._cpu_told, 0, cpu
        return {"memory": most / 1e6, "cpu": spent}

    def _look(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            self._see()

    def _see(self) -> None:
        with suppress(psutil.Error):
            processes = [self._process, *_readers(self._process)]
            self._most = max(self._most, sum(map(_memory, processes)))
            self._cpu |= {process.pid: sum(process.cpu_times()[:2]) for process in processes}


def _readers(process: psutil.Process) -> list[psutil.Process]:
    """The query processes, without the host of a run."""
    main = str(Path(query.__file__).with_name("__main__.py"))
    return [child for child in process.children() if main in child.cmdline()]


def _memory(process: psutil.Process) -> int:
    """Memory of a process; shared memory is counted once if the system reports it."""
    found: Any = process.memory_full_info()
    return getattr(found, "pss", found.uss)


def _job(source: str, count: int, folder: Path) -> Job:
    return Job(Function(source=source, name="f"), Inputs("range", stop=count), Run(workers=2), folder=folder)


@contextmanager
def _saved(folder: Path) -> Iterator[Path]:
    """A run that has ended."""
    job = _job(TEXTS, SAVED, folder)
    run = create(job, folder / "runs")
    with HostHandle.start(job, run) as host:
        last = list(messages(host))[-1]
    assert isinstance(last, Ended)
    yield run


@contextmanager
def _written(folder: Path) -> Iterator[Path]:
    """A log file that is being written."""
    path = folder / "some.log"
    path.touch()
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)]) as writer:
        yield path
        writer.kill()


@contextmanager
def _no_ops(folder: Path) -> Iterator[Path]:
    """The quickest possible job."""
    save(_job(NO_OPS, LIVE, folder), folder / "work.pool")
    yield folder / "work.pool"


@contextmanager
def _paced(folder: Path) -> Iterator[Path]:
    """A job with this many tasks and lines per second."""
    save(_job(PACED, SECONDS * TASKS_A_SECOND, folder), folder / "work.pool")
    yield folder / "work.pool"
