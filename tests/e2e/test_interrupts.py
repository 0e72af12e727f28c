"""What happens to a run in the terminal that is interrupted, or whose host is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from engine.runs import OUTPUT, open_run, output_files
from tests.e2e.terminal import LIMIT, exported, poolhouse, printed, write_job
from tests.program import command

pytestmark = pytest.mark.usefixtures("program")


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@contextmanager
def started(job: Path, runs: Path) -> Iterator[subprocess.Popen[str]]:
    """The command that runs a job; it is ended afterwards."""
    process = subprocess.Popen(
        command("run", job, "--runs", runs), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()


def test_interrupt_stops_in_order_and_resume_finishes(tmp_path: Path, runs: Path) -> None:
    source = "import time\ndef f(x):\n    time.sleep(0.05)\n    print(x, flush=True)\n    return x"
    job = write_job(tmp_path, source, "[run]\nworkers = 2\n", 'kind = "range"\nstop = 60')
    with started(job, runs) as process:
        while not printed(runs):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 3
    folder = Path(out.splitlines()[-1])
    assert f"poolhouse resume {folder}" in err
    states = [record["status"] for record in exported(folder)]
    assert len(states) == 60
    assert 0 < states.count("ok") < 60

    done = poolhouse("resume", folder)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == str(folder)
    assert [record["value"] for record in exported(folder)] == list(range(60))


def test_a_second_interrupt_ends_the_run_at_once(tmp_path: Path, runs: Path) -> None:
    """Finished results are kept. Unlike after one interrupt, tasks that hang are not asked to end first."""
    source = "import time\ndef f(x):\n    print(x, flush=True)\n    time.sleep(1000 if x >= 10 else 0)"
    job = write_job(tmp_path, source, "[run]\nworkers = 2\nbatch = 1\n", 'kind = "range"\nstop = 20')
    with started(job, runs) as process:
        assert process.stderr is not None
        while len(printed(runs).split()) != 12:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        while "Stopping: " not in (line := process.stderr.readline()):
            assert line
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 3
    assert "Stopping now." in err
    assert "10 of 20 tasks" in err
    folder = Path(out.splitlines()[-1])
    assert f"poolhouse resume {folder}" in err
    statuses = [record["status"] for record in exported(folder)]
    assert statuses[:10] == ["ok"] * 10
    assert sorted(statuses[10:]) == ["cancelled"] * 2 + ["missing"] * 8
    with open_run(folder) as run:
        # on a busy machine there may be a third one, which would stand by
        assert {worker.signal for worker in run.workers.after()} == {"SIGKILL"}


def test_a_second_interrupt_ends_a_host_that_does_not_answer(tmp_path: Path, runs: Path) -> None:
    source = "import time\ndef f(x):\n    print(x, flush=True)\n    time.sleep(1000 if x >= 10 else 0)"
    job = write_job(tmp_path, source, "[run]\nworkers = 2\nbatch = 1\n", 'kind = "range"\nstop = 20')
    with started(job, runs) as process:
        assert process.stderr is not None
        while len(printed(runs).split()) != 12:
            assert process.poll() is None
        with open_run(next(runs.iterdir())) as run:
            os.kill(run.facts().pid, signal.SIGSTOP)
        process.send_signal(signal.SIGINT)
        while "Stopping: " not in (line := process.stderr.readline()):
            assert line
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 3
    assert "did not answer" in err
    assert "poolhouse resume" in err


def done_in(folder: Path) -> int:
    """How many tasks of a run are on disk. While run.db is being made, it may be locked."""
    if not any(path.read_text() for path in output_files(folder)):
        return 0
    with open_run(folder) as run:
        return sum(ref.count for ref in run.batches())


@pytest.mark.parametrize(
    "inputs",
    ['kind = "range"\nstop = 300', 'kind = "lines"\npath = "numbers.txt"'],
    ids=["range", "lines"],
)
def test_after_the_death_of_the_host_resume_and_export_give_every_task_once(
    tmp_path: Path, runs: Path, inputs: str
) -> None:
    (tmp_path / "numbers.txt").write_text("".join(f"{n}\n" for n in range(300)))
    source = """
