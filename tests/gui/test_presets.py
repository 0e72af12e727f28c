"""Presets in the menu and their dialog, and the last values of a function."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from engine.presets import LastUsed, Presets
from gui.document.manage import ManagePresets
from gui.kit import ask
from gui.shell.window import Window
from tests.gui.doing import press
from tests.gui.test_window import typed


def in_menu(window: Window) -> list[str]:
    """The presets in the menu."""
    texts = [action.text() for action in entries(window)]
    return texts[: texts.index("")]


def entries(window: Window) -> list[QAction]:
    menu = next(m for m in window.menuBar().findChildren(QMenu) if m.title() == "&Presets")
    menu.aboutToShow.emit()
    return menu.actions()


def answer(monkeypatch: pytest.MonkeyPatch, question: str, given: str | bool) -> None:
    monkeypatch.setattr(ask, question, lambda *_: given)


@pytest.fixture
def kept(qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch) -> Window:
    """A window with two presets, A & B and nightly."""
    typed(window, "def f(x):\n    return x", 20)
    for name in ("nightly", "A & B"):
        answer(monkeypatch, "preset_name", name)
        press(window, "preset.save")
        qtbot.waitUntil(lambda name=name: name in window.presets.names)
    return window


def dialog(qtbot: QtBot, window: Window) -> ManagePresets:
    window.presets.manage()
    found = window.findChild(ManagePresets)
    assert isinstance(found, ManagePresets)
    qtbot.waitUntil(lambda: found.list.count() == len(window.presets.names))
    return found


def test_a_job_is_kept_by_name_and_opened_as_a_new_one(
    qtbot: QtBot, kept: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert in_menu(kept) == ["A && B", "nightly"]
    kept.page.document.modified = False
    kept.registry.run("file.new")
    assert kept.page.form.empty
    entries(kept)[1].trigger()
    qtbot.waitUntil(lambda: kept.page.document.name == "nightly")
    assert kept.page.form.job().inputs.stop == 20
    assert kept.page.document.path is None
    assert not kept.page.document.modified


def test_a_name_that_is_taken_is_asked_about(
    qtbot: QtBot, kept: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, "preset_name", "nightly")
    answer(monkeypatch, "replace_preset", False)
    kept.page.form.pool.retries.setValue(5)
    press(kept, "preset.save")
    assert Presets().load("nightly").run.retries == 0
    answer(monkeypatch, "replace_preset", True)
    press(kept, "preset.save")
    qtbot.waitUntil(lambda: Presets().load("nightly").run.retries == 5)


def test_a_name_that_cannot_be_is_told(qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, "preset_name", "a/b")
    press(window, "preset.save")
    qtbot.waitUntil(lambda: "cannot be the name" in window.page.banner.text.text())


def test_presets_are_put_in_order(qtbot: QtBot, kept: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    manage = dialog(qtbot, kept)
    manage.list.setCurrentRow(1)
    being_edited = manage.list.item(1)
    kept.presets.changed.emit()
    assert manage.list.item(1) is being_edited
    manage.duplicate.click()
    qtbot.waitUntil(lambda: in_menu(kept) == ["A && B", "nightly", "nightly 2"])
    qtbot.waitUntil(lambda: manage.list.count() == 3)
    manage.list.item(2).setText("weekly")
    qtbot.waitUntil(lambda: "weekly" in kept.presets.names)
    manage.list.item(2).setText("nightly")
    qtbot.waitUntil(manage.problem.isVisible)
    assert "already" in manage.problem.text()
    assert manage.list.item(2).text() == "weekly"
    manage.list.setCurrentRow(2)
    answer(monkeypatch, "delete_preset", False)
    manage.delete.click()
    answer(monkeypatch, "delete_preset", True)
    manage.delete.click()
    qtbot.waitUntil(lambda: in_menu(kept) == ["A && B", "nightly"])
    kept.page.document.modified = False
    manage.show_it.click()
    qtbot.waitUntil(lambda: kept.page.document.name == "nightly")
    assert not kept.findChild(ManagePresets) or not manage.isVisible()


def test_the_dialog_says_how_to_begin(qtbot: QtBot, window: Window) -> None:
    manage = dialog(qtbot, window)
    assert not manage.show_it.isEnabled()
    assert "No presets yet" in manage._note.text()
    manage.close()


def test_last_values_come_back_with_the_function(
    qtbot: QtBot, make_window: Callable[[], Window], square: Path
) -> None:
    window = make_window()
    window.opener.open(square)
    qtbot.waitUntil(lambda: window.page.form.function.name.count() == 2)
    window.page.form.function.name.set_value("cube")
    window.page.form.inputs.kind.set_value("range")
    window.page.form.inputs.range.stop.setText("7")
    window.page.form.pool.retries.setValue(2)
    with qtbot.waitSignal(window.sessions.finished, timeout=20_000):
        QTest.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: LastUsed().of(f"{square}:cube") is not None)
    window.page.document.modified = False
    window.registry.run("file.new")
    window.page.form.choose_file(square)
    qtbot.waitUntil(lambda: window.page.form.function.name.count() == 2)
    window.page.form.function.name.set_value("square")
    window.page.form.function.name.set_value("cube")
    qtbot.waitUntil(lambda: "last used" in window.page.banner.title.text())
    job = window.page.form.job()
    assert (job.function.name, job.inputs.stop, job.run.retries) == ("cube", 7, 2)
    window.page.banner.action.click()
    job = window.page.form.job()
    assert (job.function.name, job.inputs.kind, job.run.retries) == ("cube", "list", 0)


def test_the_interpreter_comes_back_too(qtbot: QtBot, window: Window, square: Path) -> None:
    window.opener.open(square)
    qtbot.waitUntil(lambda: window.page.form.function.name.count() == 2)
    window.page.form.function.name.set_value("cube")
    job = window.page.form.job()
    LastUsed().keep(job.with_(function=replace(job.function, python=sys.executable)))
    window.page.form.function.name.set_value("square")
    window.page.form.function.name.set_value("cube")
    qtbot.waitUntil(lambda: "last used" in window.page.banner.title.text())
    job = window.page.form.job()
    assert job.resolve(job.function.python) == Path(sys.executable)


def test_last_values_take_the_place_of_nothing_that_was_set(
    qtbot: QtBot, window: Window, square: Path
) -> None:
    window.opener.open(square)
    qtbot.waitUntil(lambda: window.page.form.function.name.count() == 2)
    window.page.form.function.name.set_value("cube")
    job = window.page.form.job()
    LastUsed().keep(job.with_(run=job.run.__class__(retries=9)))
    window.page.form.pool.retries.setValue(3)
    window.page.form.function.name.set_value("square")
    window.page.form.function.name.set_value("cube")
    qtbot.waitUntil(lambda: not window.page.last_values._finder.busy)
    assert window.page.form.job().run.retries == 3
    assert not window.page.banner.isVisible()
