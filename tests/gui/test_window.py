"""The window: running from the form, menus and keys, unsaved changes, geometry, closing, the app's start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QMenu
from pytestqt.qtbot import QtBot

from engine import __version__
from engine.job import load
from engine.launch import Ended, Progress, Started
from gui import app
from gui.kit import ask, icons
from gui.kit import theme as themes
from gui.kit.resources import HELP, ICONS
from gui.kit.theme import Theme
from gui.run.header import Header
from gui.shell.help import About, Guide
from gui.shell.window import NARROW, Window

SLOW = "import time\n\n\ndef slow(x):\n    time.sleep(0.05)\n    return x\n"


def typed(window: Window, source: str, stop: int) -> None:
    """Type a function and a range of inputs."""
    window.form.function.way.set_value("source")
    window.form.function.source.setPlainText(source)
    window.form.inputs.kind.set_value("range")
    window.form.inputs.range.stop.setText(str(stop))


def test_a_newcomer_sees_where_to_begin(window: Window) -> None:
    assert window.stack.currentWidget() is window.welcome
    assert window.welcome.begin.isVisible()
    assert window.form.function.file.line.hasFocus()
    assert window.header.run.isEnabled()
    assert not window.header.stop.isEnabled()
    assert not any(row.problem.isVisible() for s in window.form.sections for row in s.rows.values())


def test_the_way_on_is_told_step_by_step(qtbot: QtBot, window: Window, square: Path) -> None:
    assert window.welcome.title.text() == "Drop a Python file anywhere here"
    window.open(square)
    qtbot.waitUntil(lambda: window.welcome.title.text() == "Choose a function")
    qtbot.waitUntil(lambda: window.form.function.name.count() == 2)
    window.form.function.name.set_value("cube")
    assert window.welcome.title.text() == "Press Run, or F5"
    assert not window.welcome.begin.isVisible()


def test_a_job_typed_in_runs_to_its_end(qtbot: QtBot, window: Window) -> None:
    typed(window, "def f(x):\n    return x * x", 20)
    with qtbot.waitSignal(window.live.finished, timeout=20_000):
        QTest.keyClick(window, Qt.Key.Key_F5)
        assert not window.header.run.isEnabled()
    qtbot.waitUntil(lambda: " in " in window.header.detail.text())
    assert window.header.title.text() == "Finished"
    assert window.header.detail.text().startswith("20 of 20 tasks")
    assert window.stack.currentWidget() is window.tabs
    assert window.header.run.isEnabled()
    qtbot.waitUntil(lambda: window.runs.model.rowCount() == 1)


def test_stop_keeps_what_is_done(qtbot: QtBot, window: Window) -> None:
    typed(window, SLOW, 10_000)
    window.live.run()
    qtbot.waitUntil(
        lambda: window.header.state == "running" and window.header.bar.value() >= 0, timeout=20_000
    )
    assert window.header.stop.isEnabled()
    with qtbot.waitSignal(window.live.finished, timeout=20_000):
        QTest.keyClick(window, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
        assert window.header.state == "stopping"
        assert window.header.stop.text() == "Stop now"
    assert window.header.title.text() == "Stopped"


def test_another_run_can_be_looked_at_meanwhile(qtbot: QtBot, window: Window) -> None:
    typed(window, "def f(x):\n    return x", 3)
    with qtbot.waitSignal(window.live.finished, timeout=20_000):
        window.live.run()
    first = window.live.shown
    typed(window, SLOW, 10_000)
    window.live.run()
    qtbot.waitUntil(lambda: window.header.state == "running", timeout=20_000)
    second = window.live.shown
    assert first
    assert second
    window.document.modified = False
    window.open(first)
    qtbot.waitUntil(lambda: window.header.title.text() == "Finished")
    assert window.header.stop.isEnabled()
    assert not window.header.run.isEnabled()
    strip = window.header.elsewhere
    assert strip.isVisible()
    assert strip.text.text().startswith("Running: slow, ")
    assert strip.text.text().endswith(" of 10,000 tasks")
    strip.show_it.click()
    qtbot.waitUntil(lambda: window.header.title.text() == "Running")
    assert window.live.shown == second
    assert not strip.isVisible()
    assert window.form.job().inputs.stop == 10_000


def test_how_a_run_ended_is_told_once_where_another_is_shown(qtbot: QtBot, window: Window) -> None:
    typed(window, SLOW, 10_000)
    window.live.run()
    qtbot.waitUntil(lambda: window.header.state == "running", timeout=20_000)
    folder = window.live.shown
    assert folder
    window.document.modified = False
    window.new()
    strip = window.header.elsewhere
    assert strip.isVisible()
    with qtbot.waitSignal(window.live.finished, timeout=20_000):
        window.live.controls.stop()
        assert window.header.title.text() == "Ready"
        assert strip.text.text().startswith("Stopping: slow")
    assert strip.text.text().startswith("Stopped: slow, ")
    window.open(folder)
    qtbot.waitUntil(lambda: window.header.title.text() == "Stopped")
    assert not strip.isVisible()
    window.document.modified = False
    window.new()
    assert not strip.isVisible()


def test_what_is_wrong_runs_nothing_and_takes_the_focus(qtbot: QtBot, window: Window) -> None:
    window.form.pool.workers.setValue(10_000)
    window.live.run()
    qtbot.waitUntil(lambda: window.header.state == "refused")
    assert not window.live.running
    assert window.form.function.rows["function.file"].problem.isVisible()
    assert window.form.function.file.line.hasFocus()
    assert "10000" in window.form.pool.rows["run.workers"].problem.text()
    assert not window.root.exists()


def test_a_refusal_is_said_until_something_is_changed(qtbot: QtBot, window: Window) -> None:
    window.live.run()
    qtbot.waitUntil(lambda: window.header.state == "refused")
    typed(window, "def f(x):\n    return x", 3)
    assert window.header.state == "ready"
    with qtbot.waitSignal(window.live.finished, timeout=20_000):
        window.live.run()
    window.form.pool.workers.setValue(10_000)
    window.live.run()
    qtbot.waitUntil(lambda: window.header.state == "refused")
    window.form.pool.workers.setValue(1)
    qtbot.waitUntil(lambda: window.header.title.text() == "Finished")


def test_what_the_host_refuses_stands_beside_its_field(qtbot: QtBot, window: Window) -> None:
    typed(window, "raise RuntimeError('no')\n\n\ndef f(x):\n    return x", 3)
    with qtbot.waitSignal(window.live.finished, timeout=20_000):
        window.live.run()
    assert window.header.state == "refused"
    assert "RuntimeError" in window.banner.text.text() + window.banner.details.toPlainText()
    assert any(row.problem.isVisible() for row in window.form.function.rows.values())
    assert window.live.shown is None


def test_problems_are_found_while_typing(qtbot: QtBot, window: Window) -> None:
    window.form.function.file.line.setText("/nowhere/at_all.py")
    problem = window.form.function.rows["function.file"].problem
    qtbot.waitUntil(problem.isVisible)
    assert "/nowhere/at_all.py" in problem.text()


def test_saving_and_saving_as(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(window, "def f(x):\n    return x", 7)
    assert window.isWindowModified()
    path = tmp_path / "seven.pool"
    monkeypatch.setattr(ask, "job_to_save", lambda *_: str(path))
    window.menus.save.trigger()
    qtbot.waitUntil(lambda: not window.isWindowModified())
    assert load(path).inputs.stop == 7
    window.form.inputs.range.stop.setText("8")
    monkeypatch.setattr(ask, "job_to_save", lambda *_: pytest.fail("asked again"))
    window.menus.save.trigger()
    qtbot.waitUntil(lambda: not window.isWindowModified())
    assert load(path).inputs.stop == 8
    assert window.settings.recent == [path]
    assert window.menus.recent.isEnabled()
    assert "seven.pool" in window.menus.recent.actions()[0].text()


def test_a_job_that_cannot_be_saved_stays(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(window, "def f(x):\n    return x", 7)
    monkeypatch.setattr(ask, "job_to_save", lambda *_: str(tmp_path / "no" / "where.pool"))
    window.menus.save.trigger()
    qtbot.waitUntil(window.banner.isVisible)
    assert window.isWindowModified()


@pytest.mark.parametrize(("answer", "cleared"), [("cancel", False), ("discard", True)])
def test_new_asks_about_unsaved_changes(
    window: Window, monkeypatch: pytest.MonkeyPatch, answer: str, cleared: bool
) -> None:
    window.form.pool.workers.setValue(3)
    monkeypatch.setattr(ask, "unsaved", lambda *_: answer)
    window.menus.new.trigger()
    assert (window.form.job().run.workers == 0) is cleared


def test_closing_asks_about_unsaved_changes(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.form.pool.workers.setValue(3)
    monkeypatch.setattr(ask, "unsaved", lambda *_: "cancel")
    window.close()
    assert window.isVisible()
    monkeypatch.setattr(ask, "unsaved", lambda *_: "discard")
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible())


def test_closing_saves_first_where_asked_to(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.form.pool.workers.setValue(3)
    path = tmp_path / "three.pool"
    monkeypatch.setattr(ask, "unsaved", lambda *_: "save")
    monkeypatch.setattr(ask, "job_to_save", lambda *_: str(path))
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert load(path).run.workers == 3


def test_closing_while_a_run_goes_on_asks_and_stops_it(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(window, SLOW, 10_000)
    window.live.run()
    qtbot.waitUntil(lambda: window.header.state == "running", timeout=20_000)
    monkeypatch.setattr(ask, "live_run", lambda _: "cancel")
    window.close()
    assert window.isVisible()
    assert window.live.running
    monkeypatch.setattr(ask, "live_run", lambda _: "stop")
    asked: list[str] = []
    monkeypatch.setattr(ask, "unsaved", lambda _, name: asked.append(name) or "cancel")
    window.close()
    qtbot.waitUntil(lambda: asked == [""], timeout=20_000)
    assert window.isVisible()
    assert not window.live.running
    monkeypatch.setattr(ask, "unsaved", lambda *_: "discard")
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible())


def test_geometry_panes_and_colours_are_remembered(make_window: Callable[[], Window]) -> None:
    first = make_window()
    first.resize(720, 500)
    first.menus.runs_pane.trigger()
    first.menus.schemes["dark"].trigger()
    first.close()
    second = make_window()
    assert (second.width(), second.height()) == (720, 500)
    assert not second.menus.runs_pane.isChecked()
    assert second.menus.schemes["dark"].isChecked()
    assert themes.is_dark()
    second.menus.schemes["system"].trigger()
    assert not themes.is_dark()


def test_the_first_window_fits_on_the_screen(window: Window) -> None:
    screen = window.screen().availableSize()
    assert window.width() <= screen.width()
    assert window.height() <= screen.height()


def test_a_narrow_window_makes_room_and_shows_the_runs_when_asked(qtbot: QtBot, window: Window) -> None:
    window.resize(800, 600)
    assert window.width() == 800 < NARROW
    assert not window.runs.isVisible()
    assert window.form.viewport().width() >= window.form.widget().minimumSizeHint().width()
    assert not window.menus.runs_pane.isChecked()
    window.menus.runs_pane.trigger()
    assert window.runs.isVisible()
    window.resize(1200, 700)
    assert window.runs.isVisible()
    assert window.menus.runs_pane.isChecked()


def test_standard_keys_do_the_standard_things(window: Window) -> None:
    menus, key = window.menus, QKeySequence.StandardKey
    for action, standard in ((menus.new, key.New), (menus.open, key.Open), (menus.save, key.Save)):
        assert action.shortcut() == QKeySequence(standard)
    keys = [a.shortcut().toString() for a in window.findChildren(QAction) if not a.shortcut().isEmpty()]
    assert len(keys) == len(set(keys))


def test_no_two_things_in_sight_have_one_mnemonic(window: Window) -> None:
    window.form.inputs.kind.set_value("list")
    bar = [action.text() for action in window.menuBar().actions()]
    kinds = (QLabel, QAbstractButton)
    seen = [w.text() for kind in kinds for w in window.findChildren(kind) if w.isVisible()]
    letters = Counter(QKeySequence.mnemonic(text).toString() for text in [*bar, *seen])
    letters.pop("", None)
    assert [letter for letter, times in letters.items() if times > 1] == []
    for menu in window.menuBar().findChildren(QMenu):
        own = [QKeySequence.mnemonic(action.text()).toString() for action in menu.actions()]
        assert len([k for k in own if k]) == len({k for k in own if k}), menu.title()


def test_every_control_in_sight_says_its_name(window: Window) -> None:
    silent = [
        type(w).__name__
        for w in window.findChildren(QAbstractButton)
        if w.isVisible() and not (w.text() or w.accessibleName() or w.toolTip())
    ]
    assert silent == []


def test_recent_files_are_forgotten_on_request(window: Window, square: Path) -> None:
    window.settings.add_recent(square)
    window.menus.recent.actions()[-1].trigger()
    assert window.settings.recent == []
    assert not window.menus.recent.isEnabled()


def test_help_has_a_guide_and_about(qtbot: QtBot, window: Window) -> None:
    window.menus.guide.trigger()
    window.menus.about.trigger()
    guide = next(w for w in window.findChildren(Guide))
    assert "Poolhouse runs a Python function" in guide.pages.toPlainText()
    about = next(w for w in window.findChildren(About))
    assert any(__version__ in label.text() for label in about.findChildren(QLabel))
    for dialog in (guide, about):
        with qtbot.waitSignal(dialog.destroyed):
            dialog.close()
    assert (HELP / "guide.md").is_file()


def test_what_goes_wrong_in_poolhouse_is_shown_with_its_traceback(window: Window) -> None:
    window.unexpected(RuntimeError("a fault"))
    assert "a fault" in window.banner.text.text()
    assert not window.banner.details.isVisible()
    window.banner.more.click()
    assert window.banner.details.isVisible()
    assert "RuntimeError: a fault" in window.banner.details.toPlainText()


@pytest.mark.parametrize("name", sorted(path.stem for path in ICONS.glob("*.svg")))
def test_every_icon_draws_something(qapp: QApplication, name: str) -> None:
    image = icons.icon(name).pixmap(32, 32).toImage()
    assert any(image.pixelColor(x, y).alpha() for x in range(32) for y in range(32))


def test_text_can_be_read_in_both_schemes() -> None:
    for colors in (themes.LIGHT, themes.DARK):
        for ink in (
            "text",
            "muted",
            "accent",
            "problem",
            "warning",
            "good",
            "keyword",
            "string",
            "number",
            "comment",
        ):
            for ground in ("window", "base", "raised"):
                assert contrast(getattr(colors, ink), getattr(colors, ground)) >= 4.5, (ink, ground)
        assert contrast(colors.on_accent, colors.accent) >= 4.5
        assert contrast(colors.text, colors.selection) >= 4.5
        assert contrast(colors.text, colors.problem_back) >= 4.5


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, as WCAG counts it."""

    def light(color: str) -> float:
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_header_counts_more_than_a_bar_can(qtbot: QtBot, theme: Theme) -> None:
    header = Header()
    qtbot.addWidget(header)
    header.started(Started(10**12, 2, 0.0))
    header.progressed(Progress(5 * 10**11, 0, 2))
    assert header.bar.value() == header.bar.maximum() // 2
    assert header.detail.text().startswith("500,000,000,000 of 1,000,000,000,000 tasks")
    header.ended(Ended("finished", ok=10**12 - 2, failed=2, total=10**12))
    assert header.title.text() == "Finished, 2 tasks failed"


def test_the_version_is_said_and_a_missing_display_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit) as left:
        app.main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out == f"Poolhouse {__version__}\n"
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert app.main([]) == 1
    assert "no display" in capsys.readouterr().err


def test_an_icon_of_no_size_is_painted_without_a_word(window: Window) -> None:
    assert icons.icon("run").pixmap(QSize(0, 0)).isNull()
