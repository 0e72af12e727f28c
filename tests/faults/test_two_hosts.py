"""Two hosts on one run folder, and hosts whose death nobody could see."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.host.record.lock import is_held
from engine.runs import open_run
from tests.e2e.terminal import LIMIT, exported, poolhouse, printed, write_job
from tests.program import command
from tests.unit.test_run_lock import holder

pytestmark = pytest.mark.usefixtures("program")
HELD = """\
import os, time
def f(x):
    print(x, flush=True)
    while x > 9 and not os.path.exists("go"):
        time.sleep(0.02)
    return x"""
"""From the eleventh task on, a call waits for a file beside the function's."""
SLOW = "import time\ndef f(x):\n    print(x, flush=True)\n    time.sleep(0.05)\n    return x"
MANY = 'kind = "range"\nstop = 100'
CONTAINER = ["unshare", "--fork", "--pid", "--mount-proc", "--kill-child"]


def _has_containers() -> bool:
    return (
        sys.platform == "linux" and subprocess.run([*CONTAINER, "true"], capture_output=True).returncode == 0
    )


in_a_container = pytest.mark.skipif(not _has_containers(), reason="process id namespaces need root")


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def contained(tmp_path: Path, runs: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """A run in a process id namespace of its own, as in a container, and its folder."""
    source = HELD.replace('"go"', repr(str(tmp_path / "go")))
    job = write_job(tmp_path, source, "[run]\nworkers = 2\n", MANY)
    process = subprocess.Popen(
        [*CONTAINER, *command("run", job, "--runs", runs, "--quiet")], stdout=subprocess.DEVNULL
    )
    try:
        while not printed(runs):
            assert process.poll() is None
        yield process, next(runs.iterdir())
    finally:
        process.kill()
        process.wait()


@in_a_container
def test_a_run_in_a_container_is_seen_from_outside(
    contained: tuple[subprocess.Popen[bytes], Path], tmp_path: Path
) -> None:
    process, folder = contained
    with open_run(folder) as run:
        assert run.facts().state == "running"
    done = poolhouse("resume", folder, "--quiet")
    assert (done.returncode, done.stdout) == (2, "")
    assert "still running" in done.stderr
    (tmp_path / "go").touch()
    assert process.wait(LIMIT) == 0
    assert [record["index"] for record in exported(folder)] == list(range(100))


@in_a_container
def test_a_run_of_a_dead_container_is_resumed(
    contained: tuple[subprocess.Popen[bytes], Path], tmp_path: Path
) -> None:
    """Outside, its process id belongs to another process as long as the machine runs."""
    process, folder = contained
    process.kill()
    process.wait()
    while is_held(str(folder)):  # the system ends its processes in its own time
        pass
    with open_run(folder) as run:
        # the host sees the command end, and may have a moment to stop the run in order
        assert run.facts().state in ("interrupted", "stopped")
    (tmp_path / "go").touch()
    assert poolhouse("resume", folder, "--quiet").returncode == 0
    assert [record["value"] for record in exported(folder)] == list(range(100))


def _stopped(tmp_path: Path, runs: Path, source: str = SLOW) -> Path:
    """The folder of a run that was stopped."""
    job = write_job(tmp_path, source, "[run]\nworkers = 2\n", MANY)
    process = subprocess.Popen(command("run", job, "--runs", runs, "--quiet"), stderr=subprocess.DEVNULL)
    while not printed(runs):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    assert process.wait(LIMIT) == 3
    return next(runs.iterdir())


def test_a_second_host_changes_nothing_of_the_first_ones_run(tmp_path: Path, runs: Path) -> None:
    """If both pass the check of the state, the lock keeps the later one out."""
    folder = _stopped(tmp_path, runs)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with holder(folder):
        done = poolhouse("resume", folder, "--quiet")
        assert done.returncode == 2
        assert "is being run by another process" in done.stderr
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert poolhouse("resume", folder, "--quiet").returncode == 0


def test_two_resumes_at_once(tmp_path: Path, runs: Path) -> None:
    go = tmp_path / "go"
    folder = _stopped(tmp_path, runs, HELD.replace('"go"', repr(str(go))))
    both = [
        subprocess.Popen(command("resume", folder, "--quiet"), stderr=subprocess.DEVNULL) for _ in range(2)
    ]
    while all(process.poll() is None for process in both):
        pass  # the one that has the run waits for a file
    assert {process.poll() for process in both} == {None, 2}
    go.touch()
    assert sorted(process.wait(LIMIT) for process in both) == [0, 2]
    assert [record["value"] for record in exported(folder)] == list(range(100))


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="root mounts")
def test_a_run_in_a_read_only_place_is_not_resumed(tmp_path: Path, runs: Path) -> None:
    folder = _stopped(tmp_path, runs)
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", folder], check=True)
        done = poolhouse("resume", folder, "--quiet")
    finally:
        subprocess.run(["umount", folder], check=True)
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert "resume a copy" in done.stderr
    copy = shutil.copytree(folder, tmp_path / "copy")
    assert poolhouse("resume", copy, "--quiet").returncode == 0
