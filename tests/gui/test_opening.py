"""Opening every kind of file, by command and by drag and drop, and what cannot be opened."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from engine.job import Function, Inputs, Job, Run, load, save
from gui.shell.opening import CannotOpen, read
from gui.shell.pages.job import JobPage
from gui.shell.pages.log import LogPage
from gui.shell.pages.run import RunPage
from gui.shell.pages.script import ScriptPage
from gui.shell.window import Window
from tests.gui.doing import enabled, press


def opened(qtbot: QtBot, window: Window, path: Path) -> None:
    """Open `path` and wait until everything that follows is done."""
    with qtbot.waitSignal(window.opener.reader.settled, timeout=10_000):
        window.opener.open(path)
    if isinstance(window.page, JobPage):
        qtbot.waitUntil(lambda: not window.page.form.function._finder.busy)


@pytest.fixture
def job_file(tmp_path: Path, square: Path) -> Path:
    path = tmp_path / "work.pool"
    save(Job(Function("square.py", "cube"), Inputs("list", (1, 2)), Run(workers=3), folder=tmp_path), path)
    return path


@pytest.fixture
def finished(qtbot: QtBot, make_window: Callable[[], Window], job_file: Path) -> Path:
    """The folder of a run that has ended."""
    window = make_window()
    opened(qtbot, window, job_file)
    with qtbot.waitSignal(window.sessions.finished, timeout=20_000):
        window.page.run()
    folder = window.page.shown.folder
    assert folder is not None
    return folder


def test_a_job_fills_the_form(qtbot: QtBot, window: Window, job_file: Path) -> None:
    opened(qtbot, window, job_file)
    job = window.page.form.job()
    assert (job.function, job.inputs.values, job.run.workers) == (Function("square.py", "cube"), (1, 2), 3)
    assert window.windowTitle() == "work.pool[*] – Poolhouse"
    assert not window.isWindowModified()
    assert window.settings.recent == [job_file]


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [("a.csv", "csv", "x,y\n1,2\n"), ("b.JSONL", "jsonl", '{"x": 1}\n'), ("c.tsv", "csv", "x\ty\n1\t2\n")],
)
def test_a_file_of_data_becomes_the_inputs(
    qtbot: QtBot, window: Window, job_file: Path, tmp_path: Path, name: str, kind: str, text: str
) -> None:
    data = tmp_path / name
    data.write_text(text)
    opened(qtbot, window, job_file)
    opened(qtbot, window, data)
    job = window.page.form.job()
    assert (job.inputs.kind, job.resolve(job.inputs.path)) == (kind, data)
    assert job.function == Function("square.py", "cube")
    assert window.isWindowModified()
    assert name in window.page.banner.title.text()
    job_page = window.page
    window.page.banner.action.click()
    assert isinstance(window.page, LogPage)
    window.pages.show(job_page)
    press(window, "edit.undo")
    assert window.page.form.job().inputs == Inputs("list", (1, 2))


def test_a_job_that_is_opened_during_a_check_is_not_blamed_for_the_one_before(
    qtbot: QtBot, window: Window, job_file: Path
) -> None:
    page = window.page
    page.run()
    assert page.starting.checking
    with qtbot.assertNotEmitted(page.starting.refused):
        page.adopt(load(job_file), "square", job_file)
        assert not page.starting.checking
        qtbot.waitUntil(lambda: not page.starting._checker.busy and not page._checker.busy)
    assert page.header.state == "ready"
    assert all(not row.problem.text() for section in page.form.sections for row in section.rows.values())


def test_a_script_fills_the_form_from_what_is_read_in_it(qtbot: QtBot, window: Window, script: Path) -> None:
    opened(qtbot, window, script)
    window.page.form.as_job.button.click()
    qtbot.waitUntil(lambda: not window.page.form.function._finder.busy)
    job = window.page.form.job()
    assert job.resolve(job.function.file) == script
    assert (job.function.name, job.inputs.values, job.run.workers) == ("my_function", (1, 2, 3, 4, 5), 4)
    assert window.page.document.path is None
    assert not window.page.banner.isVisible()


def test_a_script_that_is_no_job_for_certain_says_why(qtbot: QtBot, window: Window, script: Path) -> None:
    script.write_text(script.read_text().replace("[1, 2, 3, 4, 5]", "load()"))
    opened(qtbot, window, script)
    assert "Line 10: What load() gives is not certain" in window.page.form.as_job.about.text()
    window.page.form.as_job.button.click()
    qtbot.waitUntil(lambda: window.page.form.function.name.value() == "my_function")
    assert window.page.form.job().inputs.values == ()


def test_a_python_file_is_chosen_in_the_form(qtbot: QtBot, window: Window, square: Path) -> None:
    opened(qtbot, window, square)
    assert window.page.form.job().resolve(window.page.form.job().function.file) == square
    assert window.page.form.function.name.count() == 2
    assert not window.page.form.function.rows["function.name"].problem.isVisible()


def test_a_python_file_leaves_what_was_typed_before(qtbot: QtBot, window: Window, square: Path) -> None:
    window.page.form.inputs.kind.set_value("list")
    window.page.form.inputs.list.text.setPlainText("[7]")
    opened(qtbot, window, square)
    assert window.page.form.job().inputs.values == (7,)
    assert window.page.form.job().function.file == str(square)


def test_a_file_that_this_python_cannot_read_is_a_script(
    qtbot: QtBot, window: Window, tmp_path: Path
) -> None:
    path = tmp_path / "broken.py"
    path.write_text("def f(x):\n    return x +\n")
    opened(qtbot, window, path)
    assert isinstance(window.page, ScriptPage)
    assert "line 2, column" in window.page.form.as_job.about.text()
    assert window.page.form.has.pools.text() == "Not known before it runs."


@pytest.mark.parametrize("has_functions", [True, False])
def test_a_file_that_does_something_can_run_as_it_is(
    qtbot: QtBot, window: Window, tmp_path: Path, has_functions: bool
) -> None:
    path = tmp_path / "start.py"
    path.write_text("import json\n" + "def f(x):\n    return x\n" * has_functions + "print(json)\n")
    opened(qtbot, window, path)
    if has_functions:  # the form is for its functions, and offers the rest
        assert window.page.banner.title.text() == "start.py is a script, too."
        window.page.banner.action.click()
    assert isinstance(window.page, ScriptPage)
    assert window.page.path == path


@pytest.mark.parametrize("inside", ["", "run.db"])
def test_a_run_shows_its_results_log_and_job(
    qtbot: QtBot, window: Window, finished: Path, inside: str
) -> None:
    opened(qtbot, window, finished / inside)
    assert isinstance(window.page, RunPage)
    assert window.page.shown.folder == finished
    assert window.page.header.title.text() == "Finished"
    assert window.windowTitle().startswith("cube")
    press(window, "run.job")
    qtbot.waitUntil(lambda: isinstance(window.page, JobPage))
    assert window.page.form.job().function.name == "cube"
    assert window.page.document.path is None
    qtbot.waitUntil(lambda: window.page.shown.folder == finished)


def test_a_run_leaves_unsaved_changes_alone(qtbot: QtBot, window: Window, finished: Path) -> None:
    edited = window.page
    edited.form.pool.workers.setValue(7)
    opened(qtbot, window, finished)
    assert window.page is not edited
    assert window.page.shown.folder == finished
    assert edited.form.job().run.workers == 7
    assert edited.modified


def test_a_run_whose_job_is_not_readable_shows_its_results(
    qtbot: QtBot, window: Window, finished: Path
) -> None:
    (finished / "job.pool").write_text("[what]")
    opened(qtbot, window, finished)
    assert window.page.shown.folder == finished
    assert "job of this run" in window.page.banner.title.text()
    assert not enabled(window, "run.job")


def test_a_log_has_a_page_of_its_own(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    path = tmp_path / "some.log"
    path.write_text("root - INFO - one\n")
    opened(qtbot, window, path)
    page = window.page
    assert isinstance(page, LogPage)
    assert page.log.isVisible()
    assert window.windowTitle().startswith("some.log")
    press(window, "file.new")
    opened(qtbot, window, path)
    assert window.page is page


def test_a_job_with_faults_names_them_in_the_banner_and_beside_the_fields(
    qtbot: QtBot, window: Window, tmp_path: Path
) -> None:
    path = tmp_path / "bad.pool"
    path.write_text('[function]\nfile = "a.py"\nnme = "f"\n[run]\nworkers = 10000\n')
    opened(qtbot, window, path)
    assert "bad.pool" in window.page.banner.title.text()
    assert "nme" in window.page.banner.text.text()
    assert "10000" in window.page.form.pool.rows["run.workers"].problem.text()
    assert "nme" in window.page.form.function.rows["function.file"].problem.text()
    assert window.page.document.path == path
    assert window.page.form.job().function.file == "a.py"  # the valid parts are shown
    window.page.document.save()
    qtbot.waitUntil(window.page.banner.isHidden)
    assert "nme" not in path.read_text()


def test_a_file_that_is_not_there_says_so(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    opened(qtbot, window, tmp_path / "gone.pool")
    assert window.page.banner.isVisible()
    assert window.page.banner.title.text() == "gone.pool is not there."


def test_a_folder_without_a_run_and_an_unreadable_run_say_so(tmp_path: Path) -> None:
    with pytest.raises(CannotOpen):
        read(tmp_path)
    (tmp_path / "run.db").write_text("nonsense")
    with pytest.raises(CannotOpen):
        read(tmp_path)


def test_of_several_files_each_opens_or_says_why_not(
    qtbot: QtBot, window: Window, job_file: Path, tmp_path: Path
) -> None:
    pipe, log = tmp_path / "pipe", tmp_path / "x.log"
    os.mkfifo(pipe)
    log.write_text("2026-11-27 10:00:01 INFO hello\n")
    with qtbot.waitSignal(window.opener.reader.settled, timeout=20_000):
        window.opener.open_all([job_file, pipe, log, tmp_path / "gone.py"])
    assert [page.place for page in window.pages.all] == [job_file, log]
    assert window.page.banner.title.text() == "2 of 4 files cannot be opened."
    told = window.page.banner.text.text().splitlines()
    assert told[0] == f"pipe cannot be opened. {pipe} is a pipe or a device."
    assert told[1].startswith("gone.py is not there.")


def test_of_two_files_opened_in_a_row_the_second_stays(
    qtbot: QtBot, window: Window, job_file: Path, square: Path
) -> None:
    window.opener.open(square)
    opened(qtbot, window, job_file)
    assert window.page.document.path == job_file


def drop(target: QWidget, path: Path) -> None:
    """Drag a file onto `target` and drop it there, as the desktop would."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    action, button, key = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), action, data, button, key)
    QApplication.sendEvent(target, enter)
    assert enter.isAccepted()
    event = QDropEvent(QPointF(5, 5), action, data, button, key)
    QApplication.sendEvent(target, event)
    assert event.isAccepted()


