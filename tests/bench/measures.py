"""Measurements other than rates of tasks: logging, the first result, dead workers, the host's own needs."""

from __future__ import annotations

import logging
import logging.handlers
import multiprocessing
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from multiprocessing.queues import Queue
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

import psutil

from engine.host.record.schema import DB, LOG
from engine.job import Function, Inputs, Job, Log, Run
from engine.launch import Progress, Started
from tests.bench import ours, payloads, tasks
from tests.bench.loads import WORKERS, Load
from tests.bench.ours import messages, run
from tests.bench.peers import METHOD

FORMAT = "%(asctime)s %(processName)s %(levelname)s %(name)s: %(message)s"
LOGGING_TASKS = 160


class Found(NamedTuple):
    """A row of the table."""

    ours: str
    other: str
    ratio: str
    target: str


# Logging.


def log_lines(times: int) -> Found:
    """Lines per second of two workers that only log."""
    pairs = [(_lines_of_run(), _lines_of_listener()) for _ in range(times + 1)][1:]
    mine, theirs = (median(rates) for rates in zip(*pairs, strict=True))
    return Found(f"{mine:,.0f}", f"{theirs:,.0f} (QueueListener)", f"{mine / theirs:.2f}", ">= 3.0")


def _lines_of_run() -> float:
    load = Load("", tasks.log_lines, LOGGING_TASKS)
    job = replace(ours.job_for(load, load.count, WORKERS, METHOD), log=Log(format=FORMAT))
    with run(job) as (host, folder):
        began = 0.0
        for message in messages(host):
            if isinstance(message, Started):
                began = perf_counter()
            elif isinstance(message, Progress) and message.ok < load.count:
                continue
            elif isinstance(message, Progress):
                break
        took = perf_counter() - began
        for _ in messages(host):
            pass
        return _whole_lines(folder / LOG) / took


def _whole_lines(path: Path) -> int:
    """The number of lines in a log, after a check that each task has all of its lines and none is torn."""
    lines = path.read_text("utf-8").splitlines()
    assert all(re.search(r" INFO bench: task \d+ says line \d+$", line) for line in lines)
    assert len(set(lines)) == len(lines) == LOGGING_TASKS * tasks.LINES
    return len(lines)


def _log_to(queue: Queue[Any]) -> None:
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    root.handlers[:] = [logging.handlers.QueueHandler(queue)]


def _lines_of_listener() -> float:
    context = multiprocessing.get_context(METHOD)
    with tempfile.TemporaryDirectory() as root:
        path = Path(root) / "log"
        queue: Queue[Any] = context.Queue()
        handler = logging.FileHandler(path, encoding="utf-8")
        handler.setFormatter(logging.Formatter(FORMAT))
        listener = logging.handlers.QueueListener(queue, handler)
        with context.Pool(WORKERS, _log_to, (queue,)) as pool:
            pool.map(abs, range(WORKERS))
            listener.start()
            began = perf_counter()
            pool.map(tasks.log_lines, range(LOGGING_TASKS), chunksize=1)
            pool.close()
            pool.join()  # what the workers still held is in the queue now
            listener.stop()
            took = perf_counter() - began
        handler.close()
        return _whole_lines(path) / took


# The first result.

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


def first_result(method: str, times: int) -> Found:
    """From Run to the first result that counts, compared with the first line of a bare script."""
    pairs = [(_first_of_run(method), _first_of_script(method)) for _ in range(times + 1)][1:]
    mine, script = (median(seconds) * 1e3 for seconds in zip(*pairs, strict=True))
    return Found(f"{mine:.0f} ms", f"{script:.0f} ms (script)", f"{mine / script:.2f}", "<= 1.5")


def _first_of_run(method: str) -> float:
    began = perf_counter()
    job = Job(
        Function(file=tasks.__file__, name="no_op"),
        Inputs(kind="range", stop=100),
        Run(workers=WORKERS, start_method=method),
    )
    took = 0.0
    with run(job) as (host, _):
        for message in messages(host):
            if isinstance(message, Progress) and message.ok and not took:
                took = perf_counter() - began
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


# Threads.


def tiny_in_threads(times: int) -> Found:
    """Tiny tasks per second in threads."""
    count, workers = 10_000, 4
    load = Load("", tasks.no_op, count)
    pairs = [
        (ours.measure(load, count, workers, "threads"), _seconds_of_executor(count, workers))
        for _ in range(times + 1)
    ][1:]
    mine, theirs = (count / median(seconds) for seconds in zip(*pairs, strict=True))
    return Found(f"{mine:,.0f}", f"{theirs:,.0f} (ThreadPoolExecutor)", f"{mine / theirs:.2f}", ">= 1.0")


