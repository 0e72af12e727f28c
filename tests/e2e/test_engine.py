"""Whole runs through host and workers: results, logs, output, in every mode and under every start method."""

from __future__ import annotations

import os
import pickle
import shutil
import sys
from pathlib import Path

import pytest

from engine.host.record.schema import DB, OBJECTS
from engine.job import Function, Inputs, Job, Log, Run
from engine.launch import Ended, HostHandle, LaunchError, Progress, Started
from engine.launch.program import SOURCES
from engine.runs import RunReader, UnreadableRun, create, open_run, runs_root
from engine.runs.records import records
from tests.running import START_METHODS, make_job, run_job

SQUARE = """
import logging, os, sys

def f(x):
    print("printing", x)
    os.write(2, b"from C %d\\n" % x)
    logging.getLogger("own").info("logging %s", x)
    return x * x
"""

pytestmark = pytest.mark.usefixtures("program")
every_start_method = pytest.mark.parametrize("method", START_METHODS)


def all_pickles(reader: RunReader) -> list[bytes]:
    """The pickles of all values that are stored as text."""
    return [
        reader.pickle(row, place)
        for row in reader.rows()
        for place, value in enumerate(reader.values_of(row, 0, row.count))
        if type(value) is tuple
    ]


@every_start_method
@pytest.mark.parametrize("mode", ["pool", "process-per-input"])
def test_results_log_and_output(tmp_path: Path, method: str, mode: str) -> None:
    job = make_job(
        tmp_path, SQUARE, inputs=range(3, 12), mode=mode, start_method=method, log=Log(result=True)
    )
    run = run_job(job)

    assert isinstance(run.ended, Ended)
    assert (run.ended.state, run.ended.ok, run.ended.failed, run.ended.total) == ("finished", 9, 0, 9)
    assert [(r.index, r.input, r.status, r.value) for r in run.records] == [
        (i, x, "ok", x * x) for i, x in enumerate(range(3, 12))
    ]
    assert run.log[-1] == f"root - INFO - Result: {[x * x for x in range(3, 12)]}"
    assert sorted(run.log[:-1]) == sorted(f"own - INFO - logging {x}" for x in range(3, 12))
    for x in range(3, 12):
        assert f"printing {x}\n" in run.output
        assert f"from C {x}\n" in run.output


@every_start_method
def test_where_each_task_wrote_into_the_log_is_known(tmp_path: Path, method: str) -> None:
    source = """
import logging, os
def f(x):
    for n in range(x % 3):
        logging.warning("task %d line %d\\nand more", x, n)
        if x == 5:
            pid = os.fork()
            if not pid:
                logging.warning("a child")
                os._exit(0)
            os.waitpid(pid, 0)
    if x == 7:
        raise ValueError("no")
"""
    log = Log(format="%(message)s")
    run = run_job(make_job(tmp_path, source, inputs=range(200), start_method=method, log=log))
    written = (run.folder / "run.log").read_bytes()
    with open_run(run.folder) as reader:
        for x in range(200):
            own = b"".join(written[begin : begin + size] for begin, size in reader.log_places(x)).decode()
            lines = "".join(f"task {x} line {n}\nand more\n" for n in range(x % 3))
            assert own == lines if x != 7 else own.startswith(f"{lines}Task 7 failed: ValueError: no\n")


def told(reader: RunReader, task: int) -> tuple[str, int]:
    """What a task printed, and the largest number of tasks that may have printed one part of it."""
    parts = reader.prints(task)
    text = b"".join(p.file.read_bytes()[p.offset : p.offset + p.length] for p in parts)
    assert all(task in part.tasks and part.left_out == 0 for part in parts)
    return text.decode(), max((len(part.tasks) for part in parts), default=1)


PRINTS = """
import os, sys, time
def f(x):
    time.sleep({sleep})
    for n in range(x % 3):
        print("task", x, "line", n)
    if x % 3 == 2:
        os.write(2, b"not by Python\\n")
        print("no end of a line,", x, end="")
    if x == 50:
        raise ValueError("no")
"""


@every_start_method
def test_what_each_task_printed_is_known(tmp_path: Path, method: str) -> None:
    source = PRINTS.format(sleep=0.002)
    run = run_job(make_job(tmp_path, source, inputs=range(100), start_method=method, workers=3))
    with open_run(run.folder) as reader:
        for x in range(100):
            lines = "".join(f"task {x} line {n}\n" for n in range(x % 3))
            rest = f"not by Python\nno end of a line, {x}" if x % 3 == 2 else ""
            text, tasks = told(reader, x)
            assert text == lines + rest or (tasks > 1 and lines + rest in text)


