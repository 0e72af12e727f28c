"""A run is stopped, and another host continues it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.launch import HostHandle, LaunchError, Message, Progress, Started
from tests.running import START_METHODS, make_job, run_job

every_start_method = pytest.mark.parametrize("method", START_METHODS)


def test_stop_keeps_what_is_done_and_resume_runs_the_rest(tmp_path: Path) -> None:
    source = "import time\ndef f(x):\n    time.sleep(0.02)\n    return x"
    job = make_job(tmp_path, source, inputs=range(100))

    def stop_soon(host: HostHandle, message: Message) -> None:
        if isinstance(message, Progress) and message.done >= 10:
            host.stop()

    first = run_job(job, stop_soon)
    assert first.ended.state == "stopped"
    assert 10 <= first.ended.ok < 100
    assert set(first.statuses.values()) == {"missing"}
    done = {r.index: r.started for r in first.records if r.status == "ok"}

    second = run_job(job, resume=first.folder)
    assert (second.ended.state, second.ended.ok) == ("finished", 100)
    assert second.values == list(range(100))
    assert {r.index: r.started for r in second.records if r.index in done} == done, (
        "what was done was not run again"
    )


def test_stop_ends_a_task_that_does_not_end(tmp_path: Path) -> None:
    source = "import signal, time\ndef f(x):\n    signal.signal(15, signal.SIG_IGN)\n    time.sleep(1000)"
    run = run_job(
        make_job(tmp_path, source, inputs=range(4)),
        lambda host, message: host.stop() if isinstance(message, Started) else None,
    )
    assert run.ended.state == "stopped"
    assert "cancelled" in run.statuses.values()


def test_kill_ends_at_once(tmp_path: Path) -> None:
    run = run_job(
        make_job(tmp_path, "import time\ndef f(x):\n    time.sleep(1000)", inputs=range(4)),
        lambda host, message: host.kill() if isinstance(message, Started) else None,
    )
    assert run.ended.state == "stopped"


def test_only_one_goes_on_with_a_run(tmp_path: Path) -> None:
    job = make_job(tmp_path, "import time\ndef f(x):\n    time.sleep(0.05)\n    return x", inputs=range(40))
    stopped = run_job(job, lambda host, message: host.stop() if isinstance(message, Progress) else None)

    def go_on() -> str:
        try:
            return run_job(job, resume=stopped.folder).ended.state
        except LaunchError:  # the other one reported sooner that it runs
            return "failed"

    with ThreadPoolExecutor(2) as pool:
        states = [future.result() for future in [pool.submit(go_on), pool.submit(go_on)]]
    assert sorted(states) == ["failed", "finished"]
    assert stopped.values == list(range(40))


def test_resume_runs_what_has_no_result(tmp_path: Path) -> None:
    """Failed tasks too: their cause may have been fixed."""
    source = """
import os
def f(x):
    if x % 7 == 3 and not os.path.exists("mended"):
        raise ValueError(x)
    return [x]
"""
    job = make_job(tmp_path, source, inputs=range(50), batch=10)
    first = run_job(job)
    failed = {x: "error" for x in range(50) if x % 7 == 3}
    assert first.statuses == failed
    started = {r.index: r.started for r in first.records if r.status == "ok"}
    (tmp_path / "mended").touch()
    second = run_job(job, resume=first.folder)
    assert (second.ended.state, second.ended.ok, second.ended.failed) == ("finished", 50, 0)
    assert second.values == [[x] for x in range(50)]
    assert {r.index for r in second.records if r.attempts == 2} == set(failed)
    assert {r.index: r.started for r in second.records if r.index in started} == started
