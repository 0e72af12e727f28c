"""Scripts as they are, against plain Python: each load in turn, on the oldest and a newer Python."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

from tests.as_it_is import as_it_is
from tests.interpreters import interpreters

TIMES = 5
SCRIPT = """
import json, resource, time
from multiprocessing import Pool
def nothing(x):
    return x
def wait_10_us(x):
    due = time.perf_counter() + 1e-5
    while time.perf_counter() < due:
        pass
def megabyte(x):
    return bytes(1_000_000)
if __name__ == "__main__":
    with Pool(2) as pool:
        pool.map(nothing, range(100))
        {before}
        began = time.perf_counter()
        {load}
        took = time.perf_counter() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps([took, memory]))
"""
FIRST = "from multiprocessing import Pool\nif __name__ == '__main__':\n    print(Pool(2).apply(abs, (-1,)))\n"


class Load(NamedTuple):
    code: str
    target: float
    """The time of plain Python divided by ours must be at least this."""
    before: str = "pass"
    """What is not measured."""


LOADS = {
    "map, 1M no-ops": Load("pool.map(nothing, range(1_000_000))", 1.0),
    "map, 1M no-ops of a list": Load(
        "pool.map(nothing, numbers)", 1.0, "numbers = [x * 7919 % 1_000_003 for x in range(1_000_000)]"
    ),
    "map, 100k of 10 us": Load("pool.map(wait_10_us, range(100_000))", 0.95),
    "imap_unordered, 20k no-ops": Load("sum(1 for _ in pool.imap_unordered(nothing, range(20_000)))", 0.9),
    "apply_async, 20k no-ops": Load(
        "[r.get() for r in [pool.apply_async(nothing, (x,)) for x in range(20_000)]]", 0.9
    ),
    "map, 100 results of 1 MB": Load("pool.map(megabyte, range(100), 1)", 0.7),
}
FIRST_TARGET = 1 / 1.5


def scripts(wanted: list[str]) -> Iterator[list[str]]:
    """Scripts as they are: seconds of plain Python, ours, how many times as fast, main's memory (MB)"""
    yield ["load", "Python", "plain", "Poolhouse", "plain/ours", "target", "MB plain", "MB ours"]
    newest = list(interpreters())[-1]
    for name, load in LOADS.items():
        if wanted and not any(text in name for text in wanted):
            continue
        for version in ("3.9", newest):
            if version in interpreters():
                yield _compared(name, load, version)
    if not wanted or any(text in "first result" for text in wanted):
        yield _first(newest)


def _compared(name: str, load: Load, version: str) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "load.py").write_text(SCRIPT.format(before=load.before, load=load.code))
        taken = _in_turn(Path(folder), version)
    (plain, plain_memory), (ours, our_memory) = (
        [median(column) for column in zip(*(json.loads(said) for said, _ in rows), strict=True)]
        for rows in taken
    )
    memory = [f"{kilobytes / 1e3:.0f}" for kilobytes in (plain_memory, our_memory)]
    return [name, version, f"{plain:.3f}", f"{ours:.3f}", f"{plain / ours:.2f}", f">= {load.target}", *memory]


def _first(version: str) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "load.py").write_text(FIRST)
        plain, ours = (median(seconds for _, seconds in rows) for rows in _in_turn(Path(folder), version))
    ratio = f"{plain / ours:.2f}"
    return ["first result", version, f"{plain:.3f}", f"{ours:.3f}", ratio, f">= {FIRST_TARGET:.2f}", "", ""]


def _in_turn(folder: Path, version: str) -> list[list[tuple[str, float]]]:
    """The first line of each run, plain and ours, and the seconds until it came."""
    python = interpreters()[version]
    commands = [[str(python), "load.py"], as_it_is("load.py", python=python, runs=folder / "runs")]
    taken: list[list[tuple[str, float]]] = [[], []]
    # As on a user's machine, modules are compiled once.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for _ in range(TIMES):
        for command, rows in zip(commands, taken, strict=True):
            began = perf_counter()
            with subprocess.Popen(
                command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
            ) as process:
                assert process.stdout is not None
                rows.append((process.stdout.readline(), perf_counter() - began))
    return taken
