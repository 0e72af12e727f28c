"""The page of a script: what it shows of the script, run as it is, opened as a job, run again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from engine.host.record.schema import MAIN
from engine.query import answer
from engine.query.detail import ReadTask
from engine.query.output import FIRST, ReadOutput
from engine.query.summary import Summarised
from engine.query.versus import CompareRuns
from engine.results.words import stages_in_words
from engine.runs import open_run
from engine.runs.records import records
from engine.source.found import find
from gui.results.model import Column
from gui.shell.pages.job import JobPage
from gui.shell.pages.run import RunPage
from gui.shell.pages.script import OUTPUT, ScriptPage
from gui.shell.pages.shown_run import NOT_RESUMED, ONLY_IN_TERMINAL
from gui.shell.window import Window
from tests import books
from tests.accessibility import faults
from tests.gui.doing import enabled, press

SCRIPT = """
import argparse
import time
from multiprocessing import Pool

def f(x):
    return x * 2

def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", help="Where to look")
    parser.add_argument("-c", "--count", type=int, default=3)
    parser.add_argument("--way", choices=["up", "down"], default="up")
    parser.add_argument("--dry", action="store_true")
    args = parser.parse_args()
    print(args.folder, args.count, args.way, args.dry, flush=True)
    with Pool(2) as pool:
        print(pool.map(f, range(args.count)), flush=True)
    while args.dry:
        time.sleep(0.01)

if __name__ == "__main__":
    main()
