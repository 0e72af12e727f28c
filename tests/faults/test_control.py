"""What can be asked of a live run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pyarrow
import pytest
from pyarrow import parquet

from engine.job import Inputs
from engine.launch import HostHandle, LaunchError, Message, Progress, Retried, Started, Workers
from engine.runs import create, open_run, runs_root
from tests.running import START_METHODS, follow, make_job, run_job

SLOW = "import time\ndef f(x):\n    time.sleep(0.02)\n    return x"


every_start_method = pytest.mark.parametrize("method", START_METHODS)


class Once:
    """Does something the first time that a matching message comes."""

    def __init__(self, fits: Callable[[Message], bool], action: Callable[[HostHandle], None]) -> None:
        self._fits = fits
        self._action = action
        self.done = False

    def __call__(self, host: HostHandle, message: Message) -> None:
        if not self.done and self._fits(message):
            self.done = True
            self._action(host)


def after(tasks: int) -> Callable[[Message], bool]:
    return lambda message: isinstance(message, Progress) and message.done >= tasks


@every_start_method
def test_pause_holds_and_resume_goes_on(tmp_path: Path, method: str) -> None:
    pause = Once(after(5), lambda host: host.pause())
    resume = Once(lambda m: isinstance(m, Progress) and m.state == "paused", lambda host: host.resume())

    def react(host: HostHandle, message: Message) -> None:
        pause(host, message)
        resume(host, message)

    run = run_job(make_job(tmp_path, SLOW, inputs=range(40), start_method=method), react)
    assert pause.done
    assert resume.done
    assert run.values == list(range(40))


@every_start_method
def test_a_pool_grows_and_shrinks(tmp_path: Path, method: str) -> None:
    seen: list[int] = []
    grow = Once(after(4), lambda host: host.resize(3))
    shrink = Once(after(40), lambda host: host.resize(1))

    def react(host: HostHandle, message: Message) -> None:
        grow(host, message)
        shrink(host, message)
        if isinstance(message, Progress):
            seen.append(message.workers)

    run = run_job(make_job(tmp_path, SLOW, inputs=range(120), workers=1, start_method=method), react)
    assert run.values == list(range(120))
    assert max(seen) == 3
    assert 1 in seen[seen.index(3) :]


def test_finish_lets_what_runs_end(tmp_path: Path) -> None:
    source = "import time\ndef f(x):\n    time.sleep(4)\n    return x"
    run = run_job(
        make_job(tmp_path, source, inputs=range(6)),
        Once(lambda m: isinstance(m, Started), lambda host: host.finish()),
    )
    assert run.ended.state == "stopped"
    assert run.ended.ok >= 1, "longer than a stop would have waited"
    assert "cancelled" not in run.statuses.values()


HANG_IN_C = "import re, time\ndef f(x):\n    re.match('(a*)*b', 'a' * 60) if x == 0 else time.sleep(0.01)"


@every_start_method
def test_a_worker_that_hangs_in_c_is_ended_by_hand(tmp_path: Path, method: str) -> None:
    look = Once(after(10), lambda host: host.look())

    def react(host: HostHandle, message: Message) -> None:
        look(host, message)
        if isinstance(message, Workers):
            host.kill_worker(next(worker.number for worker in message.workers if worker.task == 0))

    run = run_job(make_job(tmp_path, HANG_IN_C, inputs=range(20), start_method=method), react)
    assert run.statuses == {0: "died"}
    assert "ended by hand" in run.records[0].error
    assert run.ended.state == "finished"


@every_start_method
@pytest.mark.parametrize("how", ["stop", "kill"])
def test_a_task_that_hangs_in_c_does_not_hold_a_stop(tmp_path: Path, how: str, method: str) -> None:
    run = run_job(
        make_job(tmp_path, HANG_IN_C, inputs=range(20), start_method=method),
        Once(after(10), lambda host: getattr(host, how)()),
    )
    assert run.ended.state == "stopped"
    assert run.statuses[0] == "cancelled"


@every_start_method
def test_failed_tasks_are_run_again_while_the_run_goes_on(tmp_path: Path, method: str) -> None:
    source = """
import os, time
def f(x):
    time.sleep(0.01)
    if x % 7 == 3 and not os.path.exists("mended"):
        os._exit(1) if x == 10 else 1 / 0
    return x
"""
    retried: list[int] = []

    def react(host: HostHandle, message: Message) -> None:
        if isinstance(message, Progress) and message.failed >= (1 if retried else 3):
            (tmp_path / "mended").touch()
            host.retry_failed()
        elif isinstance(message, Retried):
            retried.append(message.tasks)

    run = run_job(make_job(tmp_path, source, inputs=range(150), start_method=method), react)
    assert (run.ended.state, run.ended.ok, run.ended.failed) == ("finished", 150, 0)
    assert retried[0] >= 3
    assert run.values == list(range(150))
    again = [record.index for record in run.records if record.attempts == 2]
    assert again[:3] == [3, 10, 17]
    assert sum(retried) == len(again)


MENDED = """
import os, re, time
def rows():
    yield from range(40)
