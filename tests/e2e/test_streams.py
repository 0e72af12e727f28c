"""Losing the command's own output ends no run and changes no status; signals end a run in order."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.e2e.terminal import LIMIT, exported, poolhouse, printed, write_job
from tests.faults.test_two_hosts import CONTAINER, in_a_container
from tests.program import command

pytestmark = [
    pytest.mark.usefixtures("program"),
    pytest.mark.skipif(os.name == "nt", reason="a POSIX shell"),
]
ONE_FAILS = "def f(x):\n    print(x, flush=True)\n    return 6 // (x - 2)"
WAITS = "import time\ndef f(x):\n    print(x, flush=True)\n    time.sleep(0.1)\n    return x"


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def in_shell(line: str, *words: object) -> subprocess.CompletedProcess[str]:
    """The command with these arguments in place of `poolhouse` in `line`, as bash runs it."""
    script = line.replace("poolhouse", shlex.join(command(*words)))
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=LIMIT)


def statuses(runs: Path) -> list[str]:
    (folder,) = runs.iterdir()
    return [record["status"] for record in exported(folder)]


LINES = [
    "poolhouse 2>&1 | head -1; exit ${PIPESTATUS[0]}",
    "poolhouse 2>&1 | true; exit ${PIPESTATUS[0]}",
    "poolhouse --quiet | true; exit ${PIPESTATUS[0]}",
    "poolhouse 2>/dev/full",
    "poolhouse >/dev/full",
    "poolhouse >/dev/full 2>&1",
    "poolhouse 2>&-",
    "poolhouse >&-",
    "poolhouse <&-",
    "poolhouse <&- >&- 2>&-",
]


@pytest.mark.parametrize("line", LINES)
def test_a_run_goes_on_whatever_becomes_of_its_words(tmp_path: Path, runs: Path, line: str) -> None:
    done = in_shell(line, "run", write_job(tmp_path, ONE_FAILS), "--runs", runs)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
    assert statuses(runs) == ["ok", "error", "ok"]


def test_a_bar_on_a_terminal_that_is_closed(tmp_path: Path, runs: Path) -> None:
    job = write_job(tmp_path, WAITS, "[run]\nworkers = 2\n", 'kind = "range"\nstop = 20')
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    process = subprocess.Popen(
        command("run", job, "--runs", runs), stdout=subprocess.PIPE, stderr=slave, text=True
    )
    os.close(slave)
    while b"%|" not in os.read(master, 4096):
        pass
    os.close(master)
    out, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0
    assert out == f"{next(runs.iterdir())}\n"


def test_a_reader_that_takes_nothing_holds_nothing_up(tmp_path: Path, runs: Path) -> None:
    """Such as a pager, or a terminal after Ctrl-S: the run ends, and Ctrl-C works."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    while True:
        try:
            os.write(write, bytes(1 << 12))
        except BlockingIOError:
            break
    os.set_blocking(write, True)
    job = write_job(tmp_path, ONE_FAILS)
    process = subprocess.Popen(command("run", job, "--runs", runs), stdout=subprocess.DEVNULL, stderr=write)
    os.close(write)
    assert process.wait(LIMIT) == 1
    os.close(read)
    assert statuses(runs) == ["ok", "error", "ok"]


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["run", "--help"]])
def test_help_that_nobody_reads(words: list[str]) -> None:
    done = in_shell("poolhouse | true; exit ${PIPESTATUS[0]}", *words)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_export_that_cannot_be_written_says_so(tmp_path: Path, runs: Path) -> None:
    folder = poolhouse("run", write_job(tmp_path, ONE_FAILS), "--runs", runs).stdout.strip()
    done = in_shell("poolhouse >/dev/full", "export", folder)
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert in_shell("poolhouse >/dev/full 2>&1", "export", folder).returncode == 2
    assert in_shell("poolhouse | true; exit ${PIPESTATUS[0]}", "export", folder).returncode == 0


def started(job: Path, runs: Path, *before: str) -> subprocess.Popen[str]:
    """The command that runs a job, once its first task runs."""
    process = subprocess.Popen(
        [*before, *command("run", job, "--runs", runs, "--quiet")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not printed(runs):
        assert process.poll() is None
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_end_stops_a_run_in_order(tmp_path: Path, runs: Path, number: signal.Signals) -> None:
    job = write_job(tmp_path, WAITS, "[run]\nworkers = 2\n", 'kind = "range"\nstop = 200')
    process = started(job, runs)
    process.send_signal(number)
    out, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 3
    folder = out.splitlines()[-1]
    assert "Stopping: " in err
    assert f"poolhouse resume {folder}" in err
    assert 0 < statuses(runs).count("ok") < 200


def test_nohup_is_heeded(tmp_path: Path, runs: Path) -> None:
    job = write_job(tmp_path, WAITS, "[run]\nworkers = 2\n", 'kind = "range"\nstop = 20')
    process = started(job, runs, "nohup")
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=LIMIT)
    assert process.returncode == 0


def test_a_signal_before_there_is_a_run(tmp_path: Path) -> None:
    """Such as while inputs still arrive over stdin."""
    job = write_job(tmp_path, WAITS, inputs='kind = "lines"\npath = "-"')
    process = subprocess.Popen(
        command("run", job, "--runs", tmp_path / "runs"),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not list((tmp_path / "runs").glob("*/stdin")):
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=LIMIT)
    assert (process.returncode, err) == (3, "poolhouse: Stopped.\n")
    assert not list((tmp_path / "runs").iterdir())


LEAVES_CHILDREN = """
import os, subprocess, time
def f(x):
    print(x, flush=True)
    if x < 20:
        subprocess.Popen(["true"])
        subprocess.Popen(["sh", "-c", "sleep 0.1 & exec sleep 1000"])
        os._exit(1)
    while not os.path.exists("go on"):
        time.sleep(0.01)
"""


def zombies(process: psutil.Process) -> int:
    """How many descendants of a process are zombies."""
    found = 0
    for child in process.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            found += child.status() == psutil.STATUS_ZOMBIE
    return found


@in_a_container
def test_process_1_of_a_container_has_no_zombies(tmp_path: Path, runs: Path) -> None:
    """Nobody else is there to reap what tasks have started."""
    job = write_job(tmp_path, LEAVES_CHILDREN, "[run]\nworkers = 2\n", 'kind = "range"\nstop = 21')
    process = started(job, runs, *CONTAINER)
    while "20" not in printed(runs).split():
        assert process.poll() is None
    inside = psutil.Process(process.pid)
    while zombies(inside):
        assert process.poll() is None
    (tmp_path / "go on").touch()
    process.communicate(timeout=LIMIT)
    assert process.returncode == 1


@in_a_container
def test_sigterm_stops_process_1_of_a_container(tmp_path: Path, runs: Path) -> None:
    """There, a signal without a handler of ours would do nothing."""
    job = write_job(tmp_path, WAITS, "[run]\nworkers = 2\n", 'kind = "range"\nstop = 200')
    process = started(job, runs, *CONTAINER)
    (first,) = psutil.Process(process.pid).children()
    first.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 3
    assert "poolhouse resume" in err
    assert 0 < statuses(runs).count("ok") < 200
