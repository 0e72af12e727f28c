"""The log of a run in any format: run.db says which task wrote what, and in which attempt."""

from __future__ import annotations

import json
import sqlite3
from array import array
from contextlib import closing
from pathlib import Path

import pytest

from engine.cli.main import main
from engine.host.record import schema
from engine.host.record.rows import Left
from engine.host.record.store import Failure
from engine.query.log import (
    COLUMNS,
    LogRef,
    LogTask,
    LogWanted,
    LookAtLog,
    ReadLog,
    TaskOfLine,
    choosing,
)
from engine.query.request import finish
from engine.query.sources import Sources
from engine.runs import LOG
from engine.runs.logged import LoggedTasks
from tests.rows import row
from tests.running import make_job, run_job
from tests.unit.query.made import Made

LINES = (
    # the writer: a task and its attempt; None wrote the first
    (None, "INFO:root:starts\n"),
    ((0, 1), "INFO:shop:zero\n"),
    ((1, 1), "ERROR:shop:one fails\nTraceback (most recent call last):\n  ...\nKeyError: 1\n"),
    ((0, 1), "WARNING:shop:zero again\n"),
    ((1, 2), "INFO:shop:one again\n"),
    ((2, 1), "ERROR:shop:two fails\n"),
)


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """A run of three tasks: one was tried twice, the last one failed."""
    made = Made(tmp_path, total=3)
    places: dict[tuple[int, int], array[int]] = {}
    text = ""
    for who, lines in LINES:
        if who is not None:
            places.setdefault(who, array("q")).extend((len(text), len(lines)))
        text += lines
    (made.folder / LOG).write_text(text)
    first = Left(log=places[1, 1])
    made.store.failure(Failure(1, 1, "error", "1", "", 1, None, None, 0.0, first))
    made.store.failure(Failure(2, 1, "error", "2", "", 1, None, None, 0.0))
    log: list[int] = []
    for task, attempt in ((0, 1), (1, 2), (2, 1)):
        found = places[task, attempt]
        for begin, length in zip(found[::2], found[1::2], strict=True):
            log += [task, begin, length]
    made.store.results(1, row(0, [0, 1, 2], bytes([schema.OK, schema.OK, schema.ERROR]), log=log), None)
    made.commit()
    return made


def test_the_command_knows_the_tasks(made: Made, capfd: pytest.CaptureFixture[str]) -> None:
    log = str(made.folder / LOG)

    def call(*options: str) -> tuple[int, str]:
        return main(["log", log, *options]), capfd.readouterr().out

    status, out = call("--format", "jsonl")
    assert status == 0
    assert [json.loads(line)["task"] for line in out.splitlines()] == [None, 0, 1, 0, 1, 2]
    assert call("--task", "1", "--count") == (0, "2\n")
    assert call("--task", "1", "--level", "error") == (0, LINES[2][1])
    assert call("--task", "0", "--task", "2", "--grep", "again|fails") == (0, LINES[3][1] + LINES[5][1])
    assert call("--task", "7") == (1, "")


def test_the_window_is_told_the_tasks(made: Made) -> None:
    ref = LogRef((made.folder / LOG,))
    only = LogWanted(tasks=("1",))
    with Sources() as sources:
        state = finish(ReadLog(ref).steps(sources))
        assert state.places == 2
        page = finish(LookAtLog(ref, LogWanted(), 0, 20).steps(sources))
        assert [cells[5] for cells in page.cells if cells] == ["", "0", "1", "0", "1 (attempt 2)", "2"]
        assert [n for n, again in enumerate(page.again) if again] == [7]
        tasks = [finish(TaskOfLine(ref, 0, line).steps(sources)) for line in range(9)]
        assert tasks == [LogTask(task) for task in (None, 0, 1, 1, 1, 1, 0, 1, 2)]
        assert finish(choosing(ref, only).steps(sources)).rows == 5
        end = (made.folder / LOG).stat().st_size
        with (made.folder / LOG).open("a") as log:
            log.write("INFO:shop:one once more\n")
        finish(ReadLog(ref).steps(sources))
        assert finish(choosing(ref, only).steps(sources)).rows == 5  # nobody knows yet who wrote it
        left = Left(log=array("q", (end, 24)))
        made.store.failure(Failure(1, 2, "died", "gone", "", 1, None, None, 3000.0, left))
        made.store.facts(launched=2000.0)
        made.commit()
        assert finish(ReadLog(ref).steps(sources)).places == 3
        assert finish(choosing(ref, only).steps(sources)).rows == 6
        page = finish(LookAtLog(ref, LogWanted(), 0, 20).steps(sources))
        assert [n for n, again in enumerate(page.again) if again] == [7, 9]  # it continued with the last one
    made.close()


