"""Undo and redo in the form."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.job import Function, Inputs, Job
from gui.shell.window import Window
from tests.gui.test_window import typed


def test_steps_are_undone_and_redone(qtbot: QtBot, window: Window) -> None:
    history, pool = window.history, window.form.pool
    assert not window.menus.undo.isEnabled()
    pool.retries.setValue(3)
    history.keep()
    pool.mode.set_value("process")
    history.keep()
    window.menus.undo.trigger()
    assert (pool.mode.value(), pool.retries.value()) == ("pool", 3)
    window.menus.undo.trigger()
    assert pool.retries.value() == 0
    assert not window.menus.undo.isEnabled()
    window.menus.redo.trigger()
    window.menus.redo.trigger()
    assert (pool.mode.value(), pool.retries.value()) == ("process", 3)
    assert not window.menus.redo.isEnabled()
    assert window.document.modified


def test_a_new_edit_takes_the_place_of_what_was_undone(window: Window) -> None:
    history, pool = window.history, window.form.pool
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
    line = window.form.pool.memory_limit
    window.form.pool.advanced.setChecked(True)
    line.setFocus()
    QTest.keyClicks(line, "2 GiB")
    assert window.menus.undo.isEnabled()
    QTest.keyClick(line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert line.text() == ""
    assert not window.history.can_undo
    redo = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(line, Qt.Key.Key_Z, redo)
    assert line.text() == "2 GiB"


def test_a_pause_ends_a_step(qtbot: QtBot, window: Window) -> None:
    window.form.pool.retries.setValue(1)
    qtbot.waitUntil(lambda: len(window.history._states) == 2)
    window.form.pool.retries.setValue(2)
    window.history.undo()
    assert window.form.pool.retries.value() == 1


def test_text_that_is_no_value_goes_back_to_the_last_whole_job(window: Window) -> None:
    typed(window, "def f(x):\n    return x", 5)
    window.form.inputs.kind.set_value("list")
    window.form.inputs.list.text.setPlainText("[1, 2")
    window.history.undo()
    assert not window.form.own_problems()


def test_the_editor_keeps_its_own_undo(window: Window) -> None:
    window.form.function.way.set_value("source")
    window.history.keep()
    editor = window.form.function.source
    editor.setFocus()
    QTest.keyClicks(editor, "ab")
    QTest.keyClick(editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert editor.toPlainText() == ""
    assert window.form.function.way.value() == "source"


def test_another_document_begins_anew(window: Window, tmp_path: Path) -> None:
    window.form.pool.retries.setValue(1)
    window.document.show(
        Job(Function(import_path="math:sqrt"), Inputs("range", stop=3), folder=tmp_path), "new"
    )
    assert not window.history.can_undo
    window.history.undo()
    assert window.form.job().function.import_path == "math:sqrt"
