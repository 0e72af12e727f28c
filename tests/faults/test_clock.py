"""The wall clock is set during a run: it only dates things and measures nothing."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from engine.launch import Ended, HostHandle, Message, Progress
from tests.running import make_job, run_job

SHIM = Path(__file__).parents[1] / "data/clock_shim.c"
COMPILER = shutil.which("cc") or shutil.which("gcc")
HOUR = 3600
SLOW = """
import time
def f(x):
    end = time.monotonic() + 0.05
    while time.monotonic() < end:
        time.sleep(0.005)
    if x == 35:
        time.sleep(1000)
    return x
"""


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file with the seconds by which the wall clock of hosts and workers is wrong."""
    if COMPILER is None:
        pytest.skip("there is no compiler of C")
    library, file = tmp_path / "shim.so", tmp_path / "shift"
    subprocess.run([COMPILER, "-shared", "-fPIC", SHIM, "-o", library, "-ldl"], check=True)
    file.write_bytes(bytes(4096))
    monkeypatch.setenv("LD_PRELOAD", str(library))
    monkeypatch.setenv("SHIM_FILE", str(file))
    return file


@pytest.mark.parametrize("shift", [HOUR, -HOUR], ids=["forward", "backward"])
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_limits_and_counts_go_by_another_clock(tmp_path: Path, clock: Path, method: str, shift: int) -> None:
    seen: list[int] = []

    def set_clock(_: HostHandle, message: Message) -> None:
        if isinstance(message, Progress):
            if message.done >= 4:
                with clock.open("r+b") as file:
                    file.write(struct.pack("<q", shift))
            seen.append(message.done)

    job = make_job(tmp_path, SLOW, inputs=range(40), batch=1, timeout=3.0, start_method=method)
    run = run_job(job, set_clock)
    assert isinstance(run.ended, Ended)
    assert run.ended.state == "finished"
    assert run.statuses == {35: "timeout"}
    assert len({done for done in seen if 4 < done < 39}) > 3, "results are counted as they come"
    assert all(0 <= record.seconds < 60 for record in run.records if record.seconds is not None)
