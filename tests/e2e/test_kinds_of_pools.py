"""What scripts may use besides pools: joblib, threads, processes, and libraries based on them."""

from __future__ import annotations

import os
import re
import runpy
import sqlite3
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from engine.host.record.display import display
from engine.runs import LOG
from engine.runs.logged import tasks_of
from tests.as_it_is import LIMIT, Ended, as_it_is, both, ended, start
from tests.interpreters import interpreters

NO_TASKS = "poolhouse: The script gave no tasks to a pool, so this run has no tasks."
KINDS = Path(__file__).parents[1] / "data/kinds"
LOKY_WARNS = re.compile(r"^.*loky/backend/resource_tracker\.py.*Warning: .*\n  warnings\.warn\(.*\n", re.M)
"""What plain joblib sometimes prints after a worker died: its tracker finds a semaphore already gone."""


def stages(ended: Ended) -> list[tuple[str, int, int]]:
    """Functions with the lines of their calls, and how many of their tasks have an outcome."""
    assert ended.folder is not None
    db = sqlite3.connect(ended.folder / "run.db")
    query = (
        "SELECT name, line, sum(count) FROM stage JOIN batch ON stage.id = batch.stage"
        " GROUP BY name, line ORDER BY line, stage.id"
    )
    found = db.execute(query).fetchall()
    db.close()
    return found


def run(name: str, place: Path, python: object = sys.executable) -> Ended:
    """Run a script both ways: it prints the same, leaves the same, and ends the same."""
    stock, ours = both(KINDS, name, place, python=python)
    assert ours.out.splitlines() == stock.out.splitlines(), ours.err
    assert (ours.err, ours.status) == (LOKY_WARNS.sub("", stock.err), stock.status)
    return ours


def test_parallel_of_joblib(tmp_path: Path) -> None:
    ours = run("with_joblib.py", tmp_path)
    assert stages(ours) == [
        ("times", 24, 6),
        ("<genexpr>.<lambda>", 25, 3),
        ("plus_k", 27, 3),
        ("times", 29, 4),
        ("plus_k", 30, 3),
        ("times", 32, 5),
        ("sum", 33, 2),
        ("<lambda>", 34, 2),
        ("times", 35, 2),
        ("fail", 38, 12),
        ("_exit", 42, 1),
    ]
    statuses = [record.status for record in ours.records]
    assert (statuses.count("error"), statuses.count("died")) == (3, 1)


def test_threads_and_processes(tmp_path: Path, interpreter: Path) -> None:
    ours = run("threads_and_processes.py", tmp_path, interpreter)
    assert stages(ours) == [
        ("times", 21, 1),
        ("times", 33, 6),
        ("times", 34, 2),
        ("times", 35, 1),
        ("fail", 37, 4),
        ("times", 41, 3),
        ("fail", 43, 1),
        ("opened", 46, 1),
        ("Own", 52, 1),
        ("process", 53, 4),
        ("SimpleQueue.put", 57, 1),
        ("sleep", 60, 1),
    ]
    exits = [record for record in ours.records if record.error and "process" in record.error]
    assert [(record.input, record.status, record.error) for record in exits] == [
        (3, "error", "The process exited with status 3."),
        (-9, "died", "The process was killed by SIGKILL."),
        (-15, "died", "The process was killed by SIGTERM."),
        (600, "died", "The process was killed by SIGTERM."),
    ]


def test_tracebacks_are_those_of_plain_python(tmp_path: Path, interpreter: Path) -> None:
    ours = run("tracebacks.py", tmp_path, interpreter)
    assert ours.status == 1


def test_what_is_printed_comes_out_in_order_and_the_folder_on_its_own_line(tmp_path: Path) -> None:
    words = as_it_is(KINDS / "prints.py", runs=tmp_path)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    done = subprocess.run(words, capture_output=True, text=True, timeout=LIMIT, env=environment)
    *lines, folder = done.stdout.splitlines()
    assert lines == ["main", "task 1", "task 2", "[1, 2]", "task 3", "3", "no line end"], done.stderr
    assert Path(folder).parent == tmp_path


def test_libraries_that_stand_on_pools(tmp_path: Path) -> None:
    ours = run("with_libraries.py", tmp_path)
    assert [stage for stage in stages(ours) if stage[0] == "double"] == [("double", 13, 4), ("double", 14, 3)]


