"""Trying a job on its first input."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from engine.host.incoming.queue import InputQueue, gaps
from engine.host.incoming.streamed import StreamedQueue
from engine.host.record.packs import column
from engine.job import Function, Inputs, Job, Log, Run
from engine.launch import HostHandle
from engine.shell import command_line
from engine.trial import REFUSED, trial
from tests.running import make_job


@pytest.fixture(autouse=True)
def no_folder_is_left(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch):
    """A trial's folder is removed afterwards."""
    place = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    yield
    assert list(place.iterdir()) == []


def test_a_trial_shows_what_one_task_gives_and_takes(tmp_path: Path) -> None:
    source = (
        "import logging, time\ndef f(x):\n    time.sleep(0.2)\n    print('printed', x)\n"
        "    logging.info('logged %s', x)\n    held = b'x' * 100_000_000\n    return {'square': x * x}\n"
    )
    job = make_job(tmp_path, source, inputs=range(7, 107), workers=4, log=Log(file="own.log"))
    found = trial(job)

    assert (found.status, found.input, found.text) == ("ok", "7", "{'square': 49}")
    assert "printed 7\n" in found.output
    assert "logged 7" in found.log
    assert found.seconds is not None
    assert 0.2 <= found.seconds < 60
    assert found.memory is not None
    assert 100_000_000 < found.memory < 1_000_000_000
    assert found.estimate is not None
    assert (found.estimate.tasks, found.estimate.workers) == (100, 4)
    assert found.estimate.seconds == pytest.approx(found.start + found.seconds * 25)
    assert found.estimate.memory == 4 * found.memory
    assert found.size is not None
    assert found.estimate.size == 100 * found.size
    assert not (tmp_path / "own.log").exists(), "the run's own log is the run's"


def test_one_task_is_run_and_no_more(tmp_path: Path) -> None:
    source = "def f(path, n):\n    with open(path, 'a') as file:\n        file.write(f'{n}\\n')"
    marks = tmp_path / "marks"
    inputs = Inputs("list", tuple((str(marks), n) for n in range(50)), call="args")
    assert trial(make_job(tmp_path, source, inputs=inputs)).status == "ok"
    assert marks.read_text() == "0\n"


def test_a_package_that_the_function_needs_is_named(tmp_path: Path) -> None:
    for source in ("import cv2_none.video\ndef f(x): ...", "def f(x):\n    import cv2_none"):
        found = trial(make_job(tmp_path, source, inputs=[1]))
        assert found.status in (REFUSED, "error")
        assert "cv2_none" in found.advice
        assert found.install == command_line([sys.executable, "-m", "pip", "install", "cv2_none"])
        assert "import cv2_none" in found.traceback


def test_a_closure_as_result_is_explained(tmp_path: Path) -> None:
    found = trial(make_job(tmp_path, "def f(x):\n    return lambda: x", inputs=[1]))
    assert found.status == "unpicklable"
    assert "plain data" in found.advice
    assert "lambda" in found.text


def test_a_crash_and_a_missing_function_are_told(tmp_path: Path) -> None:
    found = trial(make_job(tmp_path, "import os\ndef f(x):\n    os.kill(os.getpid(), 11)", inputs=[1]))
    assert found.status == "died"
    assert "SIGSEGV" in found.text
    assert found.memory is None
    found = trial(Job(Function(import_path="math:no_such"), Inputs("list", (1,)), folder=tmp_path))
    assert (found.status, found.key) == (REFUSED, "function.import")


def test_a_broken_interpreter_is_told(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho broken >&2\nexit 3\n")
    python.chmod(0o755)
    function = Function(source="def f(x): ...", python=str(python))
    found = trial(Job(function, Inputs("list", (1,)), folder=tmp_path))
    assert (found.status, found.key, found.traceback) == (REFUSED, "function.python", "broken")


def test_without_inputs_there_is_nothing_to_try(tmp_path: Path) -> None:
    found = trial(make_job(tmp_path, "def f(x): ...", inputs=()))
    assert found.status == "empty"
    assert "at least one" in found.advice


def test_a_trial_can_be_cancelled(tmp_path: Path) -> None:
    source = "import os, time\ndef f(path):\n    open(path, 'w').close()\n    time.sleep(1000)"
    mark = tmp_path / "mark"
    os.mkfifo(mark)
    job = make_job(tmp_path, source, inputs=[str(mark)])

    def cancel(host: HostHandle) -> None:
        def once_it_runs() -> None:
            mark.open().close()
            host.kill()

        threading.Thread(target=once_it_runs).start()

    assert trial(job, cancel).status == "cancelled"


def test_the_mode_of_the_run_is_that_of_the_trial(tmp_path: Path) -> None:
    source = "import multiprocessing\ndef f(x):\n    return multiprocessing.get_start_method()"
    job = make_job(tmp_path, source, inputs=[1], mode="process-per-input", start_method="spawn")
    found = trial(job)
    assert found.text == "'spawn'"
    assert found.estimate is not None
    function = Function(source="def f():\n    return 5")
    assert trial(Job(function, Inputs("none"), Run(mode="process"), folder=tmp_path)).text == "5"


def test_inputs_that_come_as_a_stream_are_tried_and_counted(tmp_path: Path) -> None:
    source = "import itertools\ndef rows():\n    yield from itertools.count()\ndef f(*a, **k): return a"
    (tmp_path / "a.csv").write_text("x,y\n1,2\n3,4\n5,6\n")
    (tmp_path / "bad.jsonl").write_text("nope\n1\n")
    for inputs, status, tasks in (
        (Inputs("generator", generator="rows"), "ok", None),
        (Inputs("csv", path="a.csv"), "ok", 3),
        (Inputs("files", pattern="*.csv"), "ok", 1),
        (Inputs("jsonl", path="bad.jsonl"), "error", 2),
    ):
        found = trial(make_job(tmp_path, source, inputs=inputs))
        assert found.status == status
        assert found.estimate is not None
        assert (found.estimate.tasks, found.estimate.exact) == (tasks, True)


def test_a_limit_holds_for_what_comes_as_a_stream() -> None:
    stream = StreamedQueue([], lambda first: [], limit=1)
    assert stream.wants() == (1, 1)
    stream.receive(False, 10, None, "", 10, 1, column([5]), None)
    assert (stream.more, stream.total, stream.wants()) == (False, 1, (0, 0))
    feed = InputQueue(range(1_000_000_000)[:1], gaps([], 1))
    assert feed.total == feed.left == 1
