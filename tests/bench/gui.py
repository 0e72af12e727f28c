"""How smooth the window is while much goes on: gaps between two turns of its event loop."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from engine.job import Function, Inputs, Job, Run, save
from engine.launch import Ended, HostHandle
from engine.runs import create
from tests.bench.ours import messages
from tests.e2e.display import Display, missing_programs
from tests.program import ROOT

SAVED = 10_000_000
LIVE = 20_000_000
LINES_A_SECOND = 20_000
TIMES = 3
LIMIT = 300
Prepared = Callable[[Path], AbstractContextManager[Path]]
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


def gui(wanted: list[str]) -> Iterator[list[str]]:
    """Gaps between turns of the event loop in ms, and what of them was its own CPU time; worst of 3"""
    yield ["while", "p99", "longest", "over 50 ms", "share > 16 ms", "own p99", "own longest"]
    if missing := missing_programs():
        yield [missing, *[""] * 6]
        return
    rows: dict[str, tuple[str, Prepared]] = {
        f"jumping in {SAVED:,} results": ("jump", _saved),
        f"{LINES_A_SECOND:,} log lines a second": ("follow", _written),
        f"{LIVE:,} no-ops come in live": ("live", _job),
    }
    for name, (what, prepared) in rows.items():
        if not wanted or any(text in name for text in wanted):
            with tempfile.TemporaryDirectory() as folder, Display() as display:
                found = [_measured(display, what, prepared, Path(folder) / str(n)) for n in range(TIMES)]
            worst = {key: max(one[key] for one in found) for key in found[0]}
            cells = [f"{worst['p99']:.0f}", f"{worst['longest']:.0f}", f"{worst['over 50']:.0f}"]
            own = [f"{worst['own p99']:.0f}", f"{worst['own longest']:.0f}"]
            yield [name, *cells, f"{worst['share']:.1f} %", *own]


def _measured(display: Display, what: str, prepared: Prepared, folder: Path) -> dict[str, float]:
    folder.mkdir()
    environment = {**display.environment(folder / "runtime"), "HOME": str(folder)}
    environment |= {"XDG_CONFIG_HOME": str(folder), "XDG_CACHE_HOME": str(folder), "PYTHONPATH": str(ROOT)}
    with prepared(folder) as path:
        command = [sys.executable, "-m", "tests.bench.gaps", what, str(path), str(folder)]
        done = subprocess.run(
            command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=LIMIT, check=True
        )
    return json.loads(done.stdout.splitlines()[-1])


def _no_ops(count: int, folder: Path) -> Job:
    function = Function(source="def f(x):\n    return x * x\n", name="f")
    return Job(function, Inputs("range", stop=count), Run(workers=2), folder=folder)


@contextmanager
def _saved(folder: Path) -> Iterator[Path]:
    """A run that has ended."""
    run = create(_no_ops(SAVED, folder), folder / "runs")
    with HostHandle.start(_no_ops(SAVED, folder), run) as host:
        last = list(messages(host))[-1]
    assert isinstance(last, Ended)
    yield run


@contextmanager
def _written(folder: Path) -> Iterator[Path]:
    """A log that is being written."""
    path = folder / "some.log"
    path.touch()
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)]) as writer:
        yield path
        writer.kill()


@contextmanager
def _job(folder: Path) -> Iterator[Path]:
    """A job."""
    path = folder / "work.pool"
    save(_no_ops(LIVE, folder), path)
    yield path
