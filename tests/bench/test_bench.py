"""The benchmarks run; what they measure is looked at by people."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

MEASURE = """
from tests.bench import peers, tasks

for make in peers.PEERS:
    peer = make(1)
    assert peer.measure(tasks.no_op, 10) > 0
    peer.close()
"""


def bench(*names: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "tests.bench", *names]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_a_table_is_printed() -> None:
    done = bench("first-result")
    assert (done.returncode, done.stderr) == (0, "")
    assert "| spawn " in done.stdout


def test_an_unknown_table() -> None:
    done = bench("nothing")
    assert done.returncode == 2
    assert "throughput" in done.stdout


def test_every_peer_measures() -> None:
    # Not in here: a pool leaves helper processes until the process that made it ends.
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", MEASURE], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
