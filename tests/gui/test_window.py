"""The window: running from the form, menus and keys, unsaved changes, geometry, closing, the app's start."""

from __future__ import annotations

import re
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
from gui.run.state import RunState
from gui.shell.about import About
from gui.shell.guide import Guide
from gui.shell.window import NARROW, Window
from tests.gui.doing import press

SLOW = "import time\n\n\ndef slow(x):\n    time.sleep(0.05)\n    return x\n"


def typed(window: Window, source: str, stop: int) -> None:
    """Type a function and a range of inputs."""
    window.page.form.function.way.set_value("source")
    window.page.form.function.source.setPlainText(source)
    window.page.form.inputs.kind.set_value("range")
    window.page.form.inputs.range.stop.setText(str(stop))


def recent(window: Window) -> list[QAction]:
    """What the menu of recent files lists."""
    menu = next(m for m in window.menuBar().findChildren(QMenu) if m.title() == "Open &recent")
    menu.aboutToShow.emit()
    return menu.actions()


def test_a_newcomer_sees_where_to_begin(window: Window) -> None:
    assert window.page.stack.currentWidget() is window.page.welcome
    assert window.page.welcome.begin.isVisible()
    assert window.page.form.function.file.line.hasFocus()
    assert window.page.header.buttons["run.start"].isEnabled()
    assert not window.page.header.buttons["run.stop"].isEnabled()
    assert not any(row.problem.isVisible() for s in window.page.form.sections for row in s.rows.values())


def test_the_way_on_is_told_step_by_step(qtbot: QtBot, window: Window, square: Path) -> None:
    assert window.page.welcome.title.text() == "Drop a Python file anywhere here"
    window.opener.open(square)
    qtbot.waitUntil(lambda: window.page.welcome.title.text() == "Choose a function")
    qtbot.waitUntil(lambda: window.page.form.function.name.count() == 2)
    window.page.form.function.name.set_value("cube")
    assert window.page.welcome.title.text() == "Press Run, or F5"
    assert not window.page.welcome.begin.isVisible()


def test_a_job_typed_in_runs_to_its_end(qtbot: QtBot, window: Window) -> None:
    typed(window, "def f(x):\n    return x * x", 20)
    with qtbot.waitSignal(window.sessions.finished, timeout=20_000):
        QTest.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: " ran " in window.page.header.detail.text())
    assert window.page.header.title.text() == "Finished"
    assert window.page.header.detail.text().startswith("20 of 20 tasks")
    assert window.page.stack.currentWidget() is window.page.views
    assert window.page.header.buttons["run.start"].isEnabled()
    qtbot.waitUntil(lambda: window.runs.model.rowCount() == 1)