@pytest.mark.parametrize("where", ["window", "line", "editor", "values"])
@pytest.mark.parametrize("page", ["first", "later"])
def test_a_file_can_be_dropped_anywhere(
    qtbot: QtBot, window: Window, job_file: Path, where: str, page: str
) -> None:
    if page == "later":
        window.page.form.function.import_path.setText("math:sqrt")
        press(window, "file.new")
    form = window.page.form
    targets = {
        "window": window,
        "line": form.function.file.line,
        "editor": form.function.source.viewport(),
        "values": form.inputs.list.text.viewport(),
    }
    with qtbot.waitSignal(window.opener.reader.settled, timeout=10_000):
        drop(targets[where], job_file)
    assert window.page.document.path == job_file
    assert not window.drops._overlay.isVisible()


def test_a_drag_is_shown_and_what_is_no_file_is_left_alone(window: Window, square: Path) -> None:
    data = QMimeData()
    data.setText("some text")
    action, button, key = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), action, data, button, key)
    enter.ignore()
    QApplication.sendEvent(window, enter)
    assert not enter.isAccepted()
    files = QMimeData()
    files.setUrls([QUrl.fromLocalFile(str(square))])
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(5, 5), action, files, button, key))
    assert window.drops._overlay.isVisible()
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert not window.drops._overlay.isVisible()


def test_a_second_python_file_opens_beside_the_job_that_is_open(
    qtbot: QtBot, window: Window, square: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.py"
    other.write_text("def g(y):\n    return y\n")
    window.opener.open(square)
    qtbot.waitUntil(lambda: window.page.form.function.name.count() == 2)
    window.page.form.function.name.set_value("cube")
    first, job = window.page, window.page.form.job()
    window.opener.open(other)
    qtbot.waitUntil(lambda: window.page is not first)
    qtbot.waitUntil(lambda: window.page.form.job().function.name == "g")
    assert first.form.job() == job