def objects():
    yield from ([n] for n in range(40))
def mixed():
    yield from (n if n < 15 else [n] for n in range(40))
def f(n):
    x = int(re.search(r"(\\d+)(.txt|.)?$", str(n))[1])
    if x < 20 and x % 7 == 3 and not os.path.exists("mended"):
        os._exit(1) if x == 10 else 1 / 0
    while x == 39 and not os.path.exists("all well"):
        time.sleep(0.01)
    return x
"""


@pytest.fixture
def numbers(tmp_path: Path) -> None:
    """Files with the numbers below 40."""
    text = "".join(f"{n}\n" for n in range(40))
    (tmp_path / "n.txt").write_text(text)
    (tmp_path / "n.csv").write_text(f"n\n{text}")
    parquet.write_table(pyarrow.table({"n": range(40)}), tmp_path / "n.parquet")
    (tmp_path / "many").mkdir()
    for n in range(40):
        (tmp_path / f"many/{n:02}.txt").touch()


@pytest.mark.usefixtures("numbers")
@pytest.mark.parametrize(
    "inputs",
    [
        Inputs("lines", path="n.txt"),
        Inputs("jsonl", path="n.txt"),
        Inputs("csv", path="n.csv"),
        Inputs("parquet", path="n.parquet"),
        Inputs("files", pattern="many/*.txt"),
        Inputs("generator", generator="rows"),
    ],
    ids=lambda inputs: inputs.kind,
)
def test_failed_tasks_are_run_again_where_inputs_are_read_as_it_goes(tmp_path: Path, inputs: Inputs) -> None:
    retried: list[int] = []

    def react(host: HostHandle, message: Message) -> None:
        if isinstance(message, Retried):
            retried.append(message.tasks)
        elif isinstance(message, Progress) and message.failed >= (1 if retried else 3):
            (tmp_path / "mended").touch()
            host.retry_failed()
        elif isinstance(message, Progress) and retried:
            (tmp_path / "all well").touch()

    run = run_job(make_job(tmp_path, MENDED, inputs=inputs, batch=1), react)
    assert (run.ended.state, run.ended.ok, run.ended.failed) == ("finished", 40, 0)
    assert sum(retried) == 3
    assert run.values == list(range(40))
    assert [record.index for record in run.records if record.attempts == 2] == [3, 10, 17]


def test_only_some_failed_tasks_are_run_again_while_the_run_goes_on(tmp_path: Path) -> None:
    answers: list[Retried] = []

    def react(host: HostHandle, message: Message) -> None:
        if isinstance(message, Retried):
            answers.append(message)
            (tmp_path / "all well").touch()
        elif isinstance(message, Progress) and message.failed == 3 and not answers:
            (tmp_path / "mended").touch()
            host.retry_failed(only=[(3, 4), (17, 18)])

    run = run_job(make_job(tmp_path, MENDED, inputs=range(40), batch=1), react)
    assert answers[0] == Retried(2)
    assert (run.ended.state, run.ended.ok, run.ended.failed) == ("finished", 39, 1)
    assert [(task.index, task.status) for task in run.records if task.attempts == 2] == [
        (3, "ok"),
        (17, "ok"),
    ]
    assert [task.index for task in run.records if task.status == "died"] == [10]


@pytest.mark.parametrize(("generator", "again"), [("objects", 0), ("mixed", 2)])
def test_objects_of_a_generator_are_not_run_again_before_the_end(
    tmp_path: Path, generator: str, again: int
) -> None:
    answers: list[Retried] = []

    def react(host: HostHandle, message: Message) -> None:
        if isinstance(message, Retried):
            answers.append(message)
            (tmp_path / "all well").touch()
        elif isinstance(message, Progress) and message.failed == 3 and not answers:
            (tmp_path / "mended").touch()
            host.retry_failed()

    inputs = Inputs("generator", generator=generator)
    run = run_job(make_job(tmp_path, MENDED, inputs=inputs, batch=1), react)
    assert answers[0].tasks == again
    assert "nly the text of some failed inputs is kept" in answers[0].reason
    assert (run.ended.state, run.ended.ok, run.ended.failed) == ("finished", 37 + again, 3 - again)


HANGS = {
    "in Python": ("while True:\n        pass", "in hang"),
    "in C": ("re.match('(a*)*b', 'a' * 60)", "in hang"),
    "asleep": ("time.sleep(1000)", "in hang"),
}


@pytest.mark.parametrize("method", START_METHODS)
@pytest.mark.parametrize("where", HANGS)
def test_where_is_it_now(tmp_path: Path, where: str, method: str) -> None:
    code, words = HANGS[where]
    source = f"import re, time\ndef hang():\n    {code}\ndef f(x):\n    hang()"
    answers: list[Workers] = []

    def react(host: HostHandle, message: Message) -> None:
        if isinstance(message, Workers):
            answers.append(message)
        worker = answers[-1].workers[0] if answers else None
        if worker is not None and "hang" in worker.stack and worker.task is not None:
            host.kill()
        elif isinstance(message, (Started, Workers)):
            host.look()

    run_job(make_job(tmp_path, source, inputs=[0], workers=1, start_method=method), react)
    (worker,) = answers[-1].workers
    assert words in worker.stack
    assert "user_code.py" in worker.stack
    assert "engine/host" not in worker.stack
    assert worker.task == 0
    assert worker.number == 1


@pytest.mark.parametrize("method", START_METHODS)
@pytest.mark.parametrize("handler", ["lambda *_: os._exit(1)", "signal.SIG_DFL"])
def test_a_module_that_has_its_own_use_for_the_signal_is_not_asked(
    tmp_path: Path, handler: str, method: str
) -> None:
    source = f"""
