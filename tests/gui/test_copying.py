"""The job as code on the clipboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from engine.shell import command_line
from engine.source.code import read_written
from gui.kit import ask
from gui.shell.window import Window
from tests.gui.doing import press
from tests.gui.test_window import typed


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


def test_the_job_is_copied_as_a_script_and_may_be_saved(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(window, "def f(x):\n    return x * x", 20)
    press(window, "edit.copy_script")
    qtbot.waitUntil(lambda: window.page.banner.title.text() == "The script is on the clipboard.")
    job = read_written(clipboard())
    assert job is not None
    assert (job.function.source, job.inputs.stop) == ("def f(x):\n    return x * x", 20)
    path = tmp_path / "f_pool.py"
    monkeypatch.setattr(ask, "script_to_save", lambda _parent, start: str(path))
    window.page.banner.action.click()
    qtbot.waitUntil(lambda: window.page.banner.title.text() == "The script is saved.")
    assert path.read_text("utf-8") == clipboard()


def test_a_script_that_cannot_be_saved_is_told(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(window, "def f(x):\n    return x * x", 20)
    window.page.copying.script()
    qtbot.waitUntil(lambda: window.page.banner.action.text() == "Save as a file…")
    monkeypatch.setattr(ask, "script_to_save", lambda _parent, start: str(tmp_path / "no" / "f.py"))
    window.page.banner.action.click()
    qtbot.waitUntil(lambda: window.page.banner.title.text() == "The script was not saved.")


def test_what_cannot_be_copied_is_told_beside_its_field(qtbot: QtBot, window: Window) -> None:
    window.page.copying.script()
    qtbot.waitUntil(lambda: window.page.banner.title.text() == "Nothing was copied.")
    assert window.page.form.function.rows["function.file"].problem.isVisible()
    typed(window, "def main(x):\n    return x", 3)
    window.page.copying.script()
    qtbot.waitUntil(lambda: window.page.banner.title.text() == "This job cannot be written as a script.")
    assert "main" in window.page.form.function.rows["function.source"].problem.text()


def test_the_command_runs_the_file_as_it_is_saved(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(window, "def f(x):\n    return x * x", 20)
    press(window, "edit.copy_command")
    assert window.page.banner.title.text() == "Save the job first."
    path = tmp_path / "my job.pool"
    monkeypatch.setattr(ask, "job_to_save", lambda _parent, start: str(path))
    window.page.banner.action.click()
    qtbot.waitUntil(lambda: window.page.banner.title.text() == "The command is on the clipboard.")
    assert clipboard() == command_line(["poolhouse", "run", str(path)])
