"""What can be asked of a live script that runs as it is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.host.record.schema import MAIN
from engine.launch import Ended, HostHandle, Message, Progress, Script, Workers
from engine.runs import open_run
from engine.runs.records import records
from engine.runs.unended import at_hand, counts_of, known_total
from tests.clusters import wait_until
from tests.running import PATIENCE

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there, scripts run as jobs")

SLOW = """
import sys, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
def hang_here(x):
    while x == 0:
        time.sleep(0.01)
    return x
def main():
    context = get_context(sys.argv[1])
    with context.Pool(2) as pool:
        found = []
        for x in range(8):
            try:
                found.append(pool.apply_async(hang_here, (x,)))
            except Exception as error:
                print(error)
        print([result.wait() or result.successful() for result in found])
if __name__ == "__main__":
    main()
"""


def start(folder: Path, source: str, *arguments: str) -> HostHandle:
    path = folder / "script.py"
    path.write_text(source)
    script = Script(path, folder, arguments, sys.executable)
    return HostHandle.run_script(script, script.new_folder(folder / "runs"))


def until(host: HostHandle, fits: Callable[[Any], bool]) -> Any:
    """The next matching message."""
    while True:
        message = host.receive(PATIENCE)
        assert message is not None, "the host is silent"
        if fits(message):
            return message
        assert not isinstance(message, Ended), message


def is_ended(message: Message) -> bool:
    return isinstance(message, Ended)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_hanging_task_shows_where_it_is_and_can_be_ended(tmp_path: Path, method: str) -> None:
    with start(tmp_path, SLOW, method) as host:
        until(host, lambda message: isinstance(message, Progress) and message.ok == 7)
        (folder,) = (tmp_path / "runs").iterdir()
        with open_run(folder) as run:
            wait_until(lambda: 0 in (at_hand(run) or {}), "the task is said to be running")
            doing = at_hand(run)
            assert doing is not None
            assert known_total(run, 0, doing) == 8
            assert counts_of(run, 7, 8) == {"running": 1, "waiting": 0}
        host.look()
        found = until(host, lambda message: isinstance(message, Workers))
        (hanging,) = (worker for worker in found.workers if worker.task == 0)
        assert hanging.number == doing[0].worker
        first = hanging.stack.splitlines()[1]
        assert "script.py" in first
        assert "hang_here" in first
        assert (found.workers[0].number, found.workers[0].task) == (MAIN, None)
        assert " in main" in found.workers[0].stack
        host.kill_worker(hanging.number)
        ended = until(host, is_ended)
        assert (ended.state, ended.status) == ("finished", 0)
    with open_run(folder) as run:
        assert [record.status for record in records(run)] == ["died", *["ok"] * 7]


PAUSED = """
import time
from multiprocessing import Pool
def f(x):
    time.sleep(0.01)
if __name__ == "__main__":
    with Pool(1) as pool:
        pool.map(f, range(int(1e6)), 1)
"""


def test_it_pauses_goes_on_grows_and_stops(tmp_path: Path) -> None:
    with start(tmp_path, PAUSED) as host:
        until(host, lambda message: isinstance(message, Progress) and message.ok > 3)
        host.pause()
        paused = until(host, lambda message: isinstance(message, Progress) and message.state == "paused")
        host.resize(3)
        host.resume()
        grown = until(host, lambda message: isinstance(message, Progress) and message.workers == 3)
        assert (grown.state, grown.ok >= paused.ok) == ("running", True)
        host.stop()
        ended = until(host, is_ended)
        assert (ended.state, ended.reason) == ("stopped", "It was stopped.")
