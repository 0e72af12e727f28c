"""What is sent to a cluster: the user's own modules, and where they are used there."""

from __future__ import annotations

import io
import marshal
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from engine.host.cluster.agent import Agent
from engine.host.cluster.events import pack, unpack
from engine.host.cluster.shipment import Shipment, own_files, unpacked
from engine.host.cluster.worker import Moved
from engine.host.errors import BrokenRun
from engine.host.loop.losses import Losses, parts
from engine.host.plan import Plan
from engine.host.record import wire
from engine.host.work.batch import Batch
from engine.host.work.place import module_path
from engine.job import Function, Inputs, Job, Run
from engine.launch.plan import describe
from tests.clusters import wait_until

FILES = {
    "project/app/__init__.py": "",
    "project/app/jobs/__init__.py": "",
    "project/app/jobs/main.py": "from ..deep import DATA\nimport beside\ndef f(x): return x, DATA, beside.Y",
    "project/app/deep.py": "import pathlib\nDATA = (pathlib.Path(__file__).parent / 'data.txt').read_text()",
    "project/app/data.txt": "told",
    "project/app/__pycache__/deep.pyc": "",
    "project/beside.py": "def late():\n    import lazily.inner\nY = 7\nimport json, numpy",
    "project/lazily/inner.py": "import cycle",
    "project/cycle.py": "import beside",
    "project/unrelated.py": "",
}
SENT = {name for name in FILES if "pycache" not in name and "unrelated" not in name}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path / "project"


def plan_of(project: Path) -> Plan:
    function = Function(file="app/jobs/main.py", name="f")
    job = Job(function, Inputs("range", stop=3), Run("dask"), folder=project)
    return Plan.read(describe(job, project.parent / "run", None))


def sent(project: Path, function: dict[str, str]) -> set[str]:
    there = {"file": "", "source": "", "import_path": "", **function}
    return {Path(path).relative_to(project.parent).as_posix() for path in own_files(there, str(project))}


def test_the_package_and_what_it_imports_beside_it(project: Path) -> None:
    assert sent(project, {"file": str(project / "app/jobs/main.py")}) == SENT
    assert sent(project, {"import_path": "app.jobs.main:f"}) == SENT
    rest = {"project/beside.py", "project/cycle.py", "project/lazily/inner.py"}
    assert sent(project, {"source": "def f(x):\n    from cycle import beside"}) == rest
    assert sent(project, {"source": "def f(x) return"}) == set()