def test_what_quick_tasks_printed_is_known_from_the_second_batch_on(tmp_path: Path) -> None:
    source = "def f(x):\n    if x % 7 == 3 or x > 200_000:\n        print(x)"
    run = run_job(make_job(tmp_path, source, inputs=range(200_100), workers=1))
    with open_run(run.folder) as reader:
        for x in (3, 10, 199_111, 200_050):
            text, tasks = told(reader, x)
            assert text == f"{x}\n" if tasks == 1 else f"{x}\n" in text
        assert told(reader, 200_050) == ("200050\n", 1)
        assert reader.prints(199_112) == []


@every_start_method
def test_what_tasks_left_that_died_is_known(tmp_path: Path, method: str) -> None:
    source = """
import logging, os, time
def f(x):
    print("printed by", x, flush=True)
    for n in range(3):
        logging.warning("logged by %d", x)
    if x % 10 == 5 and not os.path.exists(f"again{x}"):
        open(f"again{x}", "w").close()
        os._exit(3)
    if x == 20:
        os._exit(4)
    if x == 30:
        time.sleep(100)
    time.sleep(0.001)
"""
    job = make_job(
        tmp_path,
        source,
        inputs=range(40),
        start_method=method,
        workers=2,
        retries=1,
        timeout=2.0,
        log=Log(format="%(message)s"),
    )
    run = run_job(job)
    written = (run.folder / "run.log").read_bytes()
    assert run.statuses == {20: "died", 30: "timeout"}
    with open_run(run.folder) as reader:
        for x in range(40):
            attempts = 1 + len(reader.failures(x)) - (x in run.statuses)
            logged = b"".join(written[begin : begin + size] for begin, size in reader.log_places(x)).decode()
            assert logged == f"logged by {x}\n" * 3 * attempts
            text, tasks = told(reader, x)
            assert text == f"printed by {x}\n" * attempts if tasks == 1 else f"printed by {x}\n" in text


@every_start_method
def test_one_process_calls_once(tmp_path: Path, method: str) -> None:
    job = make_job(
        tmp_path, "def f():\n    return 'done'", inputs=Inputs("none"), mode="process", start_method=method
    )
    assert run_job(job).values == ["done"]


def test_each_input_has_a_process_of_its_own_and_no_more_than_workers_at_a_time(tmp_path: Path) -> None:
    source = """
import os, time
def f(folder):
    mark = os.path.join(folder, str(os.getpid()))
    open(mark, "w").close()
    together = len(os.listdir(folder))
    time.sleep(0.05)
    os.remove(mark)
    return os.getpid(), together
"""
    running = tmp_path / "running"
    running.mkdir()
    run = run_job(make_job(tmp_path, source, inputs=[str(running)] * 8, mode="process-per-input", workers=3))
    pids, together = zip(*run.values, strict=True)
    assert len(set(pids)) == 8
    assert max(together) <= 3


def test_every_interpreter_runs_every_start_method(tmp_path: Path, interpreter: Path) -> None:
    source = "import sys\ndef f(x):\n    return list(sys.version_info[:2]) + [x]"
    for method in START_METHODS:
        job = make_job(tmp_path, source, inputs=range(20), start_method=method)
        job = job.with_(function=Function("user_code.py", "f", python=str(interpreter)))
        values = run_job(job).values
        assert [value[2] for value in values] == list(range(20))
        assert f"{values[0][0]}.{values[0][1]}" in str(interpreter.resolve())


def test_a_function_under_an_import_path(tmp_path: Path) -> None:
    job = Job(Function(import_path="math:sqrt"), Inputs("list", (4, 9.0)), Run(workers=1), folder=tmp_path)
    assert run_job(job).values == [2.0, 3.0]


def test_a_function_typed_as_source(tmp_path: Path) -> None:
    source = "import math\n\ndef helper(x):\n    return x + 1\n\ndef f(x):\n    return 10 / helper(x)\n"
    job = Job(Function(source=source), Inputs("list", (1, -1)), Run(workers=1), folder=tmp_path)
    run = run_job(job)
    assert run.values == [5.0, None]
    with open_run(run.folder) as reader:
        trace = reader.failures(1)[0].traceback
    assert "return 10 / helper(x)" in trace, "the traceback shows the typed line"
    assert "engine" not in trace, "and none of our own"


