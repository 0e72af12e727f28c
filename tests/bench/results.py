"""The results of a large run: opened, sorted, filtered and searched, beside other tools on the same rows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from engine.host.system import peak_memory
from engine.job import Function, Inputs, Job, Run
from engine.launch import Ended, HostHandle
from engine.query import answer
from engine.query.arrange import Arrange, Arranging
from engine.query.export import Export
from engine.query.request import finish
from engine.query.rows import Grow, Rows
from engine.query.sources import Sources
from engine.runs import create
from tests.bench.ours import messages

TASKS = 10_000_000
TIMES = 3
LIMIT = 600
"""The time limit for another tool, in seconds."""
SCREEN = 50
SOURCE = "def f(x):\n    return f'item {x * 7919 % 10_000_019}'\n"
FOUND = "77777"
PEERS = {"pandas": "pandas", "DuckDB": "duckdb", "VisiData": "visidata"}
"""Tools, and their packages."""
STEPS = {
    # what: conditions, order, target
    "open": ("", "", "< 0.3"),
    "sort by seconds": ("", "seconds:desc", "< 1.5"),
    "filter seconds": ("seconds>0.0000002", "", "< 0.5"),
    "search in results": (f"value~{FOUND}", "", "streams"),
    "sort by result": ("", "value", "< 2.5 first"),
}
_PEER = Path(__file__).with_name("results_peer.py")
_ROOT = Path(__file__).parents[2]


def results(wanted: list[str]) -> Iterator[list[str]]:
    """Seconds for 10 million results (or as many as a word says); median of 3, other tools on CSV once"""
    count = next((int(word) for word in wanted if word.isdecimal()), TASKS)
    names = [word for word in wanted if not word.isdecimal()]
    steps = [step for step in STEPS if not names or any(name in step for name in names)]
    yield ["what", "Poolhouse", "first screen", "MB at most", *PEERS, "target"]
    with tempfile.TemporaryDirectory(prefix="poolhouse-bench-") as folder:
        run = _made(count, Path(folder))
        table = Path(folder) / "results.csv"
        answer(Export(run, table))
        others = {tool: _other(package, table) for tool, package in PEERS.items()}
        for step in steps:
            whole, first, memory = _in_fresh_process(run, step)
            cells = [_told(others[tool], step) for tool in PEERS]
            yield [step, f"{whole:.2f}", f"{first:.2f}", f"{memory / 1e6:.0f}", *cells, STEPS[step][2]]


def _made(count: int, folder: Path) -> Path:
    job = Job(Function(source=SOURCE, name="f"), Inputs("range", stop=count), Run(workers=2), folder=folder)
    run = create(job, folder / "runs")
    with HostHandle.start(job, run) as host:
        last = list(messages(host))[-1]
    assert isinstance(last, Ended)
    return run


def _in_fresh_process(run: Path, step: str) -> tuple[float, float, int]:
    """`_ours` in a new process, and the peak of bytes that the process held."""
    command = [sys.executable, "-m", __name__, run, step]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=_ROOT)
    whole, first, memory = json.loads(done.stdout)
    return whole, first, memory


def _ours(run: Path, step: str) -> tuple[float, float]:
    """Seconds to all rows, and to those of the first screen."""
    where, sort, _ = STEPS[step]
    taken: list[tuple[float, float]] = []
    for _ in range(TIMES):
        with Sources() as sources:
            if step != "open":
                finish(Grow(run).steps(sources))
            taken.append(_timed(sources, run, where, sort))
    whole, first = zip(*taken, strict=True)
    return median(whole), median(first)


def _timed(sources: Sources, run: Path, where: str, sort: str) -> tuple[float, float]:
    began, first, handle = perf_counter(), 0.0, 0
    request: Any = Arrange(run, where, sort) if where or sort else Grow(run)
    steps = request.steps(sources)
    try:
        while True:
            part = next(steps)
            if not first and isinstance(part, Arranging) and part.known >= SCREEN:
                _screen(sources, run, part.handle)
                first = perf_counter() - began
    except StopIteration as end:
        if isinstance(end.value, Arranging):
            handle = end.value.handle
    _screen(sources, run, handle)
    whole = perf_counter() - began
    return whole, first or whole


def _screen(sources: Sources, run: Path, handle: int) -> None:
    """Read the rows of the first screen."""
    finish(Rows(run, 0, SCREEN, handle=handle).steps(sources))


# other tools


def _other(package: str, table: Path) -> dict[str, float] | str:
    """What another tool takes for each step, or why that is unknown."""
    python = _installed(package)
    if python is None:
        return "not installed"
    command = [python, _PEER, package, table, FOUND]
    with suppress(subprocess.SubprocessError, json.JSONDecodeError, IndexError):
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True,
            timeout=LIMIT, check=True,
        )  # fmt: skip
        return json.loads(done.stdout.splitlines()[-1])
    return "no answer"


def _installed(package: str) -> Path | None:
    """An interpreter with the package, in an environment that is kept for the next time."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    place = cache / "poolhouse-bench" / package
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not (place / "complete").exists():
        print(f"Installing {package} in {place}", file=sys.stderr)
        venv.create(place, with_pip=True, clear=True)
        install = [python, "-m", "pip", "--disable-pip-version-check", "install", "-q", package]
        if subprocess.run(install, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
            return None
        (place / "complete").touch()
    return python


def _told(found: dict[str, float] | str, step: str) -> str:
    return found if isinstance(found, str) else f"{found[step]:.2f}" if step in found else ""


if __name__ == "__main__":
    folder, step = sys.argv[1:]
    print(json.dumps([*_ours(Path(folder), step), peak_memory()]))
