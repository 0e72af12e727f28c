"""The mode dask, with a real scheduler and worker processes on the loopback interface."""

from __future__ import annotations

import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.host.cluster.fitting import unfit
from engine.host.record.schema import DB
from engine.job import Inputs, Job, dumps
from engine.launch import HostHandle, Message, Progress
from engine.runs import open_run
from tests.clusters import Cluster
from tests.conformance.test_modes import check, job_of
from tests.program import command
from tests.running import Finished, make_job, run_job

pytest.importorskip("distributed", reason="distributed is not installed")
pytestmark = pytest.mark.timeout(400)  # many processes that import Dask start, and the machine may be busy
WORKERS = 3


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("cluster"), WORKERS)
    yield cluster
    cluster.close()


@pytest.fixture
def cluster(running: Cluster) -> Iterator[Cluster]:
    """The cluster, complete; what a test added to it is ended."""
    before = {*running.workers, running.scheduler}
    running.mend(WORKERS)
    yield running
    running.keep_only(before)


def cluster_job(folder: Path, cluster: Cluster, source: str, inputs: Any, **run: Any) -> Job:
    return make_job(folder, source, inputs=inputs, mode="dask", scheduler=cluster.address, workers=0, **run)


def test_it_gives_what_the_other_modes_give(tmp_path: Path, cluster: Cluster) -> None:
    run = run_job(with_cluster(job_of(tmp_path, "dask"), cluster))
    check(run, "dask")
    with open_run(run.folder) as reader:
        assert reader.facts().workers == WORKERS
    with closing(sqlite3.connect(run.folder / DB)) as db:  # process ids of other machines mean nothing here
        assert db.execute("SELECT count(*) FROM usage").fetchone() == (0,)


def with_cluster(job: Job, cluster: Cluster) -> Job:
    return job.with_(run=replace(job.run, scheduler=cluster.address))


def test_a_cluster_of_its_own(tmp_path: Path) -> None:
    run = run_job(make_job(tmp_path, "def f(x): return x + 1", inputs=range(9), mode="dask"))
    assert run.values == list(range(1, 10))


SEEN = """
import os, time
HERE = os.path.dirname(os.path.abspath(__file__))
def f(x):
    open(os.path.join(HERE, "seen", str(os.getppid())), "w").close()  # one for each machine
    wanted = 3 if x < 30 else 4
    while len(os.listdir(os.path.join(HERE, "seen"))) < wanted:
        time.sleep(0.01)
    return x
"""


def test_workers_go_and_come(tmp_path: Path, cluster: Cluster) -> None:
    """The run needs all three; then one is killed, and the run ends only if the added one also gets work."""
    (tmp_path / "seen").mkdir()
    killed: list[int] = []

    def react(_host: HostHandle, message: Message) -> None:
        if isinstance(message, Progress) and message.ok and not killed:
            killed.append(message.ok)
            cluster.kill_worker()
            cluster.add()

    run = run_job(cluster_job(tmp_path, cluster, SEEN, range(60)), react)
    assert killed
    assert (run.ended.state, run.values) == ("finished", list(range(60)))  # type: ignore[union-attr]


def test_a_task_that_takes_three_machines_with_it_has_died(tmp_path: Path, cluster: Cluster) -> None:
    source = (
        "import os, signal\ndef f(x):\n    if x == 7: os.kill(os.getppid(), signal.SIGKILL)\n    return x"
    )
    run = run_job(cluster_job(tmp_path, cluster, source, range(20)))
    assert run.statuses == {7: "died"}
    assert "Three workers of the cluster were lost while on input 7 (task 7)." in run.records[7].error
    assert [r.value for r in run.records if r.index != 7] == [x for x in range(20) if x != 7]


def test_the_scheduler_is_killed_and_the_run_resumed(tmp_path: Path, cluster: Cluster) -> None:
    source = "import time\ndef f(x):\n    time.sleep(0.02)\n    return -x"
    job = cluster_job(tmp_path, cluster, source, range(200))
    (tmp_path / "job.pool").write_text(dumps(job, tmp_path), "utf-8")
    killed: list[int] = []

    def react(_host: HostHandle, message: Message) -> None:
        if isinstance(message, Progress) and message.ok and not killed:
            killed.append(message.ok)
            cluster.kill_scheduler()

    first = run_job(job, react)
    ended: Any = first.ended
    assert (ended.state, ended.ran) == ("failed", True)
    assert "The Dask scheduler was lost" in ended.reason
    assert killed[0] <= ended.ok < 200
    cluster.end_workers()
    done = poolhouse("resume", first.folder)
    assert done.returncode == 2
    assert f"run.scheduler: The Dask scheduler at {cluster.address} cannot be reached" in done.stderr
    cluster.start_scheduler()
    cluster.add()
    done = poolhouse("resume", first.folder)
    assert (done.returncode, done.stdout) == (0, f"{first.folder}\n"), done.stderr
    again = Finished(first.folder, ended, [])
    assert [r.value for r in again.records] == [-x for x in range(200)]


