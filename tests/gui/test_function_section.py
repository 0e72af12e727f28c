"""The Function section: the file is watched, its warnings shown, and the interpreter picked."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from pytestqt.qtbot import QtBot

from engine.interpreters import Interpreter, forget
from engine.job import Function, Inputs, Job, Run
from engine.runs import open_run
from gui.form import Form
from gui.form.large import LargeEditor
from gui.shell.window import Window
from tests.interpreters import interpreters

OTHER = next(path for path in interpreters().values() if path != Path(sys.executable))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file in a project that has an environment."""
    monkeypatch.setenv("HOME", str(tmp_path))
    forget()
    subprocess.run([OTHER, "-m", "venv", "--without-pip", tmp_path / "project" / ".venv"], check=True)
    file = tmp_path / "project" / "work.py"
    file.write_text("import sys\n\ndef f(x):\n    return sys.prefix\n")
    return file


def test_a_file_that_changes_is_reread_and_the_chosen_name_stays(
    qtbot: QtBot, form: Form, square: Path
) -> None:
    name = form.function.name
    form.choose_file(square)
    qtbot.waitUntil(lambda: name.count() == 2)
    name.set_value("cube")
    changes: list[None] = []
    form.changed.connect(lambda: changes.append(None))
    square.write_text("def cube(x, by=3): ...\ndef other(): ...\ndef third(): ...\n")
    qtbot.waitUntil(lambda: name.count() == 3)
    assert form.job().function.name == "cube"
    assert form.function.signature.text() == "cube(x, by=3)"
    draft = square.with_suffix(".new")  # as editors save
    draft.write_text("def new(): ...\ndef cube(x): ...\n")
    draft.replace(square)
    qtbot.waitUntil(lambda: name.itemText(0) == "new()")
    with square.open("a") as file:  # the file that took its place is watched too
        file.write("def more(): ...\n")
    qtbot.waitUntil(lambda: name.count() == 3)
    assert changes == []


def test_a_file_that_vanishes_is_said_beside_the_field_until_it_is_back(
    qtbot: QtBot, window: Window, square: Path
) -> None:
    form = window.page.form
    form.set_job(Job(Function(file=str(square), name="cube"), folder=square.parent))
    qtbot.waitUntil(lambda: form.function.chosen() is not None)
    text = square.read_text()
    problem = form.function.rows["function.file"].problem
    square.unlink()
    qtbot.waitUntil(lambda: problem.isVisible() and "there is no such file" in problem.text())
    assert form.job().function.name == "cube"
    square.write_text(text)
    qtbot.waitUntil(lambda: not problem.isVisible())
    square.write_text("def other(): ...\n")
    fault = form.function.rows["function.name"].problem
    qtbot.waitUntil(lambda: fault.isVisible() and '"cube"' in fault.text())
    assert not window.page.document.modified


def test_what_each_worker_would_run_again_is_said_with_its_line(
    qtbot: QtBot, form: Form, square: Path
) -> None:
    note = form.function.rows["function.file"].note
    form.choose_file(square)
    qtbot.waitUntil(lambda: form.function.name.count() == 2)
    assert not note.isVisible()
    square.write_text(square.read_text() + "\nprint(square(3))\n")
    qtbot.waitUntil(note.isVisible)
    assert note.text().startswith("Line 12: print(square(3)) runs again in each worker.")
    form.function.way.set_value("source")
    form.function.source.setPlainText("main()\ndef f(): ...\n")
    typed = form.function.rows["function.source"].note
    qtbot.waitUntil(typed.isVisible)
    assert typed.text().startswith("Line 1: main()")


def test_methods_partial_and_async_functions_are_listed(qtbot: QtBot, form: Form) -> None:
    form.function.way.set_value("source")
    form.function.source.setPlainText(
        "from functools import partial\nasync def get(url): 'Gets it.'\nclass A:\n    @staticmethod\n"
        "    def make(x): ...\nlater = partial(get, 'x')\n"
    )
    name = form.function.name
    qtbot.waitUntil(lambda: name.count() == 4)
    assert [name.itemText(n) for n in range(1, 4)] == ["async get(url)", "A.make(x)", "async later()"]
    name.set_value("get")
    assert (form.function.signature.text(), form.function.doc.text()) == ("async get(url)", "Gets it.")


