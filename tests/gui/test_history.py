"""Undo and redo in the form."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.job import Function, Inputs, Job
from gui.shell.window import Window
from tests.gui.doing import enabled, press
from tests.gui.test_window import typed


def test_steps_are_undone_and_redone(qtbot: QtBot, window: Window) -> None:
    history, pool = window.page.history, window.page.form.pool
    assert not enabled(window, "edit.undo")
    pool.retries.setValue(3)
    history.keep()
    pool.mode.set_value("process")
    history.keep()
    press(window, "edit.undo")
    assert (pool.mode.value(), pool.retries.value()) == ("pool", 3)
    press(window, "edit.undo")
    assert pool.retries.value() == 0
    assert not enabled(window, "edit.undo")
    press(window, "edit.redo")
    press(window, "edit.redo")
    assert (pool.mode.value(), pool.retries.value()) == ("process", 3)
    assert not enabled(window, "edit.redo")
    assert window.page.document.modified


def test_a_new_edit_takes_the_place_of_what_was_undone(window: Window) -> None:
    history, pool = window.page.history, window.page.form.pool
    for number in (1, 2):
        pool.retries.setValue(number)
        history.keep()
    history.undo()
    pool.retries.setValue(7)
    history.keep()
    assert not history.can_redo
    history.undo()
    assert pool.retries.value() == 1


def test_typing_without_a_pause_is_one_step(qtbot: QtBot, window: Window) -> None:
    line = window.page.form.pool.memory_limit
    window.page.form.pool.advanced.setChecked(True)
    line.setFocus()
    QTest.keyClicks(line, "2 GiB")
    assert enabled(window, "edit.undo")
    QTest.keyClick(line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert line.text() == ""
    assert not window.page.history.can_undo
    assert enabled(window, "edit.redo")
    redo = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(line, Qt.Key.Key_Z, redo)
    assert line.text() == "2 GiB"


def test_a_pause_ends_a_step(qtbot: QtBot, window: Window) -> None:
    window.page.form.pool.retries.setValue(1)
    qtbot.waitUntil(lambda: len(window.page.history._states) == 2)
    window.page.form.pool.retries.setValue(2)
    window.page.history.undo()
    assert window.page.form.pool.retries.value() == 1


def test_text_that_is_no_value_goes_back_to_the_last_whole_job(window: Window) -> None:
    typed(window, "def f(x):\n    return x", 5)
    window.page.form.inputs.kind.set_value("list")
    window.page.form.inputs.list.text.setPlainText("[1, 2")
    window.page.history.undo()
    assert not window.page.form.own_problems()


def test_the_editor_keeps_its_own_undo(window: Window) -> None:
    window.page.form.function.way.set_value("source")
    window.page.history.keep()
    editor = window.page.form.function.source
    editor.setFocus()
    QTest.keyClicks(editor, "ab")
    QTest.keyClick(editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert editor.toPlainText() == ""
    assert window.page.form.function.way.value() == "source"


def test_another_document_begins_anew(window: Window, tmp_path: Path) -> None:
    window.page.form.pool.retries.setValue(1)
    window.page.document.show(
        Job(Function(import_path="math:sqrt"), Inputs("range", stop=3), folder=tmp_path), "new"
    )
    assert not window.page.history.can_undo
    window.page.history.undo()
    assert window.page.form.job().function.import_path == "math:sqrt"