def test_stop_keeps_what_is_done(qtbot: QtBot, window: Window) -> None:
    typed(window, SLOW, 10_000)
    window.page.run()
    qtbot.waitUntil(
        lambda: window.page.header.state == "running" and window.page.header.bar.value() >= 0, timeout=20_000
    )
    qtbot.waitUntil(window.page.header.buttons["run.stop"].isEnabled)
    with qtbot.waitSignal(window.sessions.finished, timeout=20_000):
        QTest.keyClick(window, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
        assert window.page.header.state == "stopping"
        qtbot.waitUntil(lambda: not window.page.header.buttons["run.stop"].isEnabled())
    assert window.page.header.title.text() == "Stopped"


def test_another_run_can_be_looked_at_meanwhile(qtbot: QtBot, window: Window) -> None:
    typed(window, "def f(x):\n    return x", 3)
    with qtbot.waitSignal(window.sessions.finished, timeout=20_000):
        window.page.run()
    job = window.page
    first = job.shown.folder
    typed(window, SLOW, 10_000)
    job.run()
    qtbot.waitUntil(lambda: job.header.state == "running", timeout=20_000)
    second = job.shown.folder
    assert first
    assert second
    window.opener.open(first)
    qtbot.waitUntil(lambda: window.page is not job)
    qtbot.waitUntil(lambda: window.page.header.title.text() == "Finished")
    run = window.page
    qtbot.waitUntil(lambda: not run.header.buttons["run.stop"].isEnabled())
    window.pages.show(job)
    qtbot.waitUntil(job.header.buttons["run.stop"].isEnabled)
    assert job.header.title.text() == "Running"
    assert job.shown.folder == second
    window.opener.open(second)  # it is beside its form already
    qtbot.waitUntil(lambda: not window.opener.reader.busy)
    assert window.page is job
    assert len(window.pages.all) == 2


def test_what_is_wrong_runs_nothing_and_takes_the_focus(qtbot: QtBot, window: Window) -> None:
    window.page.form.pool.workers.setValue(10_000)
    window.page.run()
    qtbot.waitUntil(lambda: window.page.header.state == "refused")
    assert not window.sessions.live
    assert window.page.form.function.rows["function.file"].problem.isVisible()
    assert window.page.form.function.file.line.hasFocus()
    assert "10000" in window.page.form.pool.rows["run.workers"].problem.text()
    assert not window.root.exists()


def test_a_refusal_is_said_until_something_is_changed(qtbot: QtBot, window: Window) -> None:
    window.page.run()
    qtbot.waitUntil(lambda: window.page.header.state == "refused")
    typed(window, "def f(x):\n    return x", 3)
    assert window.page.header.state == "ready"
    with qtbot.waitSignal(window.sessions.finished, timeout=20_000):
        window.page.run()
    window.page.form.pool.workers.setValue(10_000)
    window.page.run()
    qtbot.waitUntil(lambda: window.page.header.state == "refused")
    window.page.form.pool.workers.setValue(1)
    qtbot.waitUntil(lambda: window.page.header.title.text() == "Finished")


def test_what_the_host_refuses_stands_beside_its_field(qtbot: QtBot, window: Window) -> None:
    typed(window, "raise RuntimeError('no')\n\n\ndef f(x):\n    return x", 3)
    with qtbot.waitSignal(window.sessions.finished, timeout=20_000):
        window.page.run()
    assert window.page.header.state == "refused"
    assert "RuntimeError" in window.page.banner.text.text() + window.page.banner.details.toPlainText()
    assert any(row.problem.isVisible() for row in window.page.form.function.rows.values())
    assert window.page.shown.folder is None


def test_problems_are_found_while_typing(qtbot: QtBot, window: Window) -> None:
    window.page.form.function.file.line.setText("/nowhere/at_all.py")
    problem = window.page.form.function.rows["function.file"].problem
    qtbot.waitUntil(problem.isVisible)
    assert "/nowhere/at_all.py" in problem.text()


def test_saving_and_saving_as(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(window, "def f(x):\n    return x", 7)
    assert window.isWindowModified()
    path = tmp_path / "seven.pool"
    monkeypatch.setattr(ask, "job_to_save", lambda *_: str(path))
    press(window, "file.save")
    qtbot.waitUntil(lambda: not window.isWindowModified())
    assert load(path).inputs.stop == 7
    window.page.form.inputs.range.stop.setText("8")
    monkeypatch.setattr(ask, "job_to_save", lambda *_: pytest.fail("asked again"))
    press(window, "file.save")
    qtbot.waitUntil(lambda: not window.isWindowModified())
    assert load(path).inputs.stop == 8
    assert window.settings.recent == [path]
    assert "seven.pool" in recent(window)[0].text()


def test_a_job_that_cannot_be_saved_stays(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(window, "def f(x):\n    return x", 7)
    monkeypatch.setattr(ask, "job_to_save", lambda *_: str(tmp_path / "no" / "where.pool"))
    press(window, "file.save")
    qtbot.waitUntil(window.page.banner.isVisible)
    assert window.isWindowModified()


@pytest.mark.parametrize(("answer", "closed"), [("cancel", False), ("discard", True)])
def test_a_new_job_has_a_page_of_its_own_and_closing_a_page_asks(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch, answer: str, closed: bool
) -> None:
    window.page.form.pool.workers.setValue(3)
    edited = window.page
    press(window, "file.new")
    assert window.page is not edited
    assert window.page.form.job().run.workers == 0
    window.pages.show(edited)
    asked: list[str] = []
    monkeypatch.setattr(ask, "unsaved", lambda _, name: asked.append(name) or answer)
    press(window, "page.close")
    assert asked == [""]
    assert (edited not in window.pages.all) is closed


def test_closing_asks_about_unsaved_changes(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.page.form.pool.workers.setValue(3)
    monkeypatch.setattr(ask, "leaving", lambda *_: None)
    window.close()
    assert window.isVisible()
    monkeypatch.setattr(ask, "leaving", lambda *_: ask.Leave(save=False, runs="stop"))
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible())


def test_closing_saves_first_where_asked_to(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.page.form.pool.workers.setValue(3)
    path = tmp_path / "three.pool"
    monkeypatch.setattr(ask, "leaving", lambda *_: ask.Leave(save=True, runs="stop"))
    monkeypatch.setattr(ask, "job_to_save", lambda *_: str(path))
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert load(path).run.workers == 3


def test_closing_while_a_run_goes_on_asks_and_stops_it(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(window, SLOW, 10_000)
    window.page.run()
    qtbot.waitUntil(lambda: window.page.header.state == "running", timeout=20_000)
    asked: list[tuple[list[str], list[str]]] = []
    answers = iter((None, ask.Leave(save=False, runs="stop")))

    def answer(_parent: object, unsaved: list[str], live: list[str]) -> ask.Leave | None:
        asked.append((unsaved, live))
        return next(answers)

    monkeypatch.setattr(ask, "leaving", answer)
    window.close()
    assert window.isVisible()
    assert window.sessions.live
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=20_000)
    assert asked == [(["slow"], ["slow"])] * 2


def test_geometry_panes_and_colours_are_remembered(make_window: Callable[[], Window]) -> None:
    first = make_window()
    first.resize(720, 500)
    press(first, "view.runs")
    press(first, "scheme.dark")
    first.close()
    second = make_window()
    assert (second.width(), second.height()) == (720, 500)
    assert not second.registry.is_checked("view.runs")
    assert second.registry.is_checked("scheme.dark")
    assert themes.is_dark()
    press(second, "scheme.system")
    assert not themes.is_dark()


def test_the_first_window_fits_on_the_screen(window: Window) -> None:
    screen = window.screen().availableSize()
    assert window.width() <= screen.width()
    assert window.height() <= screen.height()


def test_a_narrow_window_makes_room_and_shows_the_runs_when_asked(qtbot: QtBot, window: Window) -> None:
    window.resize(800, 600)
    assert window.width() == 800 < NARROW
    assert not window.runs.isVisible()
    assert window.page.form.viewport().width() >= window.page.form.widget().minimumSizeHint().width()
    assert not window.faces.action("view.runs").isChecked()
    press(window, "view.runs")
    assert window.runs.isVisible()
    window.resize(1200, 700)
    assert window.runs.isVisible()
    assert window.faces.action("view.runs").isChecked()


def test_standard_keys_do_the_standard_things(window: Window) -> None:
    key = QKeySequence.StandardKey
    for id_, standard in (("file.new", key.New), ("file.open", key.Open), ("file.save", key.Save)):
        assert window.faces.action(id_).shortcut() == QKeySequence(standard)


def test_no_two_things_in_sight_have_one_mnemonic(window: Window) -> None:
    window.page.form.inputs.kind.set_value("list")
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
    window.context.flush()
    recent(window)[-1].trigger()
    assert window.settings.recent == []
    window.context.flush()
    assert not window.registry.can("recent.clear")


def test_help_has_a_guide_and_about(qtbot: QtBot, window: Window) -> None:
    press(window, "help.guide")
    press(window, "help.about")
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
    assert "a fault" in window.page.banner.text.text()
    assert not window.page.banner.details.isVisible()
    window.page.banner.more.click()
    assert window.page.banner.details.isVisible()
    assert "RuntimeError: a fault" in window.page.banner.details.toPlainText()


@pytest.mark.parametrize("name", sorted(path.stem for path in ICONS.glob("*.svg")))
def test_every_icon_draws_something(qapp: QApplication, name: str) -> None:
    image = icons.icon(name).pixmap(32, 32).toImage()
    assert any(image.pixelColor(x, y).alpha() for x in range(32) for y in range(32))


@pytest.mark.parametrize("size", [(640, 420), (800, 600), (1280, 800)])
def test_nothing_is_cut_or_off_the_window(qtbot: QtBot, window: Window, size: tuple[int, int]) -> None:
    window.resize(*size)
    qtbot.waitUntil(lambda: (window.width(), window.height()) == size)
    page = window.page
    inside = window.rect()
    for part in (*page.header.buttons.values(), page.header.arrow, page.header.pool, page.form, page.stack):
        place = part.rect().translated(part.mapTo(window, part.rect().topLeft()))
        assert inside.contains(place), part
    for button in page.header.buttons.values():
        assert button.width() >= button.minimumSizeHint().width()
    assert page.form.viewport().width() >= page.form.widget().minimumSizeHint().width()


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
        assert contrast(colors.text, colors.button) >= 4.5
        for ink in ("text", "muted", "accent", "problem", "warning", "good"):  # in a selected row
            assert contrast(getattr(colors, ink), colors.selection) >= 4.5, ink
        for ground in ("window", "base", "raised", "button"):
            assert contrast(colors.edge, getattr(colors, ground)) >= 3, ground
        assert contrast(colors.text, colors.problem_back) >= 4.5


def test_fields_and_buttons_have_the_border_that_can_be_seen() -> None:
    sheet = re.sub(r"/\*.*?\*/", "", themes.STYLE.read_text("utf-8"), flags=re.DOTALL)
    rules = re.findall(r"([^{}]+)\{([^}]*)\}", sheet)
    assert rules
    fields = re.compile(
        r"QLineEdit|SpinBox|QComboBox|QPlainTextEdit|QPushButton|chip|segment|#arrow|QListWidget"
    )
    for names, body in rules:
        if fields.search(names) and ":disabled" not in names and "::" not in names:
            assert "@border" not in body, names


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, as defined by WCAG."""

    def light(color: str) -> float:
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_header_counts_more_than_a_bar_can(window: Window) -> None:
    header, state = window.page.header, RunState("new", "many", "pool")
    state.take_started(Started(10**12, 2, 0.0), 0.0)
    state.take_progress(Progress(5 * 10**11, 0, 2), 1.0)
    header.show_live(state)
    assert header.bar.value() == header.bar.maximum() // 2
    assert header.detail.text().startswith("500,000,000,000 of 1,000,000,000,000 tasks")
    state.take_end(Ended("finished", ok=10**12 - 2, failed=2, total=10**12), 2.0)
    header.show_live(state)
    assert header.title.text() == "Finished, 2 tasks failed"


def test_failures_are_the_red_part_of_the_bar_and_a_pause_has_a_look_of_its_own(window: Window) -> None:
    header, state = window.page.header, RunState("new", "many", "pool")
    header.show_live(state)
    assert header.bar.unknown
    state.take_started(Started(10, 2, 0.0), 0.0)
    state.take_progress(Progress(4, 2, 2), 1.0)
    header.show_live(state)
    assert (header.bar.value(), header.bar.failed, header.bar.paused) == (600, 0.2, False)
    plain = header.bar.grab().toImage()
    state.take_pause(True, 2.0)
    header.show_live(state)
    assert header.bar.paused
    paused = header.bar.grab().toImage()
    middle, width = header.bar.height() // 2, header.bar.width()
    red = themes.colors().problem
    assert plain.pixelColor(width // 2, middle).name() == red
    assert plain.pixelColor(width // 5, middle).name() == themes.colors().accent
    assert {paused.pixelColor(x, middle).name() for x in range(width // 5, width // 4)} != {
        themes.colors().accent
    }


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


def test_a_refusal_is_not_hidden_by_how_the_last_run_stood(qtbot: QtBot, window: Window) -> None:
    typed(window, "def f(x):\n    return x", 3)
    with qtbot.waitSignal(window.sessions.finished):
        window.page.run()
    shown = window.page.shown
    qtbot.waitUntil(lambda: shown.stand is not None)
    window.page.form.pool.workers.setValue(10_000)
    window.page.run()
    qtbot.waitUntil(lambda: window.page.header.state == "refused")
    shown._read(shown.stand)
    assert window.page.header.state == "refused"
    window.page.form.pool.workers.setValue(1)
    qtbot.waitUntil(lambda: window.page.header.title.text() == "Finished")
