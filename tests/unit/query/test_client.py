"""Real query processes: turns, cancels, deaths, and the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import psutil
import pytest

from engine.query import Client, Done, Failed, Part, QueryError, Request, Told
from engine.query.program import Started
from engine.query.run import Facts, ReadStand
from engine.runs import DB
from tests.unit.query import odd
from tests.unit.query.made import Made

PATIENCE = 30


class Asker:
    """A client with a queue for each request."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def ask(self, request: Request[Any], key: object = None) -> SimpleQueue[Told]:
        told: SimpleQueue[Told] = SimpleQueue()
        self.number = self.client.ask(request, told.put, key)
        return told

    def answer(self, request: Request[Any]) -> Any:
        return end(self.ask(request))


def end(told: SimpleQueue[Told]) -> Any:
    """The whole answer, or the failure."""
    while isinstance(one := told.get(timeout=PATIENCE), Part):
        pass
    return one.value if isinstance(one, Done) else one


def await_end(pid: int) -> None:
    """Wait until a process is gone, even if it becomes a child of this one meanwhile."""
    while pid and psutil.pid_exists(pid):
        with suppress(psutil.Error):
            psutil.Process(pid).wait(0.1)


def reason(told: SimpleQueue[Told]) -> str:
    failed = end(told)
    assert isinstance(failed, Failed)
    return failed.reason


@pytest.fixture
def asker() -> Iterator[Asker]:
    client = Client(odd.start)
    yield Asker(client)
    client.close()


def test_an_answer_comes_in_parts(asker: Asker, tmp_path: Path) -> None:
    told = asker.ask(odd.Count(tmp_path, last=5))
    parts = [told.get(timeout=PATIENCE) for _ in range(6)]
    assert [one.value for one in parts if isinstance(one, Part)] == [0, 1, 2, 3, 4]
    assert isinstance(parts[-1], Done)
    assert parts[-1].value == 5


def test_what_is_on_screen_comes_before_a_scan_that_goes_on(asker: Asker, tmp_path: Path) -> None:
    scan = asker.ask(odd.Count(tmp_path))
    scan.get(timeout=PATIENCE)
    assert asker.answer(odd.Pid(tmp_path)) > 0
    assert isinstance(scan.get(timeout=PATIENCE), Part)


def test_a_cancelled_request_is_worked_on_no_longer(asker: Asker, tmp_path: Path) -> None:
    told = asker.ask(odd.Count(tmp_path))
    told.get(timeout=PATIENCE)
    asker.client.cancel(asker.number)
    asker.answer(odd.Pid(tmp_path))
    while not told.empty():
        told.get()
    asker.answer(odd.Count(tmp_path, last=20))
    assert told.empty()


def test_the_newest_of_a_key_wins(asker: Asker, tmp_path: Path) -> None:
    older = asker.ask(odd.Count(tmp_path), "count")
    newer = asker.ask(odd.Count(tmp_path, last=3), "count")
    assert end(newer) == 3
    while not older.empty():
        assert isinstance(older.get(), Part)


def test_an_error_says_what_is_wrong_and_costs_nothing_else(asker: Asker, tmp_path: Path) -> None:
    pid = asker.answer(odd.Pid(tmp_path))
    assert reason(asker.ask(odd.Fail(tmp_path))) == "It is odd."
    assert "memory" in reason(asker.ask(odd.Eat(tmp_path)))
    assert asker.answer(odd.Pid(tmp_path)) == pid


def test_a_process_that_died_is_replaced_and_asked_again(asker: Asker, tmp_path: Path) -> None:
    pid = asker.answer(odd.Pid(tmp_path))
    scan = asker.ask(odd.Count(tmp_path, last=30))
    assert asker.answer(odd.Die(tmp_path, mark="died")) != pid
    assert end(scan) == 30


def test_a_request_that_kills_twice_is_an_error_that_names_it(asker: Asker, tmp_path: Path) -> None:
    scan = asker.ask(odd.Count(tmp_path, last=30))
    assert f"Die of {tmp_path}" in reason(asker.ask(odd.Die(tmp_path)))
    assert end(scan) == 30
    assert asker.answer(odd.Pid(tmp_path)) > 0


