"""The cores that a process may use, by its control groups, and the share of a worker."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine import cores
from engine.cores import cpu_quota, usable_cores
from engine.job import Inputs, Job, Run
from engine.launch import plan
from tests.program import ROOT

V1 = "33 31 0:30 {root} {at} rw,nosuid - cgroup cgroup rw,cpu,cpuacct\n"
V2 = "41 31 0:38 {root} {at} rw shared:9 - cgroup2 cgroup2 rw\n"
OTHER = (
    "23 1 8:1 / / rw - ext4 /dev/sda1 rw\n34 31 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
)


def made(base: Path, groups: str, mounts: str, files: dict[str, str]) -> int | None:
    """The quota of a process if the system says this."""
    process = base / "self"
    process.mkdir()
    (process / "cgroup").write_text(groups)
    (process / "mountinfo").write_text(OTHER + mounts)
    for name, text in files.items():
        path = base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    return cpu_quota(process, base)


AT = "/sys/fs/cgroup"
QUOTAS = {
    "none": ("0::/a", V2.format(root="/", at=AT), {"sys/fs/cgroup/a/cpu.max": "max 100000"}, None),
    "its own": ("0::/a/b", V2.format(root="/", at=AT), {"sys/fs/cgroup/a/b/cpu.max": "300000 100000"}, 3),
    "rounded up": ("0::/a", V2.format(root="/", at=AT), {"sys/fs/cgroup/a/cpu.max": "150000 100000"}, 2),
    "a part of one": ("0::/a", V2.format(root="/", at=AT), {"sys/fs/cgroup/a/cpu.max": "1000 100000"}, 1),
    "of a group above": (
        "0::/a/b/c",
        V2.format(root="/", at=AT),
        {"sys/fs/cgroup/a/cpu.max": "200000 100000", "sys/fs/cgroup/a/b/c/cpu.max": "800000 100000"},
        2,
    ),
    "in a container": ("0::/", V2.format(root="/", at=AT), {"sys/fs/cgroup/cpu.max": "400000 100000"}, 4),
    "path from outside": (
        "0::/docker/x/y",
        V2.format(root="/docker/x", at=AT),
        {"sys/fs/cgroup/y/cpu.max": "500000 100000", "sys/fs/cgroup/cpu.max": "700000 100000"},
        5,
    ),
    "path that is not mounted": (
        "0::/docker/x",
        V2.format(root="/docker/other", at=AT),
        {"sys/fs/cgroup/cpu.max": "500000 100000"},
        5,
    ),
    "version 1": (
        "5:cpuacct,cpu:/a\n4:memory:/m\n0::/",
        V1.format(root="/", at=f"{AT}/cpu"),
        {"sys/fs/cgroup/cpu/a/cpu.cfs_quota_us": "300000", "sys/fs/cgroup/cpu/a/cpu.cfs_period_us": "100000"},
        3,
    ),
    "version 1, none": (
        "5:cpu:/a",
        V1.format(root="/", at=f"{AT}/cpu"),
        {"sys/fs/cgroup/cpu/a/cpu.cfs_quota_us": "-1", "sys/fs/cgroup/cpu/a/cpu.cfs_period_us": "100000"},
        None,
    ),
    "both versions": (
        "5:cpu:/a\n0::/u",
        V1.format(root="/", at=f"{AT}/cpu") + V2.format(root="/", at=f"{AT}/unified"),
        {
            "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "300000",
            "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
            "sys/fs/cgroup/unified/u/cpu.max": "max 100000",
        },
        3,
    ),
    "a blank in the path": (
        "0::/a",
        V2.format(root="/", at=r"/my\040groups"),
        {"my groups/a/cpu.max": "2 1"},
        2,
    ),
    "rubbish": ("0::/a", V2.format(root="/", at=AT), {"sys/fs/cgroup/a/cpu.max": "lots"}, None),
}


@pytest.mark.parametrize("case", QUOTAS)
def test_quotas(tmp_path: Path, case: str) -> None:
    groups, mounts, files, quota = QUOTAS[case]
    assert made(tmp_path, groups, mounts, files) == quota


def test_no_control_groups(tmp_path: Path) -> None:
    assert cpu_quota(tmp_path / "none", tmp_path) is None


GROUPS = Path("/sys/fs/cgroup/cpu")
ASK = "from engine.cores import usable_cores; print(usable_cores())"


@pytest.mark.skipif(
    not os.access(GROUPS / "cpu.cfs_quota_us", os.W_OK), reason="no control groups to write to"
)
def test_the_quota_of_a_real_group_counts() -> None:
    outer = GROUPS / f"poolhouse-{os.getpid()}"
    inner = outer / "inner"
    inner.mkdir(parents=True)
    try:
        (outer / "cpu.cfs_quota_us").write_text("100000")
        enter = f"open('{inner}/cgroup.procs', 'w').write(str(__import__('os').getpid()))\n"
        done = subprocess.run(
            [sys.executable, "-c", enter + ASK], cwd=ROOT, check=True, capture_output=True, text=True
        )
    finally:
        inner.rmdir()
        outer.rmdir()
    assert done.stdout == "1\n"


@pytest.mark.skipif(sys.platform != "linux", reason="affinity of Linux")
def test_affinity_counts() -> None:
    one = f"import os; os.sched_setaffinity(0, {{{min(os.sched_getaffinity(0))}}})\n"
    done = subprocess.run(
        [sys.executable, "-c", one + ASK], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert done.stdout == "1\n"
    assert 1 <= usable_cores() <= len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("run", "inputs", "threads"),
    [
        (Run(), Inputs("range", stop=100), 1),
        (Run(workers=2), Inputs("range", stop=100), 4),
        (Run(workers=3), Inputs("range", stop=100), 2),
        (Run(workers=100), Inputs("range", stop=1000), 1),
        (Run(mode="process"), Inputs(), 8),
        (Run(), Inputs("range", stop=2), 4),
        (Run(), Inputs("lines", path="many"), 1),
        (Run(workers=2, blas_threads=7), Inputs("range", stop=100), 7),
    ],
)
def test_threads_of_a_worker(monkeypatch: pytest.MonkeyPatch, run: Run, inputs: Inputs, threads: int) -> None:
    for module in (cores, plan):
        monkeypatch.setattr(module, "usable_cores", lambda: 8)
    assert plan.blas_threads(Job(run=run, inputs=inputs)) == threads
