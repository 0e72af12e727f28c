"""Log records that cannot be written: nothing waits for them, each is counted, no descriptor leaks."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.check import check
from engine.job import Log
from engine.launch import Noticed
from tests.running import START_METHODS, Finished, make_job, run_job

every_start_method = pytest.mark.parametrize("method", START_METHODS)


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KB; needs the right to mount it."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "none", disk], capture_output=True
    ).returncode:
        pytest.skip("this user may not mount a disk")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def notices(run: Finished) -> list[str]:
    return [f"{m.what} {m.why}" for m in run.messages if isinstance(m, Noticed)]


@every_start_method
def test_a_full_disk(tmp_path: Path, full_disk: Path, method: str) -> None:
    source = f"""
import logging, os
fill = {str(full_disk / "fill")!r}
def f(x):
    if x == 10:
        with open(fill, "wb", 0) as file:
            try:
                while file.write(b"x" * 512): pass
            except OSError: pass
    if x == 800:
        os.remove(fill)
    logging.warning("at %d %s", x, "." * 100)
    return len(os.listdir("/proc/self/fd"))
"""
    log = Log(file=str(full_disk / "own.log"))
    run = run_job(make_job(tmp_path, source, inputs=range(1000), workers=1, start_method=method, log=log))
    assert run.statuses == {}
    assert len(set(run.values[20:])) == 1, "no descriptor is leaked"
    assert len(run.log) == 1000
    first, last = notices(run)[0], notices(run)[-1]
    assert "No space left on device" in first
    kept = (full_disk / "own.log").read_text().splitlines()
    records = [line for line in kept if line.endswith("...")]
    lost = 1000 - len(records)
    assert 100 < lost < 800
    assert f"{lost:,} of them are lost" in last
    assert sum("log records were lost here: No space left on device]" in line for line in kept) >= 1


@every_start_method
def test_a_folder_that_is_removed(tmp_path: Path, method: str) -> None:
    (tmp_path / "logs").mkdir()
    source = f"""
import logging, shutil, time
def f(x):
    if x == 2:
        shutil.rmtree({str(tmp_path / "logs")!r})
        time.sleep(1.2)
    logging.warning("at %d", x)
    return x
"""
    log = Log(file="logs/own.log")
    job = make_job(tmp_path, source, inputs=range(6), workers=1, batch=1, start_method=method, log=log)
    run = run_job(job)
    assert run.statuses == {}
    assert "4 of them are lost so far. The last reason: " in notices(run)[-1]
    assert "No such file or directory" in notices(run)[-1]


@every_start_method
def test_descriptors_that_are_now_those_of_other_files(tmp_path: Path, method: str) -> None:
    """Nothing is written into the user's files, and none of them is closed."""
    source = """
import logging, os, time
others = []
def f(x):
    if x == 2:
        for fd in map(int, os.listdir("/proc/self/fd")):
            try: path = os.readlink(f"/proc/self/fd/{fd}")
            except OSError: continue
            if path.endswith(".log"):
                other = os.open("other", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                os.dup2(other, fd)
                others.append(fd)
    if x == 3:
        time.sleep(1.2)
    logging.warning("at %d", x)
    return len(os.listdir("/proc/self/fd")), [os.fstat(fd).st_size for fd in others]
"""
    log = Log(file="own.log")
    job = make_job(tmp_path, source, inputs=range(8), workers=1, batch=1, start_method=method, log=log)
    run = run_job(job)
    assert run.statuses == {}
    assert run.log == (tmp_path / "own.log").read_text().splitlines()
    assert run.log == [f"root - WARNING - at {x}" for x in range(8)]
    assert all(value[1] and not any(value[1]) for value in run.values[2:])
    assert len({value[0] for value in run.values[3:]}) == 1
    assert (tmp_path / "other").stat().st_size == 0


@pytest.mark.parametrize(
    ("name", "reason"),
    [("pipe", "it is a pipe"), ("folder", "it is a folder"), ("no/x.log", "there is no folder")],
)
def test_a_log_file_that_cannot_be_written_is_an_error_before_anything_runs(
    tmp_path: Path, name: str, reason: str
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    source = "import pathlib\npathlib.Path('ran').touch()\ndef f(x): return x"
    job = make_job(tmp_path, source, inputs=range(2), log=Log(file=name))
    assert [problem.key for problem in check(job)] == ["log.file"]
    run = run_job(job)
    assert (run.ended.state, run.ended.key, run.ended.ran) == ("failed", "log.file", False)
    assert reason in run.ended.reason
    assert not (tmp_path / "ran").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_a_log_file_where_nothing_can_be_made(tmp_path: Path) -> None:
    job = make_job(tmp_path, "def f(x): return x", inputs=range(2), log=Log(file="/proc/x.log"))
    run = run_job(job)
    assert (run.ended.state, run.ended.key) == ("failed", "log.file")
    assert "Choose a file that you may write." in run.ended.reason
