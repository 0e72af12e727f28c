"""The bridge with real hosts: what it reports, in which order, and that it always ends."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import pytest
from pytestqt.qtbot import QtBot

from engine.job import Inputs, Job
from engine.launch import Ended, HostHandle, Progress, Started
from engine.runs import DB, open_run
from engine.runs.records import records
from gui.results.view import ResultsView
from gui.run import bridge as module
from gui.run.bridge import RunBridge, new_run
from tests.running import make_job

SLOW = "import time\ndef f(x):\n    time.sleep(0.01)\n    return x\n"
PATIENCE = 30_000


class Heard:
    """What a bridge reports, in order."""

    def __init__(self, job: Job, runs: Path) -> None:
        self.bridge = RunBridge(new_run(job, runs))
        self.told: list[tuple[str, Any]] = []
        for name in ("opened", "started", "progressed", "ended", "refused"):
            signal: Any = getattr(self.bridge, name)
            signal.connect(
                lambda *what, name=name: self.told.append((name, what[0] if len(what) == 1 else what))
            )

    def of(self, name: str) -> list[Any]:
        return [what for kind, what in self.told if kind == name]

    def run(self, qtbot: QtBot) -> None:
        with qtbot.waitSignal(self.bridge.finished, timeout=PATIENCE):
            self.bridge.start()
        assert self.bridge.wait(5000)


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def test_a_run_is_told_from_its_beginning_to_its_end(qtbot: QtBot, tmp_path: Path, runs: Path) -> None:
    heard = Heard(make_job(tmp_path, SLOW, inputs=range(60)), runs)
    heard.run(qtbot)
    kinds = [kind for kind, _ in heard.told]
    assert kinds[:2] == ["opened", "started"]
    assert kinds[-1] == "ended"
    assert set(kinds[2:-1]) == {"progressed"}
    started: Started = heard.of("started")[0]
    assert (started.total, started.workers) == (60, 2)
    counts = [progress.done for progress in heard.of("progressed")]
    assert counts == sorted(counts)
    assert counts[-1] == 60
    ended: Ended = heard.of("ended")[0]
    assert (ended.state, ended.ok, ended.failed) == ("finished", 60, 0)
    with open_run(heard.of("opened")[0]) as run:
        assert run.facts().state == "finished"


def test_progress_comes_at_most_twenty_times_a_second(
    qtbot: QtBot, tmp_path: Path, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0

    class Chatty:
        """A host that reports each of its thousand tasks, one per millisecond."""

        def __init__(self) -> None:
            self.said = 0

        def receive(self, timeout: float | None) -> object:
            nonlocal now
            now += 0.001
            self.said += 1
            return Ended("finished", ok=1000) if self.said > 1000 else Progress(self.said, 0, 2)

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(module.HostHandle, "start", lambda job, folder, **_: Chatty())
    monkeypatch.setattr(module.time, "monotonic", lambda: now)
    heard = Heard(make_job(tmp_path, SLOW, inputs=range(1000)), runs)
    heard.run(qtbot)
    counts = [progress.done for progress in heard.of("progressed")]
    assert len(counts) <= 22
    assert counts[-1] == 1000
    assert all(b - a >= 50 for a, b in pairwise(counts[:-1]))


def test_stop_ends_a_run_in_order(qtbot: QtBot, tmp_path: Path, runs: Path) -> None:
    heard = Heard(make_job(tmp_path, SLOW, inputs=range(100_000)), runs)
    heard.bridge.progressed.connect(lambda _: heard.bridge.stop())
    heard.run(qtbot)
    ended: Ended = heard.of("ended")[0]
    assert ended.state == "stopped"
    assert 0 < ended.ok < 100_000


def test_kill_ends_a_run_that_does_not_listen(qtbot: QtBot, tmp_path: Path, runs: Path) -> None:
    source = "import time\ndef f(x):\n    time.sleep(600)\n"
    heard = Heard(make_job(tmp_path, source, inputs=range(2)), runs)
    heard.bridge.started.connect(lambda _: heard.bridge.kill())
    heard.run(qtbot)
    assert heard.of("ended")[0].state == "stopped"


def test_a_stop_before_the_host_is_there_is_not_lost(qtbot: QtBot, tmp_path: Path, runs: Path) -> None:
    heard = Heard(make_job(tmp_path, SLOW, inputs=range(100_000)), runs)
    heard.bridge.stop()
    heard.run(qtbot)
    assert heard.of("refused")[0][1] == "It was stopped before it began."
    assert not list(runs.iterdir())


@pytest.mark.parametrize("leave", [False, True], ids=["stop", "leave"])
def test_an_interpreter_that_hangs_at_its_start_holds_nothing_up(
    qtbot: QtBot, tmp_path: Path, runs: Path, monkeypatch: pytest.MonkeyPatch, leave: bool
) -> None:
    monkeypatch.setattr(module, "LEAVE_SECONDS", 0.2)
    python = tmp_path / "python3"
    python.write_text(f"#!/bin/sh\n/bin/sleep 600 & echo > {tmp_path / 'asleep'}\nwait\n")
    python.chmod(0o755)
    job = make_job(tmp_path, SLOW, inputs=range(10))
    heard = Heard(job.with_(function=replace(job.function, python=str(python))), runs)
    with qtbot.waitSignal(heard.bridge.finished, timeout=PATIENCE):
        heard.bridge.start()
        qtbot.waitUntil((tmp_path / "asleep").exists)
        heard.bridge.leave() if leave else heard.bridge.stop()
    assert heard.bridge.wait(5000)
    assert heard.of("refused")[0][1] == "It was stopped before it began."


def test_a_host_that_dies_ends_the_run_as_interrupted(
    qtbot: QtBot, tmp_path: Path, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts: list[HostHandle] = []
    start = HostHandle.start
    monkeypatch.setattr(HostHandle, "start", lambda *a, **k: hosts.append(start(*a, **k)) or hosts[0])
    heard = Heard(make_job(tmp_path, SLOW, inputs=range(100_000)), runs)
    killed: list[int] = []

    def kill(_: object) -> None:
        if not killed:
            killed.append(hosts[0].pid)
            os.kill(hosts[0].pid, signal.SIGKILL)

    heard.bridge.progressed.connect(kill)
    heard.run(qtbot)
    ended: Ended = heard.of("ended")[0]
    assert ended.state == "interrupted"
    assert ended.reason
    assert ended.total == 100_000
    assert ended.ok == heard.of("progressed")[-1].ok


def test_a_function_that_is_not_there_is_refused_by_its_field(
    qtbot: QtBot, tmp_path: Path, runs: Path
) -> None:
    heard = Heard(make_job(tmp_path, SLOW, name="missing", inputs=range(3)), runs)
    heard.run(qtbot)
    key, reason, _ = heard.of("refused")[0]
    assert key == "function.name"
    assert "missing" in reason
    assert not heard.of("ended")
    assert not heard.of("opened")[0].exists()


def test_an_interpreter_that_does_not_start_is_refused(qtbot: QtBot, tmp_path: Path, runs: Path) -> None:
    python = tmp_path / "python"
    python.write_text("no program")
    python.chmod(0o755)
    job = make_job(tmp_path, SLOW, inputs=range(3))
    heard = Heard(job.with_(function=replace(job.function, python=str(python))), runs)
    heard.run(qtbot)
    assert heard.of("refused")[0][0] == "function.python"
    assert not list(runs.iterdir())


def test_a_folder_that_cannot_be_made_is_refused(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file")
    heard = Heard(make_job(tmp_path, SLOW, inputs=range(3)), tmp_path / "runs")
    heard.run(qtbot)
    key, reason, _ = heard.of("refused")[0]
    assert key == ""
    assert "run folder" in reason


def test_the_table_follows_a_live_run_to_its_end(qtbot: QtBot, tmp_path: Path, runs: Path) -> None:
    view = ResultsView()
    qtbot.addWidget(view)
    view.show()
    heard = Heard(make_job(tmp_path, SLOW, inputs=range(100)), runs)
    heard.bridge.opened.connect(view.show_run)
    heard.bridge.progressed.connect(lambda _: view.grew())
    heard.bridge.ended.connect(lambda _: view.grew())
    heard.run(qtbot)
    assert heard.of("ended")[0].state == "finished"
    qtbot.waitUntil(lambda: view.model.rowCount() == 100)
    assert (heard.of("opened")[0] / DB).is_file()
    view.close_run()


def test_one_call_without_inputs(qtbot: QtBot, tmp_path: Path, runs: Path) -> None:
    heard = Heard(make_job(tmp_path, "def f(): return 1", inputs=Inputs(), mode="process"), runs)
    heard.run(qtbot)
    assert heard.of("ended")[0].ok == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has classes of priority instead")
@pytest.mark.parametrize(("priority", "gives_way"), [("", True), ("low", True), ("normal", False)])
def test_a_run_of_a_window_gives_way_unless_the_job_says_otherwise(
    qtbot: QtBot, tmp_path: Path, runs: Path, priority: str, gives_way: bool
) -> None:
    source = "import os\ndef f(x): return os.getpriority(os.PRIO_PROCESS, 0)"
    heard = Heard(make_job(tmp_path, source, inputs=[1], priority=priority), runs)
    heard.run(qtbot)
    (folder,) = heard.of("opened")
    own = os.getpriority(os.PRIO_PROCESS, 0)
    with open_run(folder) as run:
        (value,) = [record.value for record in records(run)]
    assert value == (min(own + 10, 19) if gives_way else own)