def test_interpreters_are_listed_with_version_and_one_is_chosen(
    qtbot: QtBot, form: Form, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    field = form.function.python
    field.recent = lambda: [OTHER, Path("/gone")]
    form.choose_file(project)
    qtbot.waitUntil(field.hint.isVisible)
    field.box.showPopup()
    qtbot.waitUntil(lambda: field.box.count() > 2)
    listed = [field.box.itemText(n) for n in range(3)]
    assert listed == ["", str(project.parent / ".venv" / "bin" / "python3"), str(OTHER)]
    assert field.box.itemData(1, Qt.ItemDataRole.UserRole)[1:] == (
        ".venv",
        "~/project/.venv/bin/python3",
        True,
    )
    field.box.hidePopup()
    field.box.setCurrentIndex(2)
    assert form.job().function.python == str(OTHER)
    qtbot.waitUntil(field.about.isVisible)
    assert field.about.text().startswith("Python 3.")
    assert not field.hint.isVisible()
    found = [Interpreter(Path("/new"), "new", "3.99.1", "pyenv", "")]
    monkeypatch.setattr("engine.interpreters.find", lambda *_: found)
    field.look_again()
    qtbot.waitUntil(lambda: field.box.count() == 2)
    assert form.job().function.python == str(OTHER)


def test_no_environment_is_proposed_before_there_is_a_file(form: Form) -> None:
    form.show()
    assert form.function.python.isVisible()
    assert not form.function.python.use.isVisible()


def test_the_files_own_environment_is_a_click_away_and_runs(
    qtbot: QtBot, window: Window, project: Path
) -> None:
    form = window.page.form
    folder = project.parent
    form.set_job(Job(Function(file="work.py", name="f"), Inputs("list", (1,)), Run(workers=1), folder=folder))
    field = form.function.python
    qtbot.waitUntil(field.use.isVisible)
    assert "~/project/.venv" in field.hint.text()
    assert form.job().function.python == ""
    qtbot.mouseClick(field.use, Qt.MouseButton.LeftButton)
    assert form.job().function.python == str(folder / ".venv")
    window.page.run()
    qtbot.waitUntil(lambda: window.page.header.state == "finished", timeout=30_000)
    assert window.page.shown.folder is not None
    with open_run(window.page.shown.folder) as run:
        assert Path(str(run.facts().executable)).parent == folder / ".venv" / "bin"
    assert window.settings.pythons() == [folder / ".venv"]


def _broken(folder: Path) -> Path:
    path = folder / "python"
    path.write_text("#!/bin/sh\nexit 1\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: folder / "gone", "there is no such file or folder"),
        (lambda folder: folder, "the folder has no python in it"),
        (_broken, "does not run"),
    ],
)
def test_an_interpreter_that_cannot_be_used_is_an_error_beside_the_field(
    qtbot: QtBot, window: Window, tmp_path: Path, make: Callable[[Path], Path], said: str
) -> None:
    window.page.form.function.python.line.setText(str(make(tmp_path)))
    problem = window.page.form.function.rows["function.python"].problem
    qtbot.waitUntil(lambda: problem.isVisible() and said in problem.text())
    assert not window.page.form.function.python.about.isVisible()


def test_the_line_at_which_a_run_failed_is_marked_in_the_source(qtbot: QtBot, window: Window) -> None:
    source = "def f(x):\n    return x\n\n\ny = f(1)\nz = undefined\n"
    window.page.form.set_job(Job(Function(source=source), Inputs("list", (1,)), Run(workers=1)))
    qtbot.waitUntil(lambda: window.page.form.function.chosen() is not None)
    window.page.run()
    editor = window.page.form.function.source
    qtbot.waitUntil(lambda: editor.marked == 6, timeout=30_000)
    assert "undefined" in window.page.form.function.rows["function.source"].problem.text()
    editor.setPlainText(source.replace("undefined", "1"))
    qtbot.waitUntil(lambda: editor.marked == 0)


def test_the_source_is_edited_in_a_large_window(qtbot: QtBot) -> None:
    form = Form()
    qtbot.addWidget(form)
    form.show()
    section = form.function
    section.way.set_value("source")
    section._show_way("source")
    section.source.setPlainText("def f(x):\n    return x\n")
    section.large.click()
    (dialog,) = form.window().findChildren(LargeEditor)
    dialog.editor.moveCursor(QTextCursor.MoveOperation.End)
    qtbot.keyClicks(dialog.editor, "y = 1")
    assert section.source.toPlainText().endswith("y = 1")
    with qtbot.waitSignal(dialog.destroyed):
        dialog.accept()
    assert section.source.toPlainText() == "def f(x):\n    return x\ny = 1"
    section.source.undo()
    assert section.source.toPlainText() == "def f(x):\n    return x\n"


def test_the_large_window_finds_a_text(qtbot: QtBot, form: Form) -> None:
    section = form.function
    section.way.set_value("source")
    section.source.setPlainText("def f(x):\n    y = x\n    return y + X\n")
    section.large.click()
    (dialog,) = form.window().findChildren(LargeEditor)
    qtbot.waitUntil(dialog.editor.hasFocus)
    qtbot.keyClick(dialog, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    bar = dialog.find_bar
    qtbot.waitUntil(bar.text.hasFocus)
    qtbot.keyClicks(bar.text, "x")
    assert bar.count.text() == "1 of 3"
    qtbot.keyClick(bar.text, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert (bar.count.text(), dialog.editor.textCursor().selectedText()) == ("3 of 3", "X")
    qtbot.keyClick(bar.text, Qt.Key.Key_Return)
    assert bar.count.text() == "1 of 3"
    qtbot.keyClicks(bar.text, "nowhere")
    assert bar.count.text() == "Not found"
    assert bar.text.property("fault")
    qtbot.keyClick(bar.text, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert not bar.isVisible()
    with qtbot.waitSignal(dialog.destroyed):
        dialog.accept()
