"""End to end through the real window and the real engine: from the form to the saved run."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from engine.job import Function, Inputs, Job, load, save
from engine.launch import program
from engine.runs import JOB, LOG, open_run
from gui.kit import ask
from gui.shell.pages.job import JobPage
from gui.shell.window import Window
from tests.e2e.hands import PATIENCE, Hands, problem
from tests.gui.doing import press

SCRIPTS = Path(__file__).parents[1] / "data/scripts"
LOGS = {
    "one_process": ["root - INFO - This is a multiprocessing process."],
    "pool_map": ["root - INFO - Result: [1, 4, 9, 16, 25]"],
    "process_per_input": [f"root - INFO - Process {n}: {n}" for n in range(1, 5)],
}
EXAMPLES = {"One process": "one_process", "Print numbers": "process_per_input", "Square": "pool_map"}
RESULTS = {
    "one_process": ["None"],
    "pool_map": ["1", "4", "9", "16", "25"],
    "process_per_input": ["None"] * 4,
}
LOGGING = """
import logging

def double(x):
    logging.info("doubling %s", x)
    return 2 * x

def half(x):
    return x / 2
"""
SLOW = "import logging, time\n\ndef slow(x):\n    time.sleep(0.02)\n    logging.info(x)\n    return -x\n"


@pytest.fixture
def hands(qtbot: QtBot, window: Window) -> Hands:
    return Hands(qtbot, window)


@pytest.fixture
def another(
    qtbot: QtBot, make_window: Callable[[], Window], monkeypatch: pytest.MonkeyPatch
) -> Callable[[Hands], Hands]:
    """Closes a window, discarding changes, and opens a new one."""

    def come_back(hands: Hands) -> Hands:
        monkeypatch.setattr(ask, "leaving", lambda *_: ask.Leave(save=False, runs="stop"))
        hands.window.close()
        hands.wait(lambda: not hands.window.isVisible())
        window = make_window()
        with qtbot.waitActive(window):
            window.activateWindow()
        return Hands(qtbot, window)

    return come_back


def python_file(folder: Path, source: str) -> Path:
    path = folder / "work.py"
    path.write_text(source, "utf-8")
    return path


def test_from_a_file_to_the_run_opened_again(
    hands: Hands, another: Callable[[Hands], Hands], tmp_path: Path
) -> None:
    path = python_file(tmp_path, LOGGING)
    hands.browse(path)
    hands.choose_function("double")
    hands.type_values("[1, 'ab', (2, 3)]")
    assert "3 inputs: double(1)" in hands.window.page.form.inputs.preview.text()
    hands.type(hands.window.page.form.pool.workers, "2")
    folder = hands.run()
    rows = hands.rows(3)
    assert [row[:4] for row in rows] == [
        ["0", "1", "OK", "2"],
        ["1", "'ab'", "OK", "'abab'"],
        ["2", "(2, 3)", "OK", "(2, 3, 2, 3)"],
    ]
    log = hands.log(3)
    said = sorted(line[line.index(" INFO ") :] for line in log)
    assert said == sorted(f" INFO {task} doubling {x}" for task, x in enumerate((1, "ab", (2, 3))))
    assert log == (folder / LOG).read_text("utf-8").splitlines()
    job = hands.window.page.form.job()

    later = another(hands)
    assert later.open_newest_run() == folder
    assert later.rows(3) == rows
    assert later.log(3) == log
    assert later.title == "Finished"
    press(later.window, "run.job")
    later.wait(lambda: isinstance(later.window.page, JobPage))
    shown = later.window.page.form.job()
    assert shown == load(folder / JOB)
    assert (shown.function, shown.inputs, shown.run, shown.log) == (
        job.function,
        job.inputs,
        job.run,
        job.log,
    )
    assert not later.window.isWindowModified()


@pytest.mark.parametrize("name", LOGS)
def test_a_script_runs_as_it_is_with_no_typing(hands: Hands, tmp_path: Path, name: str) -> None:
    script = tmp_path / f"{name}.py"
    shutil.copy(SCRIPTS / script.name, script)
    hands.open(script)
    hands.run()
    assert hands.title == "Finished"
    logged = (tmp_path / "multiprocessing.log").read_text().splitlines()
    assert sorted(logged) == LOGS[name]
    if name == "pool_map":
        assert [row[3] for row in hands.rows(5)] == RESULTS[name]


@pytest.mark.parametrize("name", LOGS)
def test_a_script_runs_as_the_job_in_it_with_no_typing(hands: Hands, tmp_path: Path, name: str) -> None:
    script = tmp_path / f"{name}.py"
    shutil.copy(SCRIPTS / script.name, script)
    hands.open(script)
    hands.click(hands.window.page.form.as_job.button)
    hands.wait(lambda: not hands.window.page.form.function._finder.busy)
    hands.run()
    assert hands.title == "Finished"
    assert [row[2:4] for row in hands.rows(len(RESULTS[name]))] == [["OK", value] for value in RESULTS[name]]
    assert sorted(hands.log(len(LOGS[name]))) == LOGS[name]
    assert sorted((tmp_path / "multiprocessing.log").read_text().splitlines()) == LOGS[name]


@pytest.mark.parametrize("title", EXAMPLES)
def test_an_example_is_two_clicks_away_from_its_results(hands: Hands, title: str) -> None:
    welcome = hands.window.page.welcome
    button = next(button for button in welcome.findChildren(QPushButton) if button.text() == title)
    hands.click(button)
    hands.wait(lambda: hands.window.windowTitle().startswith(title.lower().replace(" ", "_")))
    hands.run()
    name = EXAMPLES[title]
    assert hands.title == "Finished"
    assert [row[3] for row in hands.rows(len(RESULTS[name]))] == RESULTS[name]
    assert sorted(hands.log(len(LOGS[name]))) == LOGS[name]


def test_a_worker_that_dies_costs_its_own_row(hands: Hands, tmp_path: Path) -> None:
    hands.open(python_file(tmp_path, "import os\n\ndef f(x):\n    return x if x != 2 else os._exit(3)\n"))
    hands.type_values("0, 1, 2, 3, 4")
    hands.run()
    rows = hands.rows(5)
    assert [row[2] for row in rows] == ["OK", "OK", "Worker died", "OK", "OK"]
    assert [row[3] for row in rows if row[2] == "OK"] == ["0", "1", "3", "4"]
    assert "exited with status 3 while on input 2" in rows[2][3]
    assert hands.title == "Finished, 1 task failed"


def test_a_job_with_an_unknown_key_is_refused_with_its_name(hands: Hands, tmp_path: Path) -> None:
    python_file(tmp_path, LOGGING)
    job = tmp_path / "work.pool"
    job.write_text('[function]\nfile = "work.py"\nname = "half"\n\n[run]\nwokers = 3\n')
    hands.open(job)
    window = hands.window
    assert window.page.banner.isVisible()
    assert window.page.banner.title.text() == "work.pool is not a valid job."
    assert "run.wokers" in window.page.banner.text.text()
    assert "workers" in window.page.banner.text.text()
    assert "wokers" in problem(window.page.form.pool, "run.mode")
    assert window.page.form.job().function.name == "half"  # the valid parts are shown


def test_a_syntax_error_is_shown_with_line_and_column_and_nothing_runs(hands: Hands, tmp_path: Path) -> None:
    path = python_file(tmp_path, "def f(x):\n    return (x\n")
    hands.type(hands.window.page.form.function.file.line, str(path))
    hands.type_values("[1, 2]")
    hands.press_run_in_vain()
    assert "line 2, column 12" in problem(hands.window.page.form.function, "function.file")
    assert hands.window.page.form.function.file.line.hasFocus()


def test_inputs_that_do_not_parse_run_nothing(hands: Hands, tmp_path: Path) -> None:
    hands.open(python_file(tmp_path, "def f(x):\n    return x\n"))
    hands.type_values("[1, 2,, 3]")
    hands.press_run_in_vain()
    assert "line 1, column 7" in problem(hands.window.page.form.inputs, "inputs.values")
    assert hands.window.page.form.inputs.list.text.toPlainText() == "[1, 2,, 3]"


@pytest.mark.parametrize("log", ["no/such/folder/a.log", "."])
def test_a_log_that_cannot_be_written_runs_nothing(hands: Hands, tmp_path: Path, log: str) -> None:
    hands.open(python_file(tmp_path, "def f(x):\n    return x\n"))
    hands.type_values("[1, 2]")
    hands.type(hands.window.page.form.log.file.line, str(tmp_path / log))
    hands.press_run_in_vain()
    assert "cannot be written" in problem(hands.window.page.form.log, "log.file")
    assert hands.window.page.form.log.file.line.hasFocus()


@pytest.mark.parametrize("workers", ["0", "10000"])
def test_a_pool_of_an_impossible_size_runs_nothing(hands: Hands, tmp_path: Path, workers: str) -> None:
    hands.open(python_file(tmp_path, "def f(x):\n    return x\n"))
    hands.type_values("[1, 2]")
    hands.type(hands.window.page.form.pool.workers, workers)
    hands.press_run_in_vain()
    said = problem(hands.window.page.form.pool, "run.workers")
    assert said.startswith(f"{workers} ")
    assert "1 to 512" in said
    hands.type(hands.window.page.form.pool.workers, "1")
    hands.run()
    assert [row[3] for row in hands.rows(2)] == ["1", "2"]


def slow_job(folder: Path) -> Path:
    python_file(folder, SLOW)
    path = folder / "slow.pool"
    save(Job(Function("work.py", "slow"), Inputs("range", stop=100_000), folder=folder), path)
    return path


def check_partial(hands: Hands, folder: Path, state: str) -> list[list[str]]:
    """Check what is shown of a run that did not finish: exactly what the run folder has."""
    with open_run(folder) as run:
        facts = run.facts()
    assert facts.state == state
    assert facts.failed == 0
    assert 0 < facts.ok < 100_000
    rows = hands.rows(facts.ok)
    assert all(row[2:4] == ["OK", "0" if row[0] == "0" else f"-{row[0]}"] for row in rows)
    hands.wait(lambda: hands.title.startswith(state.capitalize()))
    hands.wait(lambda: f"{facts.ok:,} of 100,000 tasks" in hands.window.page.header.detail.text())
    return rows


def test_a_run_that_is_stopped_keeps_what_is_done(
    hands: Hands, another: Callable[[Hands], Hands], qtbot: QtBot, tmp_path: Path
) -> None:
    hands.open(slow_job(tmp_path))
    hands.press_run_and_see(results=5)
    with qtbot.waitSignal(hands.window.sessions.finished, timeout=PATIENCE):
        hands.click(hands.window.page.header.buttons["run.stop"])
    folder = hands.window.page.shown.folder
    assert folder is not None
    rows = check_partial(hands, folder, "stopped")
    later = another(hands)
    assert later.open_newest_run() == folder
    assert check_partial(later, folder, "stopped") == rows


def _words(process: psutil.Process) -> list[str]:
    """What it was started with; nothing if it has ended."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def test_a_run_whose_host_is_killed_is_interrupted_with_its_results(
    hands: Hands, another: Callable[[Hands], Hands], qtbot: QtBot, tmp_path: Path
) -> None:
    hands.open(slow_job(tmp_path))
    hands.press_run_and_see(results=5)
    boot = str(program.SOURCES / "boot.py")
    host = next(child for child in psutil.Process().children() if boot in _words(child))
    with qtbot.waitSignal(hands.window.sessions.finished, timeout=PATIENCE):
        host.kill()
    folder = hands.window.page.shown.folder
    assert folder is not None
    rows = check_partial(hands, folder, "interrupted")
    assert hands.window.page.banner.title.text() == "The run was interrupted."
    later = another(hands)
    assert later.open_newest_run() == folder
    assert check_partial(later, folder, "interrupted") == rows
