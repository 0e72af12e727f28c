"""Host, app or both are killed at random moments: counted results are kept, and a resumed run is complete.

POOLHOUSE_SOAK sets the number of rounds.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from engine.job import Inputs, save
from engine.runs import open_run, runs_root
from tests.program import ROOT, command
from tests.running import START_METHODS, make_job

ROUNDS = int(os.environ.get("POOLHOUSE_SOAK", "12"))
TASKS = 3000
SOURCE = f"""
import time

def texts():
    return (f"{{n:04}}" * 1000 for n in range({TASKS}))

def f(x):
    time.sleep(0.0003)
    return number(x) * 3

def number(x):
    return int(str(x)[:4])
"""
INPUTS = [Inputs("range", stop=TASKS), Inputs("generator", generator="texts")]

APP = """
import sys
from pathlib import Path
from engine.job import load
from engine.launch import HostHandle, Progress
from engine.runs import create, runs_root
job = load(Path(sys.argv[1]))
with HostHandle.start(job, create(job, runs_root())) as host:
    while (message := host.receive()) is not None:
        if isinstance(message, Progress):
            print(message.done, flush=True)
"""


@pytest.mark.parametrize("number", range(ROUNDS))
def test_killed_at_a_random_moment(tmp_path: Path, number: int) -> None:
    """Also if rows share the columns of their inputs."""
    dice = random.Random(number)
    victims = ("host", "app", "both")[number % 3]
    job_file = tmp_path / "work.pool"
    method = START_METHODS[number // 3 % 3]
    save(make_job(tmp_path, SOURCE, inputs=INPUTS[number % 2], start_method=method), job_file)
    words = [sys.executable, "-c", APP, str(job_file)]
    app = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with suppress(subprocess.TimeoutExpired):
        app.wait(dice.uniform(0.1, 1.2))
    family = _kill(app.pid, victims)
    counts, _ = app.communicate(timeout=60)
    _, alive = psutil.wait_procs(family, timeout=5)
    assert not alive, f"{victims} killed, still there: {alive}"
    for folder in runs_root().glob("*/run.db"):
        _look(folder.parent, counted=int(counts.split()[-1]) if counts else 0)


def _kill(app: int, victims: str) -> list[psutil.Process]:
    """Kill app, host or both; returns all processes of the run."""
    try:
        family = [psutil.Process(app), *psutil.Process(app).children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
    for place, name in enumerate(("app", "host")):
        if victims in (name, "both") and place < len(family):
            with suppress(ProcessLookupError):
                os.kill(family[place].pid, signal.SIGKILL)
    return family[1:]


def _look(folder: Path, counted: int) -> None:
    """What was counted is there; the rest comes with `resume`, each task once."""
    with open_run(folder) as run:
        assert run.facts().state != "running"
        assert run.facts().ok >= counted
    resume = command("resume", folder, "--quiet")
    done = subprocess.run(resume, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    with open_run(folder) as run:
        assert (run.facts().state, run.facts().ok) == ("finished", TASKS)
        ended = sorted((ref.first, ref.first + ref.count) for ref in run.batches(limit=TASKS))
        assert [first for first, _ in ended] == [0, *(stop for _, stop in ended[:-1])]
    done = subprocess.run(command("export", folder, "--format", "jsonl"), stdout=subprocess.PIPE, timeout=60)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    found = [(record["index"], int(str(record["input"])[:4]), record["value"]) for record in records]
    assert found == [(x, x, x * 3) for x in range(TASKS)]
