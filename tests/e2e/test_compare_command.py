"""`poolhouse compare`: output and exit statuses, with real functions whose kind no load can disguise."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.terminal import LIMIT, poolhouse, write_job
from tests.program import command

pytestmark = pytest.mark.usefixtures("program")

QUICK = ("--budget", 0.01, "--sample", 8)
"""Each way once."""
SLEEPS = "import time\ndef f(x):\n    time.sleep(0.05)\n    return x"


def compared(job: Path, *more: object) -> dict[str, Any]:
    done = poolhouse("compare", job, "--format", "json", *(more or QUICK))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_what_sleeps_has_threads(tmp_path: Path) -> None:
    job = write_job(tmp_path, SLEEPS, inputs='kind = "range"\nstop = 200')
    found = compared(job, "--budget", 0.01, "--sample", 16)
    verdict = found["verdict"]
    assert verdict["mode"] == "threads"
    assert verdict["workers"] > 2
    assert verdict["kind"] == "waiting"
    assert verdict["reason"]
    assert verdict["low_seconds"] <= verdict["expected_seconds"] <= verdict["high_seconds"]
    assert found["inputs"] == 200
    assert found["sample"] == 16
    by_way = {(row["mode"], row["workers"]): row for row in found["measurements"]}
    assert {("serial", 1), ("threads", 2), ("pool", 1), ("pool", 2)} <= by_way.keys()
    assert by_way["serial", 1]["speed_up"] == 1.0
    assert by_way["serial", 1]["task_seconds"] > 0.01
    assert not list(tmp_path.glob("*_f*"))


def test_calls_are_announced_and_then_told_in_a_table(tmp_path: Path) -> None:
    job = write_job(tmp_path, "def f(x): return x + 1", inputs='kind = "range"\nstop = 1000')
    done = poolhouse("compare", job, "--budget", 0.01, "--sample", 1000)  # of few, a busy core says too much
    assert done.returncode == 0
    assert done.stderr.startswith("Calls f on its 1,000 inputs: ")
    assert done.stdout.splitlines()[1].startswith("in turn ")
    assert 'Advice: mode "serial", about ' in done.stdout


def test_all_calls_are_counted(tmp_path: Path) -> None:
    marks = tmp_path / "calls"
    source = f"def f(x):\n    with open({str(marks)!r}, 'a') as file: file.write('x')\n    return x"
    found = compared(write_job(tmp_path, source), *QUICK, "--batch-sizes", "2", "--start-methods", "spawn")
    assert found["calls"] == len(marks.read_text())
    ways = [(row["start_method"], row["batch"]) for row in found["measurements"]]
    assert ("spawn", 0) in ways
    assert ("", 2) in ways


def test_inputs_on_the_standard_input_that_fail_in_part(tmp_path: Path) -> None:
    job = write_job(tmp_path, "def f(x): return 6 // int(x)", inputs='kind = "lines"\npath = "-"')
    words = command("compare", job, "--format", "json", "--quiet", *QUICK)
    done = subprocess.run(words, input="1\n0\n3\n", capture_output=True, text=True, timeout=LIMIT)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert found["inputs"] == 3
    assert "calls failed" in found["verdict"]["reason"]


BAD = {
    "import fails": ("import not_there\ndef f(x): return x", "", (), "not_there"),
    "bad mode": ("def f(x): return x", '[run]\nmode = "swarm"\n', (), "run.mode"),
    "bad start method": ("def f(x): return x", "", ("--start-methods", "spoon"), "run.start_method"),
    "each call fails": ("def f(x): return 1 / 0", "", (), "ZeroDivisionError"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_compared_is_refused(tmp_path: Path, case: str) -> None:
    source, job, words, said = BAD[case]
    done = poolhouse("compare", write_job(tmp_path, source, job), *QUICK, *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("words", [("--budget", "nan"), ("--blas", "x")])
def test_bad_options_are_refused(tmp_path: Path, words: tuple[str, str]) -> None:
    assert poolhouse("compare", write_job(tmp_path, "def f(x): return x"), *words).returncode == 2


def test_an_interrupt_stops_it(tmp_path: Path) -> None:
    job = write_job(tmp_path, "import time\ndef f(x): time.sleep(600)")
    process = subprocess.Popen(command("compare", job), stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert process.stderr.readline().startswith("Calls f")
    process.send_signal(signal.SIGINT)
    with process.stderr:
        assert process.stderr.read() == "poolhouse: Stopped.\n"
    assert process.wait(LIMIT) == 3
