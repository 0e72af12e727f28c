"""The benchmarks run; people judge the figures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.peers import PEERS

ROOT = Path(__file__).parents[2]
LOADS = """
import sys
from dataclasses import replace
from tests.bench import loads, peers

if __name__ == "__main__":
    kind = next(kind for kind in peers.PEERS if kind.__name__ == sys.argv[1])
    peer = kind(1)
    for load in loads.LOADS:
        assert sum(1 for _ in peer.results(load, 2, peer.chunks[-1])) == 2, load
    peer.close()
"""
OURS = """
from tests.bench import loads, ours

for load in loads.LOADS:
    assert ours.measure(load, 2, 1) > 0, load
"""


def start(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_a_row_is_printed() -> None:
    done = start("-m", "tests.bench", "engine", "first result, spawn")
    assert (done.returncode, done.stderr) == (0, "")
    assert "| first result, spawn " in done.stdout


def test_an_unknown_table() -> None:
    done = start("-m", "tests.bench", "nothing")
    assert done.returncode == 2
    assert "engine" in done.stdout


def test_poolhouse_runs_every_load() -> None:
    done = start("-c", OURS)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("kind", PEERS, ids=lambda kind: kind.name)
def test_a_peer_runs_every_load(kind: type, tmp_path: Path) -> None:
    # Not in this process: a pool leaves helper processes until the process that made it ends.
    script = tmp_path / "measure.py"
    script.write_text(f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{LOADS}", "utf-8")
    done = start(str(script), kind.__name__)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_log_table_on_a_small_file(monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.log import prefilter
    from tests.bench import logs
    from tests.bench.logs import PUBLISHED, SEARCHES, rows

    monkeypatch.setattr(prefilter, "tool", lambda: None)
    monkeypatch.setattr(logs.shutil, "which", lambda name: None)
    table = list(rows(lambda name: True, size=1 << 20))
    assert [row[0] for row in table[1:]] == [
        "first screen",
        "line index",
        "records, levels, times",
        *(name for name, _, _ in SEARCHES),
        "level and above",
        "follow: 10,000 new lines",
        *(name for name, _, _ in PUBLISHED),
    ]
    assert all(float(row[1]) >= 0 for row in table[1 : -len(PUBLISHED)])


def test_the_results_table_on_a_small_run(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.bench import results

    monkeypatch.setattr(results, "_installed", lambda package: None)
    heading, *table = results.results(["20000"])
    assert [row[0] for row in table] == list(results.STEPS)
    assert all(float(cell) >= 0 for row in table for cell in row[1:4])
    assert {cell for row in table for cell in row[4:-1]} == {"not installed"}
    assert len(heading) == len(table[0])
