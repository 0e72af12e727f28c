"""The benchmarks run; what they measure is looked at by people."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench import peers, tasks

ROOT = Path(__file__).parents[2]


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


@pytest.mark.parametrize("make", peers.PEERS)
def test_every_peer_measures(make, monkeypatch) -> None:
    monkeypatch.setattr(peers, "METHOD", "spawn")
    peer = make(1)
    try:
        assert peer.measure(tasks.no_op, 10) > 0
    finally:
        peer.close()