@pytest.mark.parametrize("name", ["mpire", "multiprocess", "pathos", "billiard"])
def test_libraries_with_pools_of_their_own(tmp_path: Path, name: str) -> None:
    """They are left alone; a run that saw no tasks says so."""
    stock, ours = both(KINDS, f"with_{name}.py", tmp_path, python=sys.executable)
    assert ours.out.splitlines() == stock.out.splitlines(), ours.err
    note = "" if ours.records else f"{NO_TASKS}\n"
    assert (ours.err, ours.status) == (stock.err + note, stock.status)


def test_quick_chunks(tmp_path: Path) -> None:
    ours = run("quick_chunks.py", tmp_path)
    by_index = ours.records
    assert [record.index for record in by_index] == list(range(len(by_index)))
    first = by_index[3000:6000]  # one chunk of one call
    assert [(record.input, record.value, record.status) for record in first] == [
        (x, x + 1, "ok") for x in range(3000)
    ]
    statuses = [record.status for record in by_index]
    assert (statuses.count("error"), statuses.count("missing")) == (1, 499)
    many = [x * 7919 % 60_013 for x in range(60_000)]
    begin = next(i for i, record in enumerate(by_index) if [r.input for r in by_index[i : i + 9]] == many[:9])
    assert [record.input for record in by_index[begin : begin + 60_000]] == many
    squares = by_index[begin + 60_000 : begin + 120_000]
    assert [(record.input, record.value) for record in squares] == [(x, x * x) for x in range(60_000)]
    assert ours.folder is not None
    read = runpy.run_path(str(ours.folder / "read_results.py"))["results"]()
    told = [(record.input, record.value) for record in by_index[begin - 3000 : begin + 120_000]]
    assert [tuple(result[1:4:2]) for result in islice(read, begin - 3000, begin + 120_000)] == told


PROCESSES_THAT_LOG = """
import logging, multiprocessing, os, sys
def work(n):
    logging.warning("begun %d", n)
    if n == 1:
        sys.exit(2)
    logging.warning("done %d", n)
def outer():
    logging.warning("outer")
    with multiprocessing.Pool(1) as pool:
        pool.map(inner, [0])
def inner(x):
    logging.warning("inner")
if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    logging.warning("of nobody")
    for target, args in ((work, (0,)), (work, (1,)), (outer, ())):
        process = context.Process(target=target, args=args)
        process.start()
        process.join()
"""


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_what_a_process_logs_is_of_its_task(tmp_path: Path, method: str) -> None:
    (tmp_path / "script.py").write_text(PROCESSES_THAT_LOG)
    done = ended(start(as_it_is("script.py", method), tmp_path), tmp_path, True)
    assert done.folder is not None
    log = (done.folder / LOG).read_bytes()
    logged = tasks_of(done.folder / LOG)
    assert logged is not None
    found = [
        [
            line.rpartition(b" - ")[2].decode()
            for begin, stop in logged.spans([task])
            for line in log[begin:stop].splitlines()
        ]
        for task in range(4)
    ]
    assert found[:2] == [["begun 0", "done 0"], ["begun 1"]], done.err
    assert sorted(found[2:]) == [["inner"], ["outer"]], done.err  # whichever the host hears of first
    assert log.count(b"of nobody") == 1


def test_lists_of_all_kinds(tmp_path: Path) -> None:
    """Whatever quick tasks take and give, each has its own input and result, as they were then."""
    ours = run("lists_of_all_kinds.py", tmp_path, next(iter(interpreters().values())))
    script = runpy.run_path(str(KINDS / "lists_of_all_kinds.py"))
    given = list(ours.records)
    for items in script["LISTS"].values():
        for function in (script["same"], script["shown"]):
            rows, given = given[: len(items)], given[len(items) :]
            assert {row.status for row in rows} == {"ok"}
            for row, item in zip(rows, items, strict=True):
                assert (type(row.value), row.value) == (type(function(item)), function(item))
                is_whole = type(item) not in (tuple, dict, list) and len(repr(item)) < 70_000
                assert row.input == (item if is_whole else display(item))
    changed, given = given[:3000], given[3000:]
    assert [(row.input, row.value) for row in changed] == [
        (repr({"x": x}), [x + 1, {"x": x + 1}]) for x in script["NUMBERS"]
    ]
    starred, given = given[:6000], given[6000:]
    items = [*script["LISTS"]["tuples"], *script["LISTS"]["uneven"]]
    assert [(row.input, row.value) for row in starred] == [(repr(x), script["third"](*x)) for x in items]
    assert [len(row.value) for row in given] == [*range(1, 11)] * 300