def _seconds_of_executor(count: int, workers: int) -> float:
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(tasks.no_op, range(workers)))
        began = perf_counter()
        assert len(list(pool.map(tasks.no_op, range(count)))) == count
        return perf_counter() - began


# A dead worker.

SLOW_MODULE = """
import time
time.sleep(2)
from tests.bench.tasks import die_now_and_then
"""


def replaced_worker(times: int) -> Found:
    """From the death of a worker to the first task of its replacement, if the module is slow to import."""
    source = f"import sys; sys.path.insert(0, {str(ours.ROOT)!r})\n{SLOW_MODULE}"
    job = Job(
        Function(source=source, name="die_now_and_then"),
        Inputs(kind="range", stop=tasks.LIFE * times + 50),
        Run(workers=1, start_method=METHOD),
    )
    with run(job) as (host, folder):
        for _ in messages(host):
            pass
        with closing(sqlite3.connect(folder / DB)) as db:
            deaths = [row[0] for row in db.execute("SELECT time FROM failure ORDER BY time")]
            starts = [start for (start,) in db.execute("SELECT start FROM batch ORDER BY id")]
    waits = [min(begin for begin in starts if begin > death) - death for death in deaths]
    assert len(waits) == times
    return Found(f"{median(waits):.3f} s", f"worst {max(waits):.3f} s", "", "< 0.3 s")


# The host itself.


def host_cpu(times: int) -> Found:
    """CPU seconds of the host for a million tasks, without the fixed cost of a run."""
    fewer, more = 1_000_000, 9_000_000
    spent = {count: median(_host_needs(count)[0] for _ in range(times)) for count in (fewer, more)}
    per_million = (spent[more] - spent[fewer]) / (more - fewer) * 1e6
    return Found(f"{per_million:.3f} s", "", "", "<= 0.25 s")


def host_memory(times: int) -> Found:
    """The host's memory after a tenth and at the end of ten million tasks."""
    early, late = (value / (1 << 20) for value in _host_needs(10_000_000)[1])
    return Found(f"{late:.0f} MB", f"{early:.0f} MB at 1/10", f"{late / early:.2f}", "flat, < 100 MB")


def _host_needs(count: int) -> tuple[float, tuple[int, int]]:
    """CPU seconds of the host of a run of no-ops, and its memory after a tenth and at the end."""
    load = Load("", tasks.no_op, count)
    with run(ours.job_for(load, count, WORKERS)) as (host, _):
        process = psutil.Process(host.pid)
        early = late = 0
        cpu = 0.0
        for message in messages(host):
            if isinstance(message, Progress) and not cpu:
                late = process.memory_info().rss
                early = early or (late if message.ok >= count / 10 else 0)
                if message.ok == count:
                    times = process.cpu_times()
                    cpu = times.user + times.system
    return cpu, (early, late)


def reader_cpu(times: int) -> Found:
    """CPU seconds of the process that reads a generator of a million inputs, and of the host."""
    spent = [_reader_needs(1_000_000) for _ in range(times)]
    reader, host = (median(seconds) for seconds in zip(*spent, strict=True))
    return Found(f"{reader:.2f} s", f"host {host:.2f} s", "", "")


def _reader_needs(count: int) -> tuple[float, float]:
    """CPU seconds of the reader, sampled 20 times a second, and of the host."""
    load = Load("", tasks.no_op, count, payloads.numbers)
    seen: dict[int, float] = {}
    with run(ours.job_for(load, count, WORKERS)) as (host, folder):
        process = psutil.Process(host.pid)
        for message in messages(host):
            if isinstance(message, Progress):
                for each in [process, *process.children()]:
                    with suppress(psutil.NoSuchProcess):
                        spent = each.cpu_times()
                        seen[each.pid] = spent.user + spent.system
        with closing(sqlite3.connect(folder / DB)) as db:
            workers = {pid for (pid,) in db.execute("SELECT pid FROM worker")}
    return sum(seen[pid] for pid in seen.keys() - workers - {host.pid}), seen[host.pid]


ROWS: dict[str, Callable[[int], Found]] = {
    "log lines/s": log_lines,
    **{
        f"first result, {method}": partial(first_result, method)
        for method in multiprocessing.get_all_start_methods()
    },
    "10k tiny tasks in threads": tiny_in_threads,
    "dead worker replaced": replaced_worker,
    "host CPU per million no-ops": host_cpu,
    "reader CPU per million inputs": reader_cpu,
    "host memory": host_memory,
}
