"""What a task logged and printed is found again, whatever its neighbours did, in runs of the real engine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.job import Log
from engine.query.detail import ReadTask
from engine.query.request import finish
from engine.query.sources import Sources
from engine.runs import open_run
from engine.runs.records import records
from tests.running import START_METHODS, make_job, run_job

SOURCE = """
import logging, os, sys, time

def f(task):
    number, deeds = task
    again = os.path.exists(f"begun{number}")
    open(f"begun{number}", "w").close()
    for deed in deeds:
        text = f"<{deed} {number}>"
        if deed == "print":
            print(text, flush=True)
        elif deed == "errors":
            print(text, file=sys.stderr, flush=True)
        elif deed == "log":
            logging.getLogger().warning(text)
        elif deed == "lines":
            logging.getLogger().warning(text + "\\nmore")
        elif deed == "wait":
            time.sleep(0.001)
        elif deed == "fail":
            raise ValueError(text)
        elif deed == "fail once" and not again:
            raise ValueError(text)
        elif deed == "crash once" and not again:
            os._exit(3)
    return number
"""
DEEDS = ("print", "errors", "log", "lines", "wait", "fail", "fail once", "crash once")
TASKS = st.lists(st.lists(st.sampled_from([*DEEDS[:4], *DEEDS]), max_size=4), min_size=1, max_size=30)


def expected(number: int, deeds: Sequence[str], attempts: int) -> tuple[str, str, str]:
    """The status of a task, and what it logged and printed in all its attempts."""
    log = printed = ""
    for attempt in range(attempts):
        for deed in deeds:
            text = f"<{deed} {number}>\n"
            if deed in ("print", "errors"):
                printed += text
            elif deed == "log":
                log += text
            elif deed == "lines":
                log += text + "more\n"
            elif (
                deed == "fail"
                or (deed == "fail once" and not attempt)
                or (deed == "crash once" and not attempt)
            ):
                break
        else:
            return "ok", log, printed
    return "error", log, printed


def of_itself(text: str) -> str:
    """Log lines without those of the engine about the task."""
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if line.startswith("<") or line == "more\n")


@settings(max_examples=5)
@given(TASKS, st.sampled_from(START_METHODS), st.integers(1, 3))
def test_each_task_has_what_it_logged_and_printed(
    tmp_path_factory: pytest.TempPathFactory, deeds: list[list[str]], method: str, workers: int
) -> None:
    folder = tmp_path_factory.mktemp("job")
    job = make_job(
        folder, SOURCE, inputs=list(enumerate(deeds)), log=Log(format="%(message)s"),
        workers=workers, start_method=method, retries=1,
    )  # fmt: skip
    check(run_job(job).folder, deeds, attempts=2)


def check(run: Path, deeds: list[list[str]], attempts: int) -> None:
    with open_run(run) as reader:
        statuses = [record.status for record in records(reader)]
    with Sources() as sources:
        for number, of_task in enumerate(deeds):
            told = finish(ReadTask(run, number).steps(sources))
            status, log, printed = expected(number, of_task, attempts)
            assert (told.status, statuses[number]) == (status, status)
            assert of_itself(told.log.text) == log
            mine = "".join(
                line for line in told.printed.text.splitlines(keepends=True) if f" {number}>" in line
            )
            assert mine == printed
            first, last = told.printers
            assert not printed or first <= number <= last
