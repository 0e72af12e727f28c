"""The tables: each function yields the rows of one, the first row being its heading."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from multiprocessing import get_all_start_methods
from pathlib import Path
from statistics import median
from time import perf_counter

from engine.launch import Ended, Host, Progress
from engine.runs import create
from tests.bench import tasks
from tests.bench.peers import PEERS, Task, job_for, wait_for

WORKERS = 2
TIMES = 5

# Name, function, tasks: one to two seconds of work for two workers.
LOADS: list[tuple[str, Task, int]] = [
    ("no-op", tasks.no_op, 4_000_000),
    ("10 us", tasks.us_10, 250_000),
    ("100 us", tasks.us_100, 30_000),
    ("1 ms", tasks.ms_1, 3_000),
    ("10 ms", tasks.ms_10, 300),
]

Row = list[str]


def throughput() -> Iterator[Row]:
    """Tasks a second, results of Poolhouse on disk (2 workers, warmed up, median of 5)"""
    peers = [make(WORKERS) for make in PEERS]
    ours, *others = peers
    yield ["task", ours.name, *(cell for peer in others for cell in (peer.name, "ratio"))]
    try:
        for name, task, count in LOADS:
            seconds: list[list[float]] = [[] for _ in peers]
            for _ in range(TIMES + 1):
                for peer, taken in zip(peers, seconds, strict=True):
                    taken.append(peer.measure(task, count))
            rates = [count / median(taken[1:]) for taken in seconds]  # the first is for warming up
            compared = [cell for rate in rates[1:] for cell in (f"{rate:,.0f}", f"{rates[0] / rate:.2f}")]
            yield [name, f"{rates[0]:,.0f}", *compared]
    finally:
        for peer in peers:
            peer.close()


SCRIPT = """
import multiprocessing, sys
sys.path.insert(0, {folder!r})
from tasks import no_op

if __name__ == "__main__":
    multiprocessing.set_start_method({method!r})
    with multiprocessing.Pool({workers}) as pool:
        for result in pool.imap_unordered(no_op, range(100)):
            print(result, flush=True)
"""


def first_result() -> Iterator[Row]:
    """Milliseconds from Run to the first result, against a bare script with Pool (2 workers, median of 5)"""
    yield ["start method", "Poolhouse", "script", "ratio"]
    for method in get_all_start_methods():
        ours: list[float] = []
        script: list[float] = []
        for _ in range(TIMES + 1):
            ours.append(_first_of_run(method))
            script.append(_first_of_script(method))
        mine, bare = median(ours[1:]) * 1e3, median(script[1:]) * 1e3
        yield [method, f"{mine:.0f}", f"{bare:.0f}", f"{mine / bare:.2f}"]


def _first_of_run(method: str) -> float:
    with tempfile.TemporaryDirectory() as root:
        began = perf_counter()
        job = job_for(tasks.no_op, 100, WORKERS, method)
        with Host.start(job, create(job, Path(root))) as host:
            took = wait_for(host, Progress) - began
            wait_for(host, Ended)
    return took


def _first_of_script(method: str) -> float:
    text = SCRIPT.format(folder=str(Path(tasks.__file__).parent), method=method, workers=WORKERS)
    with tempfile.TemporaryDirectory() as root:
        path = Path(root) / "script.py"
        path.write_text(text, "utf-8")
        began = perf_counter()
        with subprocess.Popen([sys.executable, str(path)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() != b""
            took = perf_counter() - began
            process.stdout.read()
    assert process.returncode == 0
    return took


TABLES: dict[str, Callable[[], Iterator[Row]]] = {"throughput": throughput, "first-result": first_result}