@pytest.mark.parametrize(
    ("call", "items", "result"),
    [("args", [(1, 2), [3, 4]], [-1, -1]), ("kwargs", [{"b": 1, "a": 5}], [4]), ("one", [(1, 2)], [(1, 2)])],
)
def test_how_an_input_becomes_a_call(
    tmp_path: Path, call: str, items: list[object], result: list[object]
) -> None:
    source = "def f(a, b=None):\n    return a if b is None else a - b"
    assert (
        run_job(make_job(tmp_path, source, inputs=Inputs("list", tuple(items), call=call))).values == result
    )


def test_any_literal_goes_in_and_comes_out(tmp_path: Path) -> None:
    values = (
        None,
        True,
        1.5,
        "ä\ud800\n\0",
        b"\xff",
        (1, [2, {3}]),
        {"a": {1: (2,)}},
        10**30,
        -(2**63),
        3j,
        ...,
    )
    run = run_job(make_job(tmp_path, "def f(x):\n    return [type(x).__name__, x]", inputs=values))
    plain = len(values) - 2  # a pickle of the last two names a global, so they are shown as text
    assert run.values[:plain] == [[type(value).__name__, value] for value in values[:plain]]
    assert run.values[plain:] == ["['complex', 3j]", "['ellipsis', Ellipsis]"]


def test_tasks_run_in_the_jobs_folder_beside_their_own_modules(tmp_path: Path) -> None:
    (tmp_path / "engine.py").write_text("WHOSE = 'mine'")
    (tmp_path / "gui.py").write_text("WHOSE = 'mine too'")
    source = """
import os, sys
import engine, gui
def f(x):
    ours = [p for p in sys.path if os.path.exists(os.path.join(p, "engine", "host"))]
    return [os.getcwd(), engine.WHOSE, gui.WHOSE, ours]
"""
    for method in START_METHODS:
        run = run_job(make_job(tmp_path, source, inputs=[0], start_method=method))
        assert run.values == [[str(tmp_path), "mine", "mine too", []]]


def test_a_file_named_as_a_standard_module_does_no_harm(tmp_path: Path) -> None:
    for name in ("random", "logging", "struct", "multiprocessing", "selectors"):
        (tmp_path / f"{name}.py").write_text("def f(x):\n    return x + 1")
        for method in START_METHODS:
            job = Job(
                Function(f"{name}.py", "f"),
                Inputs("range", stop=3),
                Run(workers=2, start_method=method),
                folder=tmp_path,
            )
            assert run_job(job).values == [1, 2, 3], (name, method)


def test_results_that_are_no_plain_data_keep_text_and_pickle(tmp_path: Path) -> None:
    source = """
class Point:
    def __init__(self, x): self.x = x
    def __repr__(self): return f"Point({self.x})"
def f(x): return Point(x)
"""
    run = run_job(make_job(tmp_path, source, inputs=[1, 2]))
    assert run.values == ["Point(1)", "Point(2)"]
    with open_run(run.folder) as reader:
        pickles = all_pickles(reader)
    assert len(pickles) == 2
    assert all(b"user_code" in data for data in pickles)


@pytest.mark.parametrize("method", START_METHODS)
def test_the_engine_keeps_its_bytecode_and_not_the_users(
    tmp_path: Path, method: str, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if program != "frozen":
        sources = tmp_path / "sources"
        shutil.copytree(SOURCES, sources, ignore=shutil.ignore_patterns("__pycache__"))
        monkeypatch.setattr("engine.launch.program.SOURCES", sources)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "helper.py").write_text("seen = 1")
    source = """
import sys, helper
def f(x):
    return sys.dont_write_bytecode, sys.pycache_prefix, helper.seen
"""
    run = run_job(make_job(tmp_path, source, inputs=[1], start_method=method))
    assert run.values == [(True, None, 1)]
    if program != "frozen":
        kept = {path.name.partition(".")[0] for path in (tmp_path / "cache").rglob("*.pyc")}
        assert {"loop", "worker", "posix", "grid"} <= kept
    assert not {"helper", "user_code"} & {path.name.partition(".")[0] for path in tmp_path.rglob("*.pyc")}


@every_start_method
def test_large_results_lie_beside_the_database(tmp_path: Path, method: str) -> None:
    source = "def f(x):\n    return [x] * 50_000 if x % 2 else 'a' * x * 100_000"
    run = run_job(make_job(tmp_path, source, inputs=range(8), start_method=method))
    assert run.values == [[x] * 50_000 if x % 2 else "a" * x * 100_000 for x in range(8)]
    assert sum(file.stat().st_size for file in (run.folder / OBJECTS).iterdir()) > 8 * 100_000
    assert (run.folder / DB).stat().st_size < 500_000


