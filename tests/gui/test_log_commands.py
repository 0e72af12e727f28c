"""The commands of a log: on its own page and on the log of a run, by keys and in the menu."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.kit import ask
from gui.shell.pages.log import LogPage
from gui.shell.window import Window
from tests.running import make_job, run_job

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def page(qtbot: QtBot, window: Window, tmp_path: Path) -> LogPage:
    path = tmp_path / "some.log"
    path.write_text(
        "".join(f"2024-03-10 00:00:{n:02},000 {'ERROR' if n == 5 else 'INFO'} a: {n}\n" for n in range(60))
    )
    window.pages.show_log(path)
    page = window.page
    assert isinstance(page, LogPage)
    window.activateWindow()
    qtbot.waitUntil(lambda: page.log.area.total == 60 and page.log.area.shown.page.exact)
    page.take_focus()
    qtbot.waitUntil(lambda: window.registry.can("log.find"))
    return page


def test_keys_do_what_the_menu_says(qtbot: QtBot, window: Window, page: LogPage) -> None:
    log = page.log
    qtbot.keyClick(log.area, Qt.Key.Key_W)
    assert log.area.wrapped
    qtbot.keyClick(log.area, Qt.Key.Key_C)
    assert log.area.in_columns
    qtbot.waitUntil(
        lambda: window.registry.is_checked("log.columns") and window.registry.is_checked("log.wrap")
    )
    qtbot.keyClick(log.area, Qt.Key.Key_F, CONTROL)
    assert log.find_bar.isVisible()
    qtbot.keyClicks(log.find_bar.text, "wc")
    assert log.find_bar.text.text() == "wc"
    assert log.area.wrapped
    qtbot.keyClick(log.find_bar.text, Qt.Key.Key_Escape)
    qtbot.keyClick(log.area, Qt.Key.Key_G, CONTROL)
    assert log.go_to_bar.isVisible()
    log.go_to_bar.close_bar()
    log.area.set_current(0)
    qtbot.keyClick(log.area, Qt.Key.Key_F8)
    qtbot.waitUntil(lambda: log.area.current == 5)
    qtbot.keyClick(log.area, Qt.Key.Key_L, CONTROL)
    log.filter_bar.level.setCurrentIndex(5)
    qtbot.waitUntil(lambda: log.area.total == 1)
    qtbot.waitUntil(lambda: window.registry.can("log.all"))
    window.registry.run("log.all")
    qtbot.waitUntil(lambda: log.area.total == 60)
    qtbot.waitUntil(lambda: not window.registry.can("log.all"))


@pytest.mark.parametrize(
    "command",
    [
        "log.bookmark",
        "log.follow",
        "log.histogram",
        "log.groups",
        "log.colors",
        "log.deltas",
        "log.mark_time",
    ],
)
def test_every_command_can_be_run(qtbot: QtBot, window: Window, page: LogPage, command: str) -> None:
    assert window.registry.run(command)
    qtbot.waitUntil(lambda: window.registry.can(command))


def test_the_log_of_a_run_has_them_too(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    assert not window.registry.can("log.find")
    job = make_job(
        tmp_path, "import logging\ndef f(x):\n    logging.info(x)\n    return x", name="f", inputs=range(3)
    )
    folder = run_job(job).folder
    with qtbot.waitSignal(window.opener.reader.settled, timeout=30_000):
        window.opener.open(folder)
    window.registry.run("view.log")
    qtbot.waitUntil(lambda: window.registry.can("log.find"), timeout=30_000)
    view = window.page.log_view
    assert view is not None
    qtbot.waitUntil(lambda: view.area.total == 3, timeout=30_000)
    window.registry.run("log.find")
    assert view.find_bar.isVisible()
    window.registry.run("view.results")
    qtbot.waitUntil(lambda: not window.registry.can("log.find"))


def test_from_a_task_to_its_lines_and_back(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    source = (
        "import logging\ndef f(x):\n    print('printed')\n    logging.info('this is %s', x)\n    return x"
    )
    folder = run_job(make_job(tmp_path, source, name="f", inputs=range(3))).folder
    with qtbot.waitSignal(window.opener.reader.settled, timeout=30_000):
        window.opener.open(folder)
    results = window.page.views.results  # pyright: ignore[reportAttributeAccessIssue]
    qtbot.waitUntil(lambda: results.model.row(2) is not None, timeout=30_000)
    results.go_to(2)
    qtbot.waitUntil(lambda: results.table.current == 2, timeout=30_000)
    window.registry.run("task.show_in_log")
    qtbot.waitUntil(lambda: window.registry.can("log.show_task"), timeout=30_000)
    view = window.page.log_view
    assert view is not None
    qtbot.waitUntil(lambda: view.area.total == 1 and view.area.line(0) is not None, timeout=30_000)
    assert "this is 2" in (view.area.line(0) or "")
    view.narrowing.show_all()
    qtbot.waitUntil(lambda: view.area.total == 3 and view.area.line(2) is not None, timeout=30_000)
    other = next(row for row in range(3) if "this is 1" in (view.area.line(row) or ""))
    view.area.set_current(other)
    window.registry.run("log.show_task")
    qtbot.waitUntil(lambda: results.isVisible() and results.table.current == 1, timeout=30_000)
    window.registry.run("view.log")
    qtbot.waitUntil(lambda: window.registry.can("log.printed"), timeout=30_000)
    window.registry.run("log.printed")
    qtbot.waitUntil(lambda: view.area.total == 6, timeout=30_000)
    qtbot.waitUntil(lambda: window.registry.is_checked("log.printed"))
    window.registry.run("log.printed")
    qtbot.waitUntil(lambda: view.area.total == 3, timeout=30_000)


def test_several_logs_are_opened_as_one(
    qtbot: QtBot, window: Window, page: LogPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = page.place.with_name("other.jsonl") if page.place else Path()
    other.write_text("".join(f'{{"time": "2024-03-10T00:00:{n:02}", "message": "{n}"}}\n' for n in range(5)))
    chosen = [str(page.place), str(other)]
    monkeypatch.setattr(ask, "files_to_open", lambda *_: chosen)
    window.registry.run("file.open")
    qtbot.waitUntil(lambda: window.page.title == "some.log + 1", timeout=30_000)
    merged = window.page
    assert isinstance(merged, LogPage)
    qtbot.waitUntil(lambda: merged.log.area.total == 65, timeout=30_000)
    assert merged.log.legend.isVisible()
    assert not merged.where.isVisible()
    pages = window.pages.count
    with qtbot.waitSignal(window.opener.reader.settled, timeout=30_000):
        window.registry.run("file.open")
    assert window.pages.count == pages
    window.pages.remember()
    assert window.pages._remembered()[-1] == ("log", str(page.place), "some.log + 1", True, str(other))
    window.pages.restore()
    restored = window.page
    assert isinstance(restored, LogPage)
    assert restored.more == (other,)