import os, time
def f(x):
    print(x, flush=True)
    time.sleep(0.005)
    while int(x) >= 200 and not os.path.exists("go on"):
        time.sleep(0.01)
    return int(x) // (int(x) % 50)
"""
    job = write_job(tmp_path, source, "[run]\nworkers = 2\n", inputs)
    process = subprocess.Popen(command("run", job, "--runs", runs, "--quiet"), stdout=subprocess.PIPE)
    try:
        while not any(done_in(output.parent) >= 30 for output in runs.glob(f"*/{OUTPUT}")):
            assert process.poll() is None
        (host,) = psutil.Process(process.pid).children()
        host.kill()
        process.communicate(timeout=LIMIT)
    finally:
        process.kill()
    assert process.returncode == 3
    (folder,) = runs.iterdir()
    assert sum(record["status"] in ("ok", "error") for record in exported(folder)) >= 30

    (tmp_path / "go on").touch()
    done = poolhouse("resume", folder, "--quiet")
    assert done.returncode == 1, "every fiftieth task fails"
    records = exported(folder)
    assert [record["index"] for record in records] == list(range(300))
    assert [record["value"] for record in records] == [x // (x % 50) if x % 50 else None for x in range(300)]
    assert [int(record["input"]) for record in records] == list(range(300))


def test_endless_inputs_run_until_interrupted(tmp_path: Path, runs: Path) -> None:
    source = "import itertools\ndef inputs():\n    return itertools.count()\ndef f(x):\n    return x"
    job = write_job(tmp_path, source, "[run]\nworkers = 2\n", 'kind = "generator"\ngenerator = "inputs"')
    with started(job, runs) as process:
        while not any(folder.stat().st_size for folder in runs.glob("*/run.db-wal")):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=LIMIT)
    assert process.returncode == 3


@pytest.mark.parametrize("made", ["job.pool", OUTPUT, "run.db"])
def test_an_interrupt_while_the_run_begins(tmp_path: Path, runs: Path, made: str) -> None:
    job = write_job(tmp_path, "import time\ndef f(x):\n    time.sleep(1000)", "[run]\nworkers = 2\n")
    with started(job, runs) as process:
        while not any(runs.glob(f"*/{made}")):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 3, err
    assert "Traceback" not in err


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
def test_an_interrupt_while_the_interpreter_hangs(tmp_path: Path, runs: Path) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\ncase "$*" in *boot*) exec sleep 1000;; esac\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    job = tmp_path / "hangs.pool"
    job.write_text(
        '[function]\nimport = "math:sqrt"\npython = "python"\n[inputs]\nkind = "range"\nstop = 5\n'
    )
    with started(job, runs) as process:
        while not any(runs.glob(f"*/{OUTPUT}")):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 3, err
    assert "It was stopped before it began." in err


@pytest.mark.skipif(not hasattr(signal, "SIGQUIT"), reason="no such key")
def test_the_quit_key_shows_where_each_worker_is(tmp_path: Path, runs: Path) -> None:
    source = "import time\ndef wait_here():\n    time.sleep(1000)\ndef f(x):\n    print(x)\n    wait_here()"
    job = write_job(tmp_path, source, "[run]\nworkers = 2\n")
    seen = ""
    with started(job, runs) as process:
        assert process.stderr is not None
        while len(printed(runs).split()) != 2:
            assert process.poll() is None
        process.send_signal(signal.SIGQUIT)
        while seen.count("in wait_here") < 2:
            line = process.stderr.readline()
            assert line
            seen += line
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=LIMIT)
    assert "Worker 1 (process" in seen
    assert "on task 0" in seen