def test_the_last_progress_has_every_task(tmp_path: Path) -> None:
    source = "def f(x):\n    return bytes(200_000)"
    for tasks in range(1, 12):
        run = run_job(make_job(tmp_path, source, inputs=range(tasks)))
        assert [m.ok for m in run.messages if isinstance(m, Progress)][-1] == tasks


def test_many_texts_go_past_the_database(tmp_path: Path) -> None:
    source = """
def inputs():
    for n in range(20_000):
        yield "in" * 400 + str(n)
def f(text):
    return text.replace("in", "out") if text[-3:] != "007" else 1 / 0
"""
    job = make_job(tmp_path, source, inputs=Inputs("generator", generator="inputs"), batch=5_000)
    run = run_job(job)
    texts = ["in" * 400 + str(n) for n in range(20_000)]
    assert [record.input for record in run.records] == texts
    assert len(run.statuses) == 19
    (tmp_path / "user_code.py").write_text(source.replace("1 / 0", "7"))
    again = run_job(job, resume=run.folder)
    assert again.values == [t.replace("in", "out") if t[-3:] != "007" else 7 for t in texts]
    assert [record.input for record in again.records] == texts


def test_what_is_missing_is_run_again(tmp_path: Path) -> None:
    source = "def f(x):\n    return [x] * 50_000 if x < 3 else chr(97 + x) * 60_000 if x < 53 else 1 / 0"
    job = make_job(tmp_path, source, inputs=range(54), workers=1, batch=54)
    run = run_job(job)
    assert run.statuses == {53: "error"}
    shutil.rmtree(run.folder / OBJECTS)
    with open_run(run.folder) as reader, pytest.raises(UnreadableRun, match="missing"):
        list(records(reader))
    (tmp_path / "user_code.py").write_text(source.replace("1 / 0", "7"))
    again = run_job(job, resume=run.folder)
    assert again.values == [[x] * 50_000 if x < 3 else chr(97 + x) * 60_000 for x in range(53)] + [7]


def test_a_large_result_of_both_sides_of_a_fork(tmp_path: Path) -> None:
    source = """
import os
def f(x):
    pid = os.fork()
    return bytes([65 + x]) * 200_000 + str(pid > 0).encode()
"""
    run = run_job(make_job(tmp_path, source, inputs=range(6)))
    assert run.statuses == {}
    with open_run(run.folder) as reader:
        pickles = all_pickles(reader)
    assert [pickle.loads(data) for data in pickles] == [bytes([65 + x]) * 200_000 + b"True" for x in range(6)]


def test_failed_tasks_beside_large_results_are_run_again(tmp_path: Path) -> None:
    source = """
import os
def f(x):
    if x == 2 and not os.path.exists("mended"):
        raise ValueError
    return [x] * 50_000
"""
    job = make_job(tmp_path, source, inputs=range(5), workers=1, batch=5)
    run = run_job(job)
    assert run.statuses == {2: "error"}
    (tmp_path / "mended").touch()
    assert run_job(job, resume=run.folder).values == [[x] * 50_000 for x in range(5)]


def test_the_same_list_returned_again_and_changed(tmp_path: Path) -> None:
    source = "seen = []\ndef f(x):\n    seen.append(x)\n    return seen"
    run = run_job(make_job(tmp_path, source, inputs=range(4), workers=1, batch=4))
    assert run.values == [[0], [0, 1], [0, 1, 2], [0, 1, 2, 3]]


def test_own_log_file_gets_every_line_besides_the_run_folder(tmp_path: Path) -> None:
    own = tmp_path / "own.log"
    source = "import logging\nlogging.warning('importing')\ndef f(x):\n    logging.info('at %s', x)"
    for mode, lines in (("w", 1), ("a", 2)):
        run = run_job(make_job(tmp_path, source, inputs=[7], workers=1, log=Log(file="own.log", mode=mode)))
        assert run.log == ["root - WARNING - importing", "root - INFO - at 7"]
        assert own.read_text().splitlines() == run.log * lines


def test_own_log_file_is_untouched_where_nothing_can_run(tmp_path: Path) -> None:
    own = tmp_path / "own.log"
    own.write_text("precious\n")
    job = make_job(
        tmp_path,
        "import logging\nlogging.error('x')\nimport no_such_module",
        log=Log(file="own.log"),
        inputs=[1],
    )
    run = run_job(job)
    assert isinstance(run.ended, Ended)
    assert (run.ended.state, run.ended.key, run.ended.ran) == ("failed", "function.file", False)
    assert "no module named 'no_such_module'" in run.ended.reason
    assert own.read_text() == "precious\n"
    assert not run.folder.exists(), "a run in which nothing ran leaves no folder"