DAMAGE = (
    "UPDATE batch SET log = 'text'",
    "UPDATE batch SET log = x'0102'",
    "UPDATE batch SET start = 'never'",
    "UPDATE batch SET first = 'none'",
    "UPDATE batch SET log = zeroblob(8 * 3000), count = 9223372036854775807",
    "UPDATE fact SET value = '{' WHERE name = 'started'",
    "DROP TABLE batch",
)


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_run_leaves_a_log(made: Made, damage: str) -> None:
    made.store.facts(launched=2000.0)
    made.close()
    with closing(sqlite3.connect(made.folder / schema.DB)) as db, db:
        db.execute(damage)
    ref = LogRef((made.folder / LOG,))
    with Sources() as sources:
        assert finish(ReadLog(ref).steps(sources)).lines == 9
        page = finish(LookAtLog(ref, LogWanted(), 0, 20).steps(sources))
        assert len(page.texts) == 9
        finish(TaskOfLine(ref, 0, 1).steps(sources))
        assert finish(choosing(ref, LogWanted(tasks=("0",))).steps(sources)).complete


def test_each_time_that_a_run_went_on_is_marked(made: Made) -> None:
    log = made.folder / LOG
    for time in (1.0, 2000.0, 2600.0, 2900.0):
        made.store.change("INSERT INTO event (time, kind) VALUES (?, 'launched')", (time,))
    for attempt, moment in ((2, 2500.0), (3, 2950.0)):
        begin = log.stat().st_size
        with log.open("a") as file:
            file.write("INFO:shop:one once more\n")
        left = Left(log=array("q", (begin, 24)))
        made.store.failure(Failure(1, attempt, "died", "gone", "", 1, None, None, moment, left))
    made.close()
    with Sources() as sources:
        ref = LogRef((log,))
        finish(ReadLog(ref).steps(sources))
        tasks = LoggedTasks(made.folder)
        tasks.refresh()
        page = finish(LookAtLog(ref, LogWanted(), 0, 20).steps(sources))
        begins = [sum(len(text) + 1 for text in page.texts[:n]) for n in (9, 10)]
        assert tasks.resumes == set(begins)


def test_what_workers_printed_stands_among_the_records(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = (
        "import logging, time\n"
        "def f(x):\n    print('printed', x)\n    logging.info('logged %s', x)\n    time.sleep(0.03)\n"
    )
    folder = run_job(make_job(tmp_path, source, name="f", inputs=range(8))).folder
    files = [folder / LOG, *sorted((folder / schema.LANES).glob("*.txt"))]
    assert main(["log", *map(str, files), "--merge", "--message-only"]) == 0
    told = [line.split()[-2:] for line in capsys.readouterr().out.splitlines()]
    workers = len(files) - 1
    order = [int(task) for _, task in told]
    assert sorted(told) == sorted([kind, str(task)] for kind in ("logged", "printed") for task in range(8))
    assert all(abs(task - n // 2) <= workers for n, task in enumerate(order))
    ref = LogRef(tuple(files), by_time=True)
    wanted = LogWanted(tasks=("3",))
    with Sources() as sources:
        finish(ReadLog(ref).steps(sources))
        page = finish(LookAtLog(ref, LogWanted(), 0, 20).steps(sources))
        finish(choosing(ref, wanted).steps(sources))
        of_task = finish(LookAtLog(ref, wanted, 0, 20).steps(sources))
        printed = next(n for n, text in enumerate(page.texts) if text == "printed 3")
        line = array("q", page.numbers)[printed]
        assert finish(TaskOfLine(ref, page.files[printed], line).steps(sources)).task == 3
    assert [int(text.split()[-1]) for text in page.texts] == order
    assert [int(cells[COLUMNS.index("task")]) for cells in page.cells] == order
    assert sorted(text.split()[-2:] for text in of_task.texts) == [["logged", "3"], ["printed", "3"]]