def poolhouse(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*words), capture_output=True, text=True, timeout=110, check=False)


def test_many_tiny_tasks_and_large_values(tmp_path: Path, cluster: Cluster) -> None:
    tiny = run_job(cluster_job(tmp_path, cluster, "def f(x): return x * x", range(20_000)))
    assert tiny.values == [x * x for x in range(20_000)]
    source = """
def inputs():
    for x in range(20):
        yield bytes([x]) * 300_000
def f(x):
    return bytes([x[0] ^ 255]) * 10_000_000, len(x)
"""
    before = most_memory_of_scheduler(cluster)
    large = run_job(cluster_job(tmp_path, cluster, source, Inputs("generator", generator="inputs")))
    assert most_memory_of_scheduler(cluster) - before < 60  # MB, less than the results that are in flight
    assert large.statuses == {}
    records = large.records
    assert [(r.index, r.value[1]) for r in records] == [(x, 300_000) for x in range(20)]
    assert all(r.value[0] == bytes([r.index ^ 255]) * 10_000_000 for r in records)


def most_memory_of_scheduler(cluster: Cluster) -> int:
    """The most MB that it has held; 0 where the system does not say."""
    assert cluster.scheduler is not None
    status = Path("/proc", str(cluster.scheduler.pid), "status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text() if status.exists() else "")
    return int(found[1]) // 1024 if found else 0


def test_time_limit_stop_and_own_log(tmp_path: Path, cluster: Cluster) -> None:
    source = "import logging, time\ndef f(x):\n    logging.info('at %d', x)\n"
    source += "    time.sleep(600 * (x == 4))\n    return x"
    job = cluster_job(tmp_path, cluster, source, range(12), timeout=1.0)
    job = job.with_(log=replace(job.log, file="own.log"))
    run = run_job(job)
    assert run.statuses == {4: "timeout"}
    assert "The time limit of 1 s for a task was reached while on input 4" in run.records[4].error
    own = (tmp_path / "own.log").read_text().splitlines()
    assert {line for line in own if "at " in line} == {f"root - INFO - at {x}" for x in range(12)}

    def stop(host: HostHandle, message: Message) -> None:
        if isinstance(message, Progress) and message.ok:
            host.kill()

    stopped = run_job(job.with_(run=replace(job.run, timeout=0.0)), stop)
    assert stopped.ended.state == "stopped"  # type: ignore[union-attr]
    assert set(stopped.statuses.values()) <= {"cancelled", "missing"}


def test_what_is_said_before_the_run(tmp_path: Path, interpreter: Path) -> None:
    job = make_job(tmp_path, "def f(x): return x", inputs=[1], mode="dask", scheduler="tcp://127.0.0.1:1")
    (tmp_path / "job.pool").write_text(dumps(job, tmp_path), "utf-8")
    done = poolhouse("run", tmp_path / "job.pool", "--python", interpreter)
    assert (done.returncode, done.stdout) == (2, "")
    has_it = subprocess.run([interpreter, "-c", "import distributed"], capture_output=True, check=False)
    if has_it.returncode == 0:
        assert "run.scheduler: The Dask scheduler at tcp://127.0.0.1:1 cannot be reached" in done.stderr
    else:
        assert "run.mode: The mode dask needs the package distributed" in done.stderr
        assert "-m pip install distributed" in done.stderr


def test_versions_that_do_not_fit() -> None:
    def told(python: str, distributed: str) -> dict[str, Any]:
        return {"packages": {"python": python, "distributed": distributed}}

    ours = told("3.11.7.final.0", "2026.8.0")
    assert unfit("The scheduler", told("3.11.9.final.0", "2026.8.1"), ours) == ""
    assert unfit("The scheduler", None, ours) == ""
    for other in (told("3.12.1.final.0", "2026.8.0"), told("3.11.7.final.0", "2024.8.0")):
        assert "The scheduler has Python 3." in unfit("The scheduler", other, ours)