def test_log_level_format_and_task_number(tmp_path: Path) -> None:
    source = "import logging\ndef f(x):\n    logging.debug('low %s', x)\n    logging.info('high %s', x)"
    log = Log(level="DEBUG", format="%(task)s|%(processName)s|%(levelname)s|%(message)s")
    run = run_job(make_job(tmp_path, source, inputs=[5, 6], workers=1, log=log))
    assert run.log == [
        "0|Worker-1|DEBUG|low 5",
        "0|Worker-1|INFO|high 5",
        "1|Worker-1|DEBUG|low 6",
        "1|Worker-1|INFO|high 6",
    ]
    quiet = run_job(make_job(tmp_path, source, inputs=[5], workers=1, log=Log(level="WARNING")))
    assert quiet.log == []


@pytest.mark.parametrize(
    ("source", "name", "key", "words"),
    [
        ("def g(x): pass", "f", "function.name", "There is no 'f' in user_code.py. It has: g."),
        ("f = 5", "f", "function.name", "not a function"),
        ("def f(x:\n    pass", "f", "function.file", "line 1"),
        ("1 / 0\ndef f(x): pass", "f", "function.file", "ZeroDivisionError"),
        ("import os\nos._exit(7)", "f", "function.file", "exited with status 7"),
    ],
)
@every_start_method
def test_a_function_that_cannot_be_loaded_is_said_beside_its_field(
    tmp_path: Path, source: str, name: str, key: str, words: str, method: str
) -> None:
    run = run_job(make_job(tmp_path, source, name, inputs=[1], start_method=method))
    assert isinstance(run.ended, Ended)
    assert (run.ended.state, run.ended.key, run.ended.ran) == ("failed", key, False)
    assert words in run.ended.reason


def test_an_interpreter_that_is_none(tmp_path: Path) -> None:
    fake = tmp_path / "python"
    fake.write_text("#!/bin/sh\necho this is no python >&2\n")
    fake.chmod(0o755)
    job = make_job(tmp_path, "def f(x): pass", inputs=[1])
    job = job.with_(function=Function("user_code.py", "f", python=str(fake)))
    with pytest.raises(LaunchError, match="this is no python") as caught:
        HostHandle.start(job, create(job, runs_root()))
    assert caught.value.key == "function.python"


def test_progress_counts_only_what_is_on_disk(tmp_path: Path) -> None:
    counted: list[tuple[int, int]] = []

    def look(_: HostHandle, message: object) -> None:
        if isinstance(message, Progress):
            with open_run(next(runs_root().iterdir())) as reader:
                counted.append((message.done, sum(ref.count for ref in reader.batches())))

    run = run_job(make_job(tmp_path, "def f(x):\n    return x", inputs=range(300_000)), look)
    assert run.ended.ok == 300_000
    assert counted
    assert all(said <= there for said, there in counted)
    assert [type(message) for message in run.messages].count(Started) == 1


def test_memory_of_a_range_stays_with_the_range(tmp_path: Path) -> None:
    """Ten million inputs are neither kept nor sent one by one."""
    run = run_job(
        make_job(tmp_path, "def f(x):\n    raise SystemExit", inputs=range(10**7), stop_after_failures=5)
    )
    assert run.ended.state == "stopped"
    assert run.ended.total == 10**7


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits")
def test_environment_of_the_person_reaches_the_function(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THEIR_OWN", "kept")
    source = "import os\ndef f(x):\n    return os.environ[x]"
    assert run_job(make_job(tmp_path, source, inputs=["THEIR_OWN", "PATH"])).values == [
        "kept",
        os.environ["PATH"],
    ]


def test_no_inputs_at_all(tmp_path: Path) -> None:
    for inputs in (Inputs("list"), Inputs("range")):
        run = run_job(make_job(tmp_path, "def f(x):\n    return x", inputs=inputs, log=Log(result=True)))
        assert (run.ended.state, run.ended.total) == ("finished", 0)
        assert run.records == []
        assert run.log == ["root - INFO - Result: []"]


def test_large_inputs_with_large_results_do_not_wait_for_each_other(tmp_path: Path) -> None:
    """Neither fits into a pipe: a host that sends while its worker sends would wait forever."""
    values = [letter * 1_000_000 for letter in "abcdefghijklmnopqrst"]
    run = run_job(make_job(tmp_path, "def f(x):\n    return x", inputs=values))
    assert run.values == values
