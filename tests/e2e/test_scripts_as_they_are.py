"""Scripts as people write them: run as they are, they print, make and end as under plain Python."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.job import load
from engine.runs import open_run
from tests.as_it_is import LIMIT, as_it_is, both, ended, start
from tests.program import command

CASES = Path(__file__).parents[1] / "data/as_they_are"
KINDS = (
    "c01 c07 c09 c11 c18 c19 c20 c22 c24 c29 c34 c35 d08 d12 d14 d18 d21 d23 d33 d38 d44 d47 d50 d52 d60 d61"
    " d63 d64 d65 d70 d93 e07"
)
"""The others differ only in how they are read; when run, they are like one of these."""
NAMES = sorted(
    str(path.relative_to(CASES)) for path in CASES.rglob("[cde][0-9]*.py") if path.name[:3] in KINDS.split()
)
TASKS = {"c01_partial_inline.py": 2, "d12_while_loop_of_maps.py": 6}
"""How many tasks some of them have."""


@pytest.mark.parametrize("name", NAMES)
def test_it_is_as_under_plain_python(tmp_path: Path, name: str) -> None:
    stock, ours = both(CASES, name, tmp_path)
    assert ours.status == stock.status
    assert sorted(ours.out.splitlines()) == sorted(stock.out.splitlines())
    assert {n: sorted(t.splitlines()) for n, t in ours.files.items()} == {
        n: sorted(t.splitlines()) for n, t in stock.files.items()
    }
    if name in TASKS:
        assert len(ours.records) == TASKS[name]


def run(folder: Path, source: str, *arguments: object, **options: object):
    (folder / "script.py").write_text(source, "utf-8")
    return ended(start(as_it_is("script.py", *arguments, **options), folder), folder, True)


POOL = """
import multiprocessing, os, sys
def f(x):
    if x == 3:
        os._exit(7)
    return x * 2
if __name__ == "__main__":
    with multiprocessing.get_context({method!r}).Pool(2) as pool:
        for chunksize in (1, 4):
            try:
                pool.map(f, range(8), chunksize)
            except multiprocessing.ProcessError as error:
                print(error)
        print(pool.map(f, [1, 2]))
"""


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_dead_worker_costs_one_task(tmp_path: Path, method: str) -> None:
    done = run(tmp_path, POOL.format(method=method))
    said = "The worker that ran this task exited with status 7. No other task was lost."
    assert done.out.splitlines() == [said, said, "[2, 4]"], done.err
    assert [record.input for record in done.records if record.status == "died"] == [3, 3]
    assert {record.value for record in done.records[:8]} == {0, 2, 4, 8, 10, 12, 14, None}
    assert {record.value for record in done.records[8:16]} == {0, 2, 4, 8, 10, 12, 14, None}


FUTURES = """
import os
from concurrent.futures import ProcessPoolExecutor, process
def f(x):
    if x == 1:
        os._exit(7)
    return x
if __name__ == "__main__":
    with ProcessPoolExecutor(2) as executor:
        futures = [executor.submit(f, x) for x in range(4)]
        print([type(future.exception()).__name__ for future in futures])
        print(executor.submit(f, 9).result())
"""


def test_a_dead_worker_leaves_an_executor_whole(tmp_path: Path) -> None:
    done = run(tmp_path, FUTURES)
    assert done.out.splitlines() == ["['NoneType', 'BrokenProcessPool', 'NoneType', 'NoneType']", "9"]


UNGUARDED = """
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
multiprocessing.set_start_method({method!r})
def f(x):
    return x + 1
def main():
    try:
        with ProcessPoolExecutor(2) as executor:
            print(list(executor.map(f, range(3))))
    except:
        print("never")
    finally:
        print("at last")
with multiprocessing.Pool(2) as pool:
    print(pool.map(f, range(4)))
main()
"""


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_a_pool_needs_no_guard(tmp_path: Path, method: str) -> None:
    done = run(tmp_path, UNGUARDED.format(method=method))
    assert done.out.splitlines() == ["[1, 2, 3, 4]", "[1, 2, 3]", "at last"], done.err
    assert [record.value for record in done.records] == [1, 2, 3, 4, 1, 2, 3]


NESTED = """
import multiprocessing, threading
from concurrent.futures import ProcessPoolExecutor
def inner(x):
    return x * 10
def outer(x):
    with multiprocessing.Pool(2) as pool:
        return pool.map(inner, range(x))
def in_thread(found):
    with multiprocessing.Pool(2) as pool:
        found.append(pool.map(inner, range(4)))