def test_a_process_that_hangs_is_replaced(
    asker: Asker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.query.client.SILENCE_SECONDS", 1.5)
    pid = asker.answer(odd.Pid(tmp_path))
    assert "Hang" in reason(asker.ask(odd.Hang(tmp_path)))
    assert asker.answer(odd.Pid(tmp_path)) != pid


def test_what_cannot_be_sliced_runs_aside_where_a_cancel_ends_it(asker: Asker, tmp_path: Path) -> None:
    own = asker.answer(odd.Pid(tmp_path))
    assert asker.answer(odd.PidAside(tmp_path)) != own
    told = asker.ask(odd.HangAside(tmp_path))
    part = told.get(timeout=PATIENCE)
    assert isinstance(part, Part)
    helper = psutil.Process(part.value)
    asker.client.cancel(asker.number)
    helper.wait(PATIENCE)
    assert asker.answer(odd.Pid(tmp_path)) == own
    assert asker.answer(odd.PidAside(tmp_path)) not in (own, part.value)


def test_a_helper_that_dies_is_an_error_of_its_request(asker: Asker, tmp_path: Path) -> None:
    own = asker.answer(odd.Pid(tmp_path))
    told = asker.ask(odd.HangAside(tmp_path))
    part = told.get(timeout=PATIENCE)
    assert isinstance(part, Part)
    os.kill(part.value, signal.SIGKILL)
    assert "died" in reason(told)
    assert asker.answer(odd.Pid(tmp_path)) == own


def test_large_sources_have_processes_of_their_own_and_four_are_enough(
    asker: Asker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.query.client.LARGE", 100)
    small, large = [tmp_path / f"small {n}" for n in range(3)], [tmp_path / f"large {n}" for n in range(5)]
    for path in small:
        path.write_bytes(b"s")
    for path in large:
        path.write_bytes(b"l" * 200)
    pids = {path: asker.answer(odd.Pid(path)) for path in [*small, *large]}
    shared = {pids[path] for path in small}
    own = {pids[path] for path in large}
    assert len(shared) == 1
    assert len(own) == 3
    assert not shared & own
    for path in large:
        asker.client.release(path)
    assert asker.answer(odd.Pid(small[0])) in shared
    for pid in own:
        with pytest.raises(psutil.NoSuchProcess):
            psutil.Process(pid).wait(PATIENCE)


@pytest.fixture
def started() -> SimpleQueue[int]:
    """The process ids of the query processes of `noted`, as they are started."""
    return SimpleQueue()


@pytest.fixture
def noted(started: SimpleQueue[int]) -> Iterator[Client]:
    """A client that reports its processes to `started`."""

    def start() -> Started:
        process, link = odd.start()
        started.put(process.pid)
        return process, link

    client = Client(start)
    yield client
    client.close()


def test_a_spare_process_waits_for_the_next_large_source(
    noted: Client, started: SimpleQueue[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.query.client.LARGE", 100)
    monkeypatch.setattr("engine.query.client.TICK", 0.01)
    monkeypatch.setattr("engine.query.client.SPARE_SECONDS", 0)
    large = tmp_path / "large"
    large.write_bytes(b"l" * 200)
    noted.keep_spare()
    spare = started.get(timeout=PATIENCE)
    asker = Asker(noted)
    assert asker.answer(odd.Pid(large)) == spare
    assert started.get(timeout=PATIENCE) != spare, "there is none for the next one"
    noted.release(large)
    await_end(spare)
    assert asker.answer(odd.Pid(large)) != spare


def test_a_spare_process_comes_while_others_are_asked(
    noted: Client, started: SimpleQueue[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.query.client.SPARE_SECONDS", 0.01)
    monkeypatch.setattr("engine.query.client.TICK", PATIENCE)
    small = tmp_path / "small"
    small.write_bytes(b"s")
    noted.keep_spare()
    asker, by = Asker(noted), time.monotonic() + PATIENCE
    while started.qsize() < 2:
        asker.answer(odd.Pid(small))
        assert time.monotonic() < by


def test_a_source_that_grows_large_gets_a_process_of_its_own(
    asker: Asker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.query.client.LARGE", 100)
    monkeypatch.setattr("engine.query.client.LOOK_AGAIN_SECONDS", 0)
    small, growing = tmp_path / "small", tmp_path / "growing"
    small.write_bytes(b"s")
    growing.write_bytes(b"s")
    shared = asker.answer(odd.Pid(small))
    waiting = asker.ask(odd.Count(growing))
    assert isinstance(waiting.get(timeout=PATIENCE), Part)
    growing.write_bytes(b"l" * 200)
    number = asker.number
    assert {asker.answer(odd.Pid(growing)) for _ in range(20)} == {shared}, "it went while a request waited"
    asker.client.cancel(number)
    by = time.monotonic() + PATIENCE
    while (own := asker.answer(odd.Pid(growing))) == shared:
        assert time.monotonic() < by
    assert asker.answer(odd.Pid(growing)) == own
    assert asker.answer(odd.Pid(small)) == shared
    asker.client.release(growing)
    await_end(own)


def test_a_process_that_does_not_start_is_an_error(tmp_path: Path) -> None:
    def broken() -> Any:
        return odd.launch(["false"])

    def missing() -> Any:
        return odd.launch([str(tmp_path / "no such program")])

    for start, word in ((broken, "immediately after it starts"), (missing, "cannot be started")):
        client = Client(start)
        told = Asker(client).ask(odd.Pid(tmp_path))
        assert word in reason(told)
        client.close()


def test_a_closed_client_leaves_no_process_and_takes_no_requests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(odd.start)
    asker = Asker(client)
    pid = asker.answer(odd.Pid(tmp_path))
    asker.ask(odd.Hang(tmp_path))
    asker.ask(odd.HangAside(tmp_path))
    client.close()
    assert not psutil.pid_exists(pid)
    told = asker.ask(odd.Pid(tmp_path))
    assert told.empty()


@pytest.mark.parametrize("request_of", [odd.Count, odd.HangAside])
def test_processes_end_with_the_app(tmp_path: Path, request_of: Callable[[Path], Request[Any]]) -> None:
    """The process that started them is killed while they work."""
    source = f"""
import sys
sys.path.append({str(odd.ROOT)!r})
from pathlib import Path
from queue import SimpleQueue
from engine.query import Client
from engine.query.run import Facts, ReadStand
from engine.runs import DB
from tests.unit.query import odd
from tests.unit.query.made import Made
client, told = Client(odd.start), SimpleQueue()
client.ask(odd.Pid(Path({str(tmp_path)!r})), told.put)
print(told.get().value, flush=True)
client.ask(odd.{request_of.__name__}(Path({str(tmp_path)!r})), told.put)
print(told.get().value, flush=True)
sys.stdin.read()
"""
    app = subprocess.Popen(
        [sys.executable, "-c", source], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with app:
        assert app.stdout
        pids = [int(app.stdout.readline()) for _ in range(2)]
        app.kill()
    for pid in pids:
        await_end(pid)


def test_what_is_open_is_closed_at_the_end(tmp_path: Path) -> None:
    """A run.db whose host ended while it was open becomes one file."""
    made = Made(tmp_path)
    made.add(0, [1, 2], bytes(2))
    made.commit()
    client = Client()
    asker = Asker(client)
    assert asker.answer(Facts(made.folder)).ok == 2
    made.close()
    assert (made.folder / (DB + "-wal")).exists()
    client.close()
    assert sorted(path.name for path in made.folder.iterdir() if path.name.startswith(DB)) == [DB]


def test_a_thread_may_wait_for_an_answer(asker: Asker, tmp_path: Path) -> None:
    assert asker.client.answer(odd.Count(tmp_path, last=5)) == 5
    with pytest.raises(QueryError, match=r"no run\.db"):
        asker.client.answer(Facts(tmp_path))
    asker.client.close()
    with pytest.raises(QueryError, match="ends"):
        asker.client.answer(odd.Pid(tmp_path))


def test_how_a_run_stands_comes_with_the_time_in_which_it_ran(asker: Asker, tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.add(0, [1, 2], bytes(2))
    made.commit()
    stand = asker.client.answer(ReadStand(made.folder))
    assert stand.facts == asker.client.answer(Facts(made.folder))
    made.close()