def test_too_much_is_refused(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.host.cluster.shipment.MOST_FILES", 3)
    with pytest.raises(BrokenRun, match="too large to be sent") as refused:
        sent(project, {"file": str(project / "app/jobs/main.py")})
    assert refused.value.key == "function.file"


@pytest.mark.parametrize("change", ["none", "edited", "gone"])
def test_files_are_used_in_place_only_as_they_were_sent(project: Path, tmp_path: Path, change: str) -> None:
    there = tmp_path / "there"
    data = Shipment(plan_of(project)).packed()
    if change == "edited":
        (project / "cycle.py").write_text("raise SystemExit", "utf-8")
    elif change == "gone":
        shutil.rmtree(project)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(there)
    setup = unpacked_in_a_host(there)
    before, behind = module_path(setup["file"], setup["folder"])
    assert Path(setup["folder"]).is_dir()
    assert Path(setup["file"]).is_relative_to(project if change == "none" else there)
    code = f"import sys\nsys.path[:] = [*{before}, *sys.path, *{behind}]\n"
    code += "import app.jobs.main, cycle\nprint(app.jobs.main.f(1))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=setup["folder"])
    assert (done.stdout, done.returncode) == ("(1, 'told', 7)\n", 0), done.stderr


def unpacked_in_a_host(folder: Path) -> dict[str, str]:
    """What a station makes of a shipment."""
    terms = unpacked(str(folder))
    return {"file": terms.setup.function["file"], "folder": terms.setup.folder}


@pytest.mark.parametrize("early", [False, True])
def test_an_agent_whose_station_ends_says_so_and_cleans_up(
    project: Path, tmp_path: Path, early: bool
) -> None:
    """Before it has connected. No thread waits for it then, which the suite itself checks."""
    agent = Agent(Shipment(plan_of(project)).packed(), str(tmp_path))
    asked = agent.ask([b""])
    if early:
        agent._process.kill()  # pyright: ignore[reportPrivateUsage]
    agent.end()
    with pytest.raises(Exception, match="The station ended"):
        asked.result(30)
    wait_until(lambda: not Path(agent.folder).exists(), "its folder is removed")


WAITS = """
import os, time
def f(x):
    open("began", "w").close()
    while x == 0 and not os.path.exists("go"):
        time.sleep(0.005)
    return x
"""


@pytest.mark.parametrize("called_back", [False, True])
def test_a_station_keeps_the_order_of_batches(tmp_path: Path, called_back: bool) -> None:
    """The second overtakes the first, and both are called back, or neither: reports keep their order."""
    (tmp_path / "waits.py").write_text(WAITS, "utf-8")
    job = Job(Function(file="waits.py", name="f"), Inputs("range", stop=3), Run("dask"), folder=tmp_path)
    plan = Plan.read(describe(job, tmp_path / "run", None))
    agent = Agent(Shipment(plan).packed(), str(tmp_path))

    def ask(*head: Any, frames: Sequence[bytes] = ()) -> Future[list[bytes]]:
        return agent.ask([marshal.dumps(head), *frames])

    def give(number: int, first: int, count: int) -> Future[list[bytes]]:
        frames = wire.pack_batch(first, range(first, first + count), number)
        return ask("batch", 1, first, count, number, frames=frames)

    try:
        started = ask("start", 1, 0).result(60)
        second, first = give(2, 2, 1), give(1, 0, 2)
        wait_until((tmp_path / "began").exists, "a task began")
        held = ask("hold", 1, 2).result(60) if called_back else []
        (tmp_path / "go").touch()
        answers = [started, held, first.result(60), second.result(60)]
    finally:
        agent.end()
    events = [event for frames in answers if frames for event in unpack(frames)]
    told = [event.content[0] for event in sorted(events, key=lambda event: event.number)]
    told = [message for message in told if type(message) is list and message[0] != wire.READY]
    assert [(message[0], message[1 if message[0] == wire.RETURNED else 3]) for message in told] == (
        [(wire.RESULTS, 0), (wire.RETURNED, 1), (wire.RETURNED, 2)]
        if called_back
        else [(wire.RESULTS, 0), (wire.RESULTS, 2)]
    )


def test_places_move_with_what_they_are_in() -> None:
    from array import array

    moved = Moved()
    moved.add(0, 100, 1000)
    moved.add(100, 50, 5000)
    moved.add(150, 10, None)
    spans = array("q", [3, 90, 20, 4, 149, 5])
    assert moved.spans(spans, 3).tolist() == [3, 1090, 10, 3, 5000, 10, 4, 5049, 1]
    moved.add(0, 10, 7000)  # emptied there, and begun again
    assert moved.spans(array("q", [5, 5]), 2).tolist() == [7005, 5]


def test_tasks_that_were_lost_are_counted_and_run_in_parts() -> None:
    losses = Losses()
    assert losses.add(Batch(0, range(10))) == 1
    assert losses.add(Batch(20, range(5))) == 1
    assert losses.add(Batch(8, range(4))) == 2
    assert losses.add(Batch(9, [9])) == 3
    assert losses.add(Batch(10, [10])) == 2
    assert [part.first for part in parts(Batch(3, range(3)))] == [3, 4, 5]
    many = list(parts(Batch(0, range(1000))))
    assert len(many) <= 64
    assert [i for part in many for i in part.items] == list(range(1000))


def test_events_come_as_they_went() -> None:
    from engine.host.cluster.events import Event

    events = [Event(1, 0, "message", (["ready", False],)), Event(2, 5, "object", ("a", 3), b"data")]
    assert list(unpack(pack(events))) == events
