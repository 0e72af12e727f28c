"""Tasks that wait in a worker behind a long one are called back and go to another worker, each once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from engine.job import Inputs
from engine.launch import HostHandle, Message, Progress, Workers
from tests.running import START_METHODS, make_job, run_job

HANG, TASKS = 300, 20_000
CALLS = "calls.txt"

NOTE = f"""
import os, time
calls = os.open({CALLS!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
def note(x):
    os.write(calls, b"%d\\n" % x)
"""


def calls(folder: Path) -> Counter[int]:
    """How often each task was begun."""
    return Counter(map(int, (folder / CALLS).read_text().split()))


@pytest.mark.parametrize("method", START_METHODS)
def test_a_hang_holds_up_no_task_behind_it(tmp_path: Path, method: str) -> None:
    """There is no time limit: the others end while it hangs. Apart from that the function is quick."""
    source = f"import time\ndef f(x):\n    if x == {HANG}:\n        time.sleep(1000)\n    return x"
    ended: list[int] = []

    def end_when_the_others_are_done(host: HostHandle, message: Message) -> None:
        if isinstance(message, Progress) and message.ok >= TASKS - HANG - 1 and not ended:
            host.look(stacks=False)
        elif isinstance(message, Workers):
            ended.extend(worker.number for worker in message.workers if worker.task == HANG)
            host.kill_worker(ended[0])

    job = make_job(tmp_path, source, inputs=range(TASKS), start_method=method)
    run = run_job(job, end_when_the_others_are_done)
    assert run.statuses == {HANG: "died"}
    assert [r.value for r in run.records if r.index != HANG] == [x for x in range(TASKS) if x != HANG]


def large(texts: Iterable[int]) -> Inputs:
    """Inputs so large that a batch of them cannot be sent ahead."""
    return Inputs("list", tuple(f"{number} {'x' * 10_000}" for number in texts))


@pytest.mark.parametrize("inputs", ["range", "lines", "large"])
def test_each_task_is_begun_once_however_often_others_are_called_back(tmp_path: Path, inputs: str) -> None:
    tasks, batch = 120, 20
    slow = f"{NOTE}\ndef f(x):\n    n = int(x.split()[0]) if isinstance(x, str) else x\n    note(n)\n"
    # About as long as it takes to call back the tasks behind it; the first one takes much longer.
    slow += "    time.sleep(1 if n == 0 else 0.04 + n % 7 * 0.008 if n % 5 == 0 else 0.0005)\n    return n"
    (tmp_path / "lines.txt").write_text("".join(f"{number}\n" for number in range(tasks)))
    kinds: dict[str, Any] = {
        "range": range(tasks),
        "lines": Inputs("lines", path="lines.txt"),
        "large": large(range(tasks)),
    }
    run = run_job(make_job(tmp_path, slow, inputs=kinds[inputs], workers=3, batch=batch))
    assert run.values == list(range(tasks))
    assert calls(tmp_path) == Counter(range(tasks))
    workers = [{r.worker for r in run.records[first : first + batch]} for first in range(0, tasks, batch)]
    assert any(len(several) > 1 for several in workers), "a batch was shared"


SLEEPS = f"{NOTE}\ndef f(x):\n    note(x)\n    time.sleep(0.05)\n    return x"


def test_after_a_soft_stop_no_task_begins_of_the_batches_that_were_handed_out(tmp_path: Path) -> None:
    job = make_job(tmp_path, SLEEPS, inputs=range(240), batch=60)
    run = run_job(job, lambda host, message: host.finish() if isinstance(message, Progress) else None)
    assert run.ended.state == "stopped"
    assert set(run.statuses.values()) == {"missing"}
    assert len(run.statuses) > 180, "of 120 tasks that were handed out, few had begun"
    assert calls(tmp_path) == Counter(r.index for r in run.records if r.status == "ok")

    again = run_job(job, resume=run.folder)
    assert again.values == list(range(240))
    assert calls(tmp_path) == Counter(range(240))


def test_no_task_begins_while_a_run_is_paused(tmp_path: Path) -> None:
    begun: list[int] = []

    def pause_and_look(host: HostHandle, message: Message) -> None:
        if isinstance(message, Workers) and any(worker.task is not None for worker in message.workers):
            host.look(stacks=False)
        elif isinstance(message, Workers):
            begun.append(calls(tmp_path).total())
            host.resume()
        elif isinstance(message, Progress) and not begun and message.state == "running":
            host.pause()
            host.look(stacks=False)

    run = run_job(make_job(tmp_path, SLEEPS, inputs=range(100), batch=50), pause_and_look)
    assert begun[0] < 50
    assert run.values == list(range(100))
    assert calls(tmp_path) == Counter(range(100))