import os, signal, time
signal.signal(signal.SIGUSR1, {handler})
def f(x):
    open("begun", "w").close()
    while not os.path.exists("answered"): time.sleep(0.01)
    return x
"""
    answers: list[Workers] = []

    def react(host: HostHandle, message: Message) -> None:
        if isinstance(message, Started):
            while not (tmp_path / "begun").exists():
                time.sleep(0.01)
            host.look()
        elif isinstance(message, Workers):
            answers.append(message)
            (tmp_path / "answered").touch()

    run = run_job(make_job(tmp_path, source, inputs=[5], workers=1, start_method=method), react)
    assert run.values == [5]
    assert [worker.stack for worker in answers[0].workers] == [""]


def test_a_run_that_keeps_on_ends_by_itself(tmp_path: Path) -> None:
    job = make_job(tmp_path, SLOW, inputs=range(60))
    folder = create(job, runs_root())
    with HostHandle.start(job, folder) as host:
        while not isinstance(host.receive(10), Started):
            pass
        host.keep_on()
    process = psutil.Process(host.pid)
    with open_run(folder) as run:
        assert run.facts().state == "running"
    process.wait(30)
    with open_run(folder) as run:
        facts = run.facts()
    assert (facts.state, facts.ok) == ("finished", 60)


def test_another_app_takes_up_a_run_that_keeps_on(tmp_path: Path, interpreter: Path) -> None:
    job = make_job(tmp_path, SLOW, inputs=range(250))
    job = job.with_(function=replace(job.function, python=str(interpreter)))
    folder = create(job, runs_root())
    with HostHandle.start(job, folder) as host:
        while not isinstance(host.receive(10), Started):
            pass
        host.keep_on()
    with HostHandle.attach(folder) as again:
        assert again.pid == host.pid
        assert isinstance(again.receive(10), Started)
        again.stop()
        assert follow(again)[-1].state == "stopped"
    assert not (folder / "attach.json").exists()
    with pytest.raises(LaunchError, match="is over"):
        HostHandle.attach(folder)


def test_a_run_that_has_its_app_is_not_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.launch.attach.ATTACH_SECONDS", 1.5)
    job = make_job(tmp_path, SLOW, inputs=range(1000))
    folder = create(job, runs_root())
    with HostHandle.start(job, folder) as host:
        while not isinstance(host.receive(10), Started):
            pass
        with pytest.raises(LaunchError, match="another window"):
            HostHandle.attach(folder)
        host.kill()
        follow(host)


@pytest.mark.parametrize("method", START_METHODS)
def test_a_spare_takes_the_place_of_a_worker_that_was_slow_to_load(tmp_path: Path, method: str) -> None:
    """The spare loaded the module before the death, so the next task begins without that delay."""
    source = """
import os, time
time.sleep(0.6)
kept = open(__file__)  # so that each worker imports this, under forkserver too
open(f"loaded-{os.getpid()}", "w").close()
def f(x):
    if x == 1:
        while sum(name.startswith("loaded-") for name in os.listdir(".")) < 2:
            time.sleep(0.01)
        os._exit(1)
    return x
"""
    run = run_job(make_job(tmp_path, source, inputs=range(3), workers=1, start_method=method, timeout=30.0))
    assert run.statuses == {1: "died"}
    assert run.records[2].worker == 2