if __name__ == "__main__":
    with ProcessPoolExecutor(2) as executor:
        print(list(executor.map(outer, [2, 3])))
    found = []
    threads = [threading.Thread(target=in_thread, args=(found,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(found)
"""


def test_pools_in_tasks_and_in_threads(tmp_path: Path) -> None:
    done = run(tmp_path, NESTED)
    assert done.out.splitlines() == ["[[0, 10], [0, 10, 20]]", str([[0, 10, 20, 30]] * 2)], done.err
    assert len(done.records) == 2 + 5 + 8


STAGES = """
from multiprocessing import Pool
def double(x):
    return 2 * x
if __name__ == "__main__":
    with Pool(2) as pool:
        pool.map(double, ["a", (1, 2)])
        for x in range(3):
            pool.apply_async(abs, (x,)).get()
"""


def test_each_call_is_a_stage(tmp_path: Path) -> None:
    import sqlite3

    done = run(tmp_path, STAGES)
    assert done.folder is not None
    db = sqlite3.connect(done.folder / "run.db")
    stages = db.execute("SELECT id, name, line, first FROM stage ORDER BY id").fetchall()
    db.close()
    assert stages == [(1, "double", 7, 0), (2, "abs", 9, 2)]
    assert [(r.input, r.value) for r in done.records] == [
        ("a", "aa"),
        ("(1, 2)", (1, 2, 1, 2)),
        (0, 0),
        (1, 1),
        (2, 2),
    ]
    with open_run(done.folder) as reader:
        facts = reader.facts()
    assert (facts.state, facts.mode, facts.total) == ("finished", "script", 5)


FAILS = """
def f():
    raise ValueError("no")
if __name__ == "__main__":
    print("before", flush=True)
    f()
"""


def test_its_encoding_must_be_declared(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_bytes(b"import sys\n# \xe4\nprint(1)")
    words = [sys.executable, "script.py"]
    stock = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT)
    done = subprocess.run(
        as_it_is("script.py", runs=tmp_path), cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT
    )
    assert (done.stderr, done.returncode) == (stock.stderr, 1)


def test_its_exception_is_shown_and_its_status_kept(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(FAILS)
    stock = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT
    )
    done = run(tmp_path, FAILS)
    assert (done.out, done.err, done.status) == ("before\n", stock.stderr.replace(str(tmp_path), ""), 1)
    assert done.folder is not None
    with open_run(done.folder) as reader:
        assert reader.facts().reason == "ValueError: no"


def test_it_has_its_arguments_its_input_and_its_status(tmp_path: Path) -> None:
    source = "#!/usr/bin/env python3\nimport sys; print(sys.argv, input(), __name__, __file__); sys.exit(5)"
    (tmp_path / "script").write_text(source)
    words = as_it_is("./script", "-x", "two words", "--workers")
    done = subprocess.run(words, cwd=tmp_path, input="typed\n", capture_output=True, text=True, timeout=LIMIT)
    expected = f"['./script', '-x', 'two words', '--workers'] typed __main__ {tmp_path}/./script"
    assert done.stdout.splitlines()[0] == expected
    assert done.returncode == 5


def test_workers_of_the_command_are_those_of_each_pool(tmp_path: Path) -> None:
    source = "import multiprocessing\nwith multiprocessing.Pool(7) as pool:\n    print(len(pool._pool))\n"
    assert run(tmp_path, source, workers=3).out == "3\n"
    refused = subprocess.run(
        command("run", "--workers", 0, "script.py"), cwd=tmp_path, capture_output=True, text=True
    )
    assert refused.returncode == 2


def test_a_script_that_is_not_there(tmp_path: Path) -> None:
    done = subprocess.run(command("run", "none.py"), cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert "none.py" in done.stderr


@pytest.mark.parametrize("body", ["#!/bin/sh\nexit 4\n", "#!/there/is/no/such/thing\n"])
def test_an_interpreter_that_does_not_start(tmp_path: Path, body: str) -> None:
    python = tmp_path / "python"
    python.write_text(body)
    python.chmod(0o755)
    (tmp_path / "script.py").write_text("print('ran')")
    words = as_it_is("script.py", python=python, runs=tmp_path / "runs")
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"function.python: {python}" in done.stderr
    assert not list(tmp_path.glob("runs/*"))


INITIALIZER = """
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
def begin():
    raise OSError("no device")
def f(x):
    return x
if __name__ == "__main__":
    for make in (multiprocessing.Pool, ProcessPoolExecutor):
        with make(2, initializer=begin) as pool:
            try:
                print(list(pool.map(f, range(3))))
            except Exception as error:
                print(type(error).__name__, "no device" in str(error))
"""


def test_an_initializer_that_fails_ends_the_call(tmp_path: Path) -> None:
    done = run(tmp_path, INITIALIZER)
    assert done.out.splitlines() == ["WorkerDied True", "BrokenProcessPool True"], done.err


def test_the_job_that_was_read_can_be_run_and_written(tmp_path: Path) -> None:
    (tmp_path / "s.py").write_text(
        "from multiprocessing import Pool\ndef f(x):\n    return x\n"
        "if __name__ == '__main__':\n    with Pool(2) as pool:\n        print(pool.map(f, [1, 2]))\n"
    )

    def poolhouse(*words: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command(*words), cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT)

    done = poolhouse("run", "--as-job", "s.py", "--quiet")
    assert done.returncode == 0
    assert Path(done.stdout.strip()).is_dir()
    assert poolhouse("run", "--write-job", "s.pool", "s.py").stdout == "s.pool\n"
    assert poolhouse("run", "s.pool", "--quiet").returncode == 0


def test_a_script_that_is_no_job_for_certain_runs_nothing(tmp_path: Path) -> None:
    (tmp_path / "s.py").write_text(
        "from multiprocessing import Pool\ndef f(x):\n    return x\ndef fill(v):\n    v.append(2)\n"
        "if __name__ == '__main__':\n    v = [1]\n    fill(v)\n    print(Pool(2).map(f, v))\n"
    )
    why = "What fill(v) does before the pool may matter to the tasks"
    said = f"poolhouse: s.py: line 8: {why}. Run it as it is: "
    for words in (["--as-job"], ["--as-job", "--mode", "serial"]):
        done = subprocess.run(
            command("run", *words, "s.py"), cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(said)
    assert [path.name for path in tmp_path.iterdir()] == ["s.py"]
    done = subprocess.run(
        command("run", "--write-job", "s.pool", "s.py"),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(said)
    assert "s.pool has what could be read, to be edited" in done.stderr
    job = load(tmp_path / "s.pool")
    assert (job.function.name, job.inputs.kind, job.inputs.values) == ("f", "list", ())
    assert f"# Line 8: {why}." in (tmp_path / "s.pool").read_text()


def test_a_run_without_tasks_is_remarked(tmp_path: Path) -> None:
    done = run(tmp_path, "print(1)")
    assert (done.out, done.status) == ("1\n", 0)
    assert "has no tasks" in done.err
    (tmp_path / "j.pool").write_text(
        '[function]\nimport = "math:sqrt"\n[inputs]\nkind = "list"\nvalues = []\n'
    )
    ran = subprocess.run(
        command("run", "--quiet", "j.pool"), cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT
    )
    assert (ran.returncode, "no task was run" in ran.stderr) == (0, True)


PRINTS = """
import multiprocessing, os, sys
def f(x):
    print("task", x)
    if x == 2:
        print("to stderr", x, file=sys.stderr)
    if x == 5:
        print("the last", flush=True)
        os._exit(3)
    return str(x)
if __name__ == "__main__":
    context = multiprocessing.get_context({method!r})
    print("main")
    with context.Pool(2) as pool:
        pool.map(f, range(4), 2)
        try:
            pool.apply(f, (5,))
        except multiprocessing.ProcessError:
            pass
    child = context.Process(target=f, args=(6,))
    child.start()
    child.join()
"""


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_what_a_task_prints_is_known(tmp_path: Path, method: str) -> None:
    done = run(tmp_path, PRINTS.format(method=method))
    said = ["main", *(f"task {x}" for x in (0, 1, 2, 3, 5, 6)), "the last", ""]
    assert sorted(done.out) == sorted("\n".join(said))  # two processes may print at the same time
    assert done.folder is not None
    with open_run(done.folder) as reader:
        found = [
            b"".join(part.file.read_bytes()[part.offset :][: part.length] for part in reader.prints(task))
            for task in range(6)
        ]
    assert found == [
        b"task 0\n",
        b"task 1\n",
        b"task 2\nto stderr 2\n",
        b"task 3\n",
        b"task 5\nthe last\n",
        b"task 6\n",
    ]


OWN_NAMES = ("contextvars", "fcntl", "logging", "mmap")
"""Modules of Python's that we use, and that `multiprocessing` does not need."""
HIDING = """
import multiprocessing, sys
def f(x):
    import contextvars, fcntl, logging, mmap
    return contextvars.X, fcntl.X, logging.X, mmap.X, x
if __name__ == "__main__":
    print([name for name in {names} if name in sys.modules])
    for method in ("fork", "spawn", "forkserver"):
        with multiprocessing.get_context(method).Pool(2) as pool:
            print(pool.map(f, range(3)))
    print(f(0))
    import re, traceback
    print(re.compile("a"), traceback.__spec__.name)
"""


def test_a_script_has_modules_of_its_own_with_names_of_pythons(tmp_path: Path) -> None:
    for name in OWN_NAMES:
        (tmp_path / f"{name}.py").write_text(f'X = "own {name}"\n')
    (tmp_path / "hiding.py").write_text(HIDING.format(names=OWN_NAMES))
    stock, ours = both(tmp_path, "hiding.py", tmp_path.with_name("place"))
    assert stock.out.count("own mmap") == 10
    assert (ours.out, ours.err, ours.status) == (stock.out, stock.err, stock.status)
    assert {record.status for record in ours.records} == {"ok"}


def test_the_module_path_of_the_user_is_for_the_script(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mmap.py").write_text('X = "own"\n')
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = run(tmp_path, "import mmap\nprint(mmap.X)\n")
    assert (done.out, done.status) == ("own\n", 0), done.err
