"""Reads the run folders named on stdin, in every way and with little memory; a line for each.

It is a separate process, so that the memory limit concerns it alone, and it can be killed if it does not end.
"""

from __future__ import annotations

import resource
import sqlite3
import sys
import traceback
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from engine.job import JobError
from engine.query.sources import Sources
from engine.results.export.picks import in_order
from engine.results.export.text import Csv, JsonLines
from engine.results.export.trace import Trace
from engine.results.export.writing import any_int
from engine.runs import UnreadableRun, open_run
from tests.unit.query.test_queries import REQUESTS

MEMORY = 1 << 30
"""Bytes of address space that reading may use."""
MOST_STEPS = 5_000
MOST_TEXTS = 40
"""For exports: a run may claim any number of tasks, and each has a line."""
TASKS = (0, 1, 5, 2**40)
REFUSED = (UnreadableRun, JobError, sqlite3.Error)


def read(folder: Path) -> None:
    """Ask every question."""
    with Sources() as sources:
        for make in REQUESTS:
            with suppress(StopIteration, *REFUSED):
                steps = make(folder).steps(sources)
                for _ in range(MOST_STEPS):
                    next(steps)
                raise AssertionError(f"{make(folder)} does not come to an end")
    for form in (Csv(), JsonLines()):
        with suppress(*REFUSED), open_run(folder) as run, any_int():
            for _ in islice(in_order(run, None, form.lines), MOST_TEXTS):
                pass
    with suppress(*REFUSED), open_run(folder) as run:
        Trace(run).tail()
    for task in TASKS:
        for ask in ("failures", "log_places", "prints"):
            with suppress(*REFUSED), open_run(folder) as run:
                getattr(run, ask)(task)


def _watch(event: str, args: tuple[Any, ...]) -> None:
    if event in ("pickle.find_class", "os.system", "subprocess.Popen", "os.exec", "os.fork"):
        raise AssertionError(f"{event}: something of the run was executed: {args}")


def main() -> None:
    """Answer until stdin ends."""
    sys.addaudithook(_watch)
    with Path("/proc/self/statm").open() as file:
        now = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + MEMORY, now + MEMORY))
    for line in sys.stdin:
        try:
            read(Path(line.rstrip("\n")))
            print("read", flush=True)
        except BaseException as error:  # noqa: BLE001
            print("".join(traceback.format_exception(error)[-4:]).replace("\n", " ")[-900:], flush=True)


if __name__ == "__main__":
    main()