"""


def opened(qtbot: QtBot, window: Window, path: Path) -> ScriptPage:
    with qtbot.waitSignal(window.opener.reader.settled, timeout=20_000):
        window.opener.open(path)
    page = window.page
    assert isinstance(page, ScriptPage)
    return page


@pytest.fixture
def page(qtbot: QtBot, window: Window, tmp_path: Path) -> ScriptPage:
    (tmp_path / "s.py").write_text(SCRIPT)
    return opened(qtbot, window, tmp_path / "s.py")


def line(page: ScriptPage, name: str) -> QLineEdit:
    found = page.form.arguments.rows[f"script.argument.{name}"].field
    assert isinstance(found, QLineEdit)
    return found


def test_what_is_in_a_script_is_found_without_running_it(qtbot: QtBot, page: ScriptPage) -> None:
    form = page.form
    assert form.has.pools.text() == "Line 17: Pool(2)"
    assert form.has.functions.text() == "f(x)\nmain()"
    assert line(page, "--count").text() == "3"
    assert line(page, "folder").placeholderText() == "needed"
    line(page, "--count").setFocus()
    qtbot.keyClick(line(page, "--count"), Qt.Key.Key_Tab)  # fields created late are in reading order, too
    assert page.form.arguments.rows["script.argument.--way"].field.hasFocus()
    assert "Line 15: The script reads its arguments" in form.as_job.about.text()


def test_it_runs_as_it_is_and_again(qtbot: QtBot, window: Window, page: ScriptPage) -> None:
    press(window, "run.start")
    assert (
        page.form.arguments.rows["script.argument.folder"].problem.text() == "folder is required: fill it in."
    )
    assert not window.sessions.live
    line(page, "folder").setText("a b")
    line(page, "--count").setText("4")
    with qtbot.waitSignal(window.sessions.finished, timeout=60_000):
        page.form.as_it_is.button.click()
    folder = page.shown.folder
    assert folder is not None
    with open_run(folder) as run:
        assert [record.value for record in records(run)] == [0, 2, 4, 6]
        assert run.facts().arguments == ("s.py", "a b", "--count", "4")
    assert stages_in_words(answer(Summarised(folder))) == ["f at s.py:18: 4 tasks"]
    task = answer(ReadTask(folder, 3))
    assert (task.stage, task.call) == ("f, called at s.py:18", "")
    assert "a b 4 up False\n[0, 2, 4, 6]\n" in (folder / "output.txt").read_text()
    assert answer(ReadOutput(folder, FIRST, 0, 1)).lines == ("a b 4 up False",)  # of all, not of a worker
    qtbot.waitUntil(lambda: page.shown.stand is not None)
    assert not enabled(window, "run.resume")
    window.opener.open(folder)
    qtbot.waitUntil(lambda: isinstance(window.page, RunPage) and enabled(window, "run.again"), timeout=20_000)
    assert not enabled(window, "run.job")
    assert window.page.header.buttons["run.job"].isHidden()
    press(window, "run.script")  # the page that is open, with the arguments of the run
    qtbot.waitUntil(lambda: window.page is page and page.form.arguments.defaults.isVisible())
    assert (line(page, "folder").text(), line(page, "--count").text()) == ("a b", "4")
    page.form.arguments.defaults.click()
    assert (line(page, "folder").text(), line(page, "--count").text()) == ("", "3")
    window.opener.open(folder)
    qtbot.waitUntil(lambda: isinstance(window.page, RunPage) and enabled(window, "run.again"), timeout=20_000)
    with qtbot.waitSignal(window.sessions.finished, timeout=60_000):
        press(window, "run.again")
    assert isinstance(window.page, RunPage)
    again = window.page.shown.folder
    assert again is not None
    assert again != folder
    found = answer(CompareRuns(folder, again))
    assert (found.job, found.code) == ((), "")
    assert found.code_note.startswith("Only the scripts themselves were saved")
    with open_run(again) as run:
        assert [record.value for record in records(run)] == [0, 2, 4, 6]
    window.pages.close(page)
    reopened = opened(qtbot, window, page.path)
    qtbot.waitUntil(lambda: reopened.shown.folder == again and line(reopened, "--count").text() == "4")


def test_long_names_and_texts_do_not_widen_the_form(page: ScriptPage) -> None:
    text = SCRIPT.replace('"--dry"', f'"--{"long-" * 20}name", help="{"word " * 40}"').replace(
        "args.dry", "args.folder"
    )
    page.path.write_text(text.replace("Pool(2)", f"Pool({'n' * 90})").replace("def f(", f"def {'f' * 90}("))
    page.show_found(find(page.path))
    inner = page.form.widget()
    assert inner.minimumSizeHint().width() <= page.form.viewport().width() == inner.width()
    label = next(row.label for key, row in page.form.arguments.rows.items() if "long-" in key)
    assert label is not None
    assert label.text().endswith("…")
    assert "name" in label.toolTip()


def test_a_changed_script_is_read_again(qtbot: QtBot, page: ScriptPage) -> None:
    line(page, "folder").setText("typed")
    page.path.write_text(SCRIPT.replace("default=3", "default=7").replace("Pool(2)", "Pool(5)"))
    qtbot.waitUntil(lambda: page.form.has.pools.text() == "Line 17: Pool(5)", timeout=20_000)
    assert (line(page, "folder").text(), line(page, "--count").text()) == ("typed", "7")


def test_it_is_live_and_can_be_stopped(qtbot: QtBot, window: Window, page: ScriptPage) -> None:
    line(page, "folder").setText("x")
    dry = page.form.arguments.rows["script.argument.--dry"].field
    assert isinstance(dry, QCheckBox)
    dry.setChecked(True)
    press(window, "run.start")
    session = page.shown.session
    assert session is not None
    qtbot.waitUntil(lambda: session.state.ok == 3, timeout=60_000)
    assert not enabled(window, "run.start")
    page.views.setCurrentIndex(2)
    workers = page.views.workers
    qtbot.waitUntil(lambda: workers.model.number(0) == MAIN and workers.model.is_running(MAIN))
    workers.table.selectRow(0)
    qtbot.waitUntil(lambda: "in main" in workers.stack.toPlainText(), timeout=20_000)
    assert (workers.where.isEnabled(), workers.end.isEnabled()) == (True, False)
    with qtbot.waitSignal(window.sessions.finished, timeout=60_000):
        press(window, "run.stop")
    qtbot.waitUntil(lambda: page.shown.stand is not None)
    stand = page.shown.stand
    assert stand is not None
    assert (stand.facts.state, stand.facts.ok) == ("stopped", 3)
    assert not enabled(window, "run.resume")
    assert page.header.detail.text().endswith(NOT_RESUMED)
    assert page.views.currentIndex() == 2  # as the user has left it, also when it runs again
    page.form.as_it_is.folder.set_text("gone", page.path.parent)
    with qtbot.waitSignal(window.sessions.finished, timeout=60_000):
        press(window, "run.start")
    row = page.form.as_it_is.rows["script.folder"]
    assert row.problem.text().endswith("gone: No such file or directory.")
    assert page.views.currentIndex() == 2


def test_a_job_that_is_certain_is_opened(qtbot: QtBot, window: Window, script: Path) -> None:
    page = opened(qtbot, window, script)
    assert page.form.as_job.about.text().startswith("It calls my_function with 5 inputs.")
    page.form.as_job.button.click()
    assert isinstance(window.page, JobPage)
    job = window.page.form.job()
    assert (job.function.name, job.inputs.values) == ("my_function", (1, 2, 3, 4, 5))
    qtbot.waitUntil(lambda: not window.page.form.function._finder.busy)


def test_a_notebook_names_what_is_left_out(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    book = books.write(
        tmp_path / "b.ipynb",
        "%matplotlib inline\nfrom multiprocessing import Pool",
        "def f(x):\n    print('task', x)\n    return x + 1",
        "with Pool(2) as pool:\n    print(pool.map(f, [1, 2]), pool.map(abs, [-3]))",
    )
    page = opened(qtbot, window, book)
    assert page.form.has.left_out.text() == "cell 1, line 1: %matplotlib inline"
    assert page.form.has.pools.text() == "Cell 3, line 1: Pool(2)"
    with qtbot.waitSignal(window.sessions.finished, timeout=60_000):
        press(window, "run.start")
    assert page.shown.folder is not None
    with open_run(page.shown.folder) as run:
        assert [record.value for record in records(run)] == [2, 3, 3]
    page.views.open_task(1)
    details = page.views.results.details.page
    qtbot.waitUntil(lambda: details.toPlainText().endswith("\nPrinted\ntask 2"), timeout=20_000)
    model = page.views.results.model  # with several stages, their names have a column
    qtbot.waitUntil(lambda: model.keys == ["stage"] and all(map(model.row, range(3))))
    stages = [model.cells(row)[len(Column)].text.partition(" at ")[0] for row in range(3)]
    assert stages == ["1: f", "1: f", "2: abs"]
    page.form.as_job.button.click()
    assert isinstance(window.page, JobPage)
    qtbot.waitUntil(lambda: window.page.form.function.name.value() == "f")


def test_the_page_is_there_again_at_the_next_start(
    qtbot: QtBot, window: Window, page: ScriptPage, make_window: Callable[[], Window]
) -> None:
    window.close()
    later = make_window()
    later.reopen()
    qtbot.waitUntil(
        lambda: isinstance(later.page, ScriptPage) and later.page.found is not None, timeout=20_000
    )


def test_a_run_without_tasks_is_remarked(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    page = opened(qtbot, window, books.write(tmp_path / "b.ipynb", "print(1)"))
    assert page.form.has.pools.text().startswith("None found")
    with qtbot.waitSignal(window.sessions.finished, timeout=60_000):
        press(window, "run.start")
    assert page.banner.title.text() == "This run has no tasks."
    assert page.views.currentIndex() == OUTPUT
    page.views.setCurrentIndex(0)
    qtbot.waitUntil(lambda: page.views.results._note.text() == "No task of this run has a result.")


def test_a_script_that_asks_for_input_says_where_it_gets_it(
    qtbot: QtBot, window: Window, tmp_path: Path
) -> None:
    (tmp_path / "ask.py").write_text("print(input())\n")
    page = opened(qtbot, window, tmp_path / "ask.py")
    with qtbot.waitSignal(window.sessions.finished, timeout=60_000):
        press(window, "run.start")
    assert page.banner.text.text() == f"EOFError: EOF when reading a line\n{ONLY_IN_TERMINAL}"


def test_each_letter_chooses_one_thing(window: Window, page: ScriptPage) -> None:
    bar = [action.text() for action in window.menuBar().actions()]
    seen = [
        w.text() for kind in (QLabel, QAbstractButton) for w in window.findChildren(kind) if w.isVisible()
    ]
    letters = [QKeySequence.mnemonic(text).toString() for text in [*bar, *seen]]
    assert [letter for letter, times in Counter(filter(None, letters)).items() if times > 1] == []
    assert faults(page) == []
