"""The main path through the window with a mouse and a keyboard, on an X server, as a user takes it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from engine.runs import JOB, LOG, list_runs, runs_root
from tests.e2e.display import App, Display, ObservedApp, until
from tests.program import command

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="X is the display of Linux")

SOURCE = """
import logging

def cube(x):
    return x**3

def square(x):
    logging.info("squaring %s", x)
    return x * x
"""


@pytest.fixture
def work(tmp_path: Path) -> Path:
    path = tmp_path / "work.py"
    path.write_text(SOURCE)
    return path


def finished_run() -> Path:
    """The folder of the only run, once it has finished."""
    root = runs_root()

    def look() -> Path | None:
        return next((run.folder for run in list_runs(root) if run.state == "finished"), None)

    return until(look, lambda: f"no finished run in {root}: {list_runs(root)}")


def exported(folder: Path) -> list[tuple[object, ...]]:
    """What another process reads in a run folder: input, status and value of each task."""
    export = command("export", folder, "--format", "jsonl")
    done = subprocess.run(export, capture_output=True, text=True, timeout=60, check=True)
    records = map(json.loads, done.stdout.splitlines())
    return [(record["input"], record["status"], record["value"]) for record in records]


def test_the_main_path_by_mouse_and_keyboard(display: Display, work: Path, tmp_path: Path) -> None:
    with ObservedApp(display, tmp_path) as app:
        app.click("Python file")
        app.type("Python file", str(work))
        app.find("Function", lambda field: field.items == 2)
        display.press("alt+n")
        app.find("Function", lambda field: field.focus)
        display.press("s")
        app.find("Function", lambda field: field.text.startswith("square("))
        app.find("Where the inputs come from", lambda field: field.text == "A list of values")
        app.click("Values, as a Python literal")
        app.type("Values, as a Python literal", "[3, -4, 2.5]")
        app.click("Run")

        folder = finished_run()
        assert exported(folder) == [(3, "ok", 9), (-4, "ok", 16), (2.5, "ok", 6.25)]
        log = (folder / LOG).read_text().splitlines()
        said = sorted(line[line.index(" INFO ") :] for line in log)
        assert said == sorted(f" INFO {task} squaring {x}" for task, x in enumerate((3, -4, 2.5)))
        assert 'name = "square"' in (folder / JOB).read_text()

        app.find("Finished")
        shown = [["3", "OK", "9"], ["-4", "OK", "16"], ["2.5", "OK", "6.25"]]
        app.find("Results", lambda table: [row[1:4] for row in table.rows] == shown)
        app.look(tmp_path / "screen.png")
        assert colours(tmp_path / "screen.png") > 20
        display.press("ctrl+q")
        app.click("Discard")
        assert app.left() == (0, "")


def colours(picture: Path) -> int:
    image = QImage(str(picture))
    return len({image.pixel(x, y) for x in range(0, image.width(), 4) for y in range(0, image.height(), 4)})


def test_the_app_as_it_is_started_runs_a_job_and_quits_by_its_keys(
    display: Display, work: Path, tmp_path: Path, program: str
) -> None:
    job = tmp_path / "work.pool"
    job.write_text('[function]\nfile = "work.py"\nname = "cube"\n\n[inputs]\nkind = "range"\nstop = 4\n')
    with App(display, command(job), tmp_path) as app:
        display.act("search", "--sync", "--onlyvisible", "--name", "^work.pool", "windowfocus", "--sync")
        display.press("F5")
        folder = finished_run()
        assert exported(folder) == [(x, "ok", x**3) for x in range(4)]
        assert app.quit("work.pool") == (0, "")
