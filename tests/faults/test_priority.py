"""The priority of a run: workers give way if asked to; host and server never do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import START_METHODS, make_job, run_job

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has classes of priority instead")
every_start_method = pytest.mark.parametrize("method", START_METHODS)
with_groups = pytest.mark.skipif(
    not Path("/proc/self/autogroup").exists(), reason="the kernel does not group sessions"
)

ROOT = str(Path(__file__).parents[2])
NICER = 10
NICEST = 19

SOURCE = """
import os, subprocess, sys

def nice(pid):
    return os.getpriority(os.PRIO_PROCESS, pid)

def f(x):
    command = [sys.executable, "-Sc", "import os; print(os.getpriority(os.PRIO_PROCESS, 0))"]
    return nice(0), nice(os.getppid()), int(subprocess.check_output(command))
"""


def own() -> int:
    return os.getpriority(os.PRIO_PROCESS, 0)


@every_start_method
def test_workers_give_way_and_so_does_what_they_start(tmp_path: Path, method: str) -> None:
    run = run_job(make_job(tmp_path, SOURCE, inputs=range(4), start_method=method, priority="low"))
    nicer = min(own() + NICER, NICEST)
    assert run.values == [(nicer, own(), nicer)] * 4  # the parent is the host, or the server that forks


@every_start_method
@pytest.mark.parametrize("priority", ["", "normal"])
def test_by_default_nothing_gives_way(tmp_path: Path, method: str, priority: str) -> None:
    run = run_job(make_job(tmp_path, SOURCE, inputs=range(4), start_method=method, priority=priority))
    assert run.values == [(own(), own(), own())] * 4


def test_workers_that_come_later_give_way_as_much(tmp_path: Path) -> None:
    source = "import os\ndef f(x): return os.getpriority(os.PRIO_PROCESS, 0)"
    run = run_job(make_job(tmp_path, source, inputs=range(4), tasks_per_worker=1, workers=1, priority="low"))
    assert run.values == [min(own() + NICER, NICEST)] * 4


AUTOGROUP = "def f(x):\n    with open('/proc/self/autogroup') as file:\n        return file.read()"


@with_groups
@every_start_method
@pytest.mark.parametrize(("priority", "nice"), [("low", NICER), ("normal", 0)])
def test_the_session_of_a_run_gives_way(tmp_path: Path, method: str, priority: str, nice: int) -> None:
    """Only that makes a difference to the sessions of other programs."""
    run = run_job(make_job(tmp_path, AUTOGROUP, inputs=range(2), start_method=method, priority=priority))
    group, *rest = set(run.values)
    assert not rest
    own_group = Path("/proc/self/autogroup").read_text("ascii")
    if group or own_group:  # they are empty if grouping is switched off
        assert group.split()[1:] == ["nice", str(nice)]
        assert group.split()[:1] != own_group.split()[:1]  # a session of the first process has no group


TWO = """
import ctypes, os, sys
sys.path.insert(0, {root!r})
from engine.host.system import priority_posix

def be_a_session():
    os.setsid()
    if os.getuid() == 0:  # whom the kernel lets do it as often as he likes
        os.setgid(65534)
        os.setuid(65534)
        ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # PR_SET_DUMPABLE: /proc/self is its own again
    priority_posix.give_way()
    os.write(1, open("/proc/self/autogroup", "rb").read())
    os._exit(0)

children = [os.fork() or be_a_session() for _ in range(2)]
for child in children:
    os.waitpid(child, 0)
"""


@with_groups
def test_sessions_that_come_at_the_same_time_all_give_way() -> None:
    """The kernel allows one every tenth of a second."""
    said = subprocess.check_output([sys.executable, "-c", TWO.format(root=ROOT)], text=True)
    assert [line.split()[1:] for line in said.splitlines() if line] in ([["nice", str(NICER)]] * 2, [])


SHY = """
import os, sys
sys.path.insert(0, {root!r})
from engine.host.system import priority_posix as priority
{change}
priority.give_way()
print(os.getpriority(os.PRIO_PROCESS, 0))
"""


@pytest.mark.parametrize(
    "change",
    [
        "priority.AUTOGROUP = '/nowhere/autogroup'",
        "priority.AUTOGROUP = os.devnull",
        "priority.AUTOGROUP = '/proc/self/stat'  # nobody may write it",
        "os.nice = lambda step: os.open('/nowhere', os.O_RDONLY)",
    ],
)
def test_a_system_that_refuses_leaves_the_worker_as_it_is(change: str) -> None:
    code = SHY.format(root=ROOT, change=change)
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stderr == ""
    assert int(said.stdout) in (own(), min(own() + NICER, NICEST))
