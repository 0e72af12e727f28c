"""The lock on a run folder: who holds it, for how long, and what decides without it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from engine.host import system
from engine.host.errors import BrokenRun
from engine.host.record import lock
from engine.host.record.lock import RunLock, is_held
from engine.host.record.schema import LOCK
from engine.runs.alive import is_alive, refusal
from tests.program import ROOT

HOLD = """
import sys
from engine.host.record.lock import RunLock
held = RunLock(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
held.close()
"""


@contextmanager
def holder(folder: Path, code: str = HOLD) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock on `folder` until its stdin is closed."""
    command = [sys.executable, "-c", code, str(folder)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process


def test_a_lock_is_held_until_it_is_given_up(tmp_path: Path) -> None:
    assert is_held(str(tmp_path)) is False
    with holder(tmp_path):
        assert is_held(str(tmp_path)) is True
    assert is_held(str(tmp_path)) is False
    assert not (tmp_path / LOCK).exists()


def test_a_second_host_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "PATIENCE", 0.05)
    with holder(tmp_path) as process:
        with pytest.raises(BrokenRun, match="run by another process"):
            RunLock(str(tmp_path))
        process.kill()
        process.wait()
        assert (tmp_path / LOCK).exists(), "nobody was there to remove it"
        RunLock(str(tmp_path)).close()
    assert not (tmp_path / LOCK).exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked here")
def test_a_forked_child_does_not_keep_the_lock_of_a_dead_host(tmp_path: Path) -> None:
    fork = HOLD.replace(
        "print(", "child = os.fork() or signal.pause()\nprint(child, file=sys.stderr)\nprint("
    )
    code = "import os, signal" + fork
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        child = int(process.stderr.readline())
        assert process.stdout.readline() == "held\n"
        assert is_held(str(tmp_path)) is True
        process.kill()
        process.wait()
        assert is_held(str(tmp_path)) is False
        os.kill(child, signal.SIGKILL)


def test_what_others_look_at_does_not_keep_a_host_out(tmp_path: Path) -> None:
    """Whoever looks holds the lock for a moment; a host tries again."""
    look = "import fcntl, os, sys, time; fd = os.open(sys.argv[1] + '/run.lock', os.O_RDWR | os.O_CREAT)\n"
    look += "fcntl.lockf(fd, fcntl.LOCK_SH); print('held', flush=True); time.sleep(0.2)"
    pytest.importorskip("fcntl")
    with holder(tmp_path, look):
        RunLock(str(tmp_path)).close()


def test_a_folder_that_cannot_be_written_is_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / LOCK).mkdir()
    with pytest.raises(BrokenRun, match="resume a copy"):
        RunLock(str(tmp_path))


@pytest.fixture
def facts() -> dict[str, Any]:
    """Facts of a run whose host is this process."""
    return {
        "machine": socket.gethostname(),
        "boot": system.boot(),
        "pid": os.getpid(),
        "launched": time.time(),
    }


@pytest.fixture
def no_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a file system without locks."""
    for name in ("take_lock", "can_lock"):
        monkeypatch.setattr(system, name, lambda _fd: None)


def test_the_lock_decides_and_not_a_process_id(tmp_path: Path, facts: dict[str, Any]) -> None:
    """The process with the id of a dead host may be another one, or in another container."""
    assert not is_alive(tmp_path, facts)
    (tmp_path / LOCK).touch()
    assert not is_alive(tmp_path, facts)
    with holder(tmp_path):
        assert is_alive(tmp_path, {**facts, "machine": "another", "pid": 1 << 30})


@pytest.mark.usefixtures("no_locks")
def test_without_locks_the_facts_decide(tmp_path: Path, facts: dict[str, Any]) -> None:
    held = RunLock(str(tmp_path))
    assert is_alive(tmp_path, facts)
    assert not is_alive(tmp_path, {**facts, "pid": 1 << 30}), "it is gone"
    assert not is_alive(tmp_path, {**facts, "launched": 1.0}), "its process id is another's"
    boot, _, space = system.boot().partition("/")
    assert not is_alive(tmp_path, {**facts, "boot": f"before/{space}"}), "the machine was started again"
    for elsewhere in ({"machine": "another"}, {"boot": f"{boot}/another"}):
        assert is_alive(tmp_path, {**facts, **elsewhere}), "which cannot be seen from here"
    assert str(tmp_path / LOCK) in refusal(tmp_path, "another")
    held.close()
    assert not is_alive(tmp_path, {**facts, "machine": "another"})
