"""The pages: previews that the next one replaces, tabs, what is reopened at the next start."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.job import Function, Inputs, Job, save
from gui.kit import ask
from gui.shell.pages.job import JobPage
from gui.shell.pages.log import LogPage
from gui.shell.pages.run import RunPage
from gui.shell.window import Window
from tests.gui.conftest import give_up_changes
from tests.gui.doing import press
from tests.running import make_job, run_job

PATIENCE = 30_000


@pytest.fixture
def runs(tmp_path: Path) -> list[Path]:
    """Three finished runs, newest first."""
    folders = []
    for name in ("one", "two", "three"):
        folder = tmp_path / name
        folder.mkdir()
        job = make_job(folder, f"def {name}(x):\n    return 1 // x", name=name, inputs=range(3))
        folders.append(run_job(job).folder)
    return folders[::-1]


def job_file(folder: Path, name: str) -> Path:
    (folder / f"{name}.py").write_text(f"def {name}(x):\n    return x\n")
    path = folder / f"{name}.pool"
    save(Job(Function(f"{name}.py", name), Inputs("range", stop=3), folder=folder), path)
    return path


def opened(qtbot: QtBot, window: Window, path: Path) -> None:
    with qtbot.waitSignal(window.opener.reader.settled, timeout=PATIENCE):
        window.opener.open(path)


def click(qtbot: QtBot, window: Window, folder: Path, *, twice: bool = False) -> None:
    """Click a run in the list, and wait until it is shown."""
    qtbot.waitUntil(lambda: window.runs.model.row_of(folder) >= 0, timeout=PATIENCE)
    table = window.runs.table
    at = table.visualRect(table.model().index(window.runs.model.row_of(folder), 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    if twice:
        QTest.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    qtbot.waitUntil(lambda: not window.opener.reader.busy, timeout=PATIENCE)
    qtbot.waitUntil(lambda: window.page.shown_run == folder, timeout=PATIENCE)


def previews(window: Window) -> list[str]:
    """The titles of the tabs in italics."""
    return [window.tabs.tabText(at) for at in sorted(window.tabs.bar.previews)]


def test_a_click_previews_a_run_and_the_next_one_takes_its_place(
    qtbot: QtBot, window: Window, runs: list[Path]
) -> None:
    window.resize(1280, 800)
    click(qtbot, window, runs[0])
    page = window.page
    assert previews(window) == ["three"]
    click(qtbot, window, runs[1])
    assert window.page is page
    assert previews(window) == ["two"]
    assert window.tabs.count() == 2


def test_a_double_click_keeps_a_run(qtbot: QtBot, window: Window, runs: list[Path]) -> None:
    window.resize(1280, 800)
    click(qtbot, window, runs[0], twice=True)
    assert previews(window) == []
    click(qtbot, window, runs[1])
    assert [page.title for page in window.pages.all] == ["Untitled", "three", "two"]
    window.tabs.bar.tabBarDoubleClicked.emit(2)
    assert previews(window) == []


def test_doing_something_in_a_preview_keeps_it(qtbot: QtBot, window: Window, runs: list[Path]) -> None:
    window.resize(1280, 800)
    click(qtbot, window, runs[0])
    qtbot.waitUntil(window.page.header.buttons["run.retry"].isEnabled, timeout=PATIENCE)
    with qtbot.waitSignal(window.sessions.finished, timeout=PATIENCE):
        window.page.header.buttons["run.retry"].click()
    assert previews(window) == []


def test_a_second_script_opens_beside_the_first(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / f"{name}.py").write_text(f"def {name}(x):\n    return x\n")
        opened(qtbot, window, tmp_path / f"{name}.py")
    assert [page.title for page in window.pages.all] == ["first.py", "second.py"]
    first = window.pages.all[0]
    assert isinstance(first, JobPage)
    assert not first.modified
    assert first.form.job().function.file == "first.py"


def test_a_new_job_is_called_by_its_function_until_it_is_saved(
    qtbot: QtBot, window: Window, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.py").write_text(f"def {name}(x):\n    return x\ndef other():\n    pass\n")
    function = window.page.form.function
    assert window.page.title == "Untitled"
    function.file.line.setText(str(tmp_path / "one.py"))
    assert window.page.title == "one.py"
    qtbot.waitUntil(lambda: function.name.count() == 2)
    function.name.set_value("other")
    assert window.page.title == "other"
    assert window.tabs.bar.tabText(0).startswith("other")
    function.way.set_value("import")
    function.import_path.setText("math:sqrt")
    assert window.page.title == "sqrt"
    window.page.adopt(window.page.form.job(), "kept.pool", tmp_path / "kept.pool", check=False)
    function.import_path.setText("math:cos")
    assert window.page.title == "kept.pool"
    window.page.document.modified = False


def test_a_message_about_fields_goes_when_they_are_undone(
    qtbot: QtBot, window: Window, tmp_path: Path
) -> None:
    opened(qtbot, window, job_file(tmp_path, "one"))
    page = window.page
    assert isinstance(page, JobPage)
    page.form.inputs.kind.set_value("list")
    page.form.inputs.list.text.setPlainText("1, 2, (")
    qtbot.waitUntil(lambda: bool(page.form.own_problems()))
    page.document.save()
    assert page.banner.title.text() == "The job was not saved."
    assert page.banner.isVisible()
    page.history.undo()
    assert not page.banner.isVisible()
    page.document.modified = False


def test_a_job_that_is_open_is_not_opened_twice(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    one, two = job_file(tmp_path, "one"), job_file(tmp_path, "two")
    for path in (one, two, one):
        opened(qtbot, window, path)
    assert [page.title for page in window.pages.all] == ["one.pool", "two.pool"]
    assert window.page.title == "one.pool"


def test_pages_are_turned_and_closed_by_keys_and_the_middle_button(
    qtbot: QtBot, window: Window, tmp_path: Path
) -> None:
    for name in ("one", "two", "three"):
        opened(qtbot, window, job_file(tmp_path, name))
    window.context.flush()
    control = Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(window, Qt.Key.Key_Tab, control)
    assert window.page.title == "one.pool"
    QTest.keyClick(window, Qt.Key.Key_Backtab, control | Qt.KeyboardModifier.ShiftModifier)
    assert window.page.title == "three.pool"
    QTest.keyClick(window, Qt.Key.Key_W, control)
    assert [page.title for page in window.pages.all] == ["one.pool", "two.pool"]
    bar = window.tabs.bar
    QTest.mouseClick(bar, Qt.MouseButton.MiddleButton, pos=bar.tabRect(0).center() + QPoint(1, 0))
    assert [page.title for page in window.pages.all] == ["two.pool"]
    press(window, "page.close")
    assert [page.title for page in window.pages.all] == ["Untitled"]


def test_a_moved_tab_stays_a_preview(qtbot: QtBot, window: Window, runs: list[Path]) -> None:
    window.resize(1280, 800)
    click(qtbot, window, runs[0])
    window.tabs.bar.moveTab(1, 0)
    assert previews(window) == ["three"]
    assert window.tabs.bar.previews == {0}


def test_each_job_is_dirty_by_itself(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        opened(qtbot, window, job_file(tmp_path, name))
    one, two = window.pages.all
    assert isinstance(one, JobPage)
    one.form.pool.retries.setValue(2)
    assert [window.tabs.tabText(at) for at in (0, 1)] == ["one.pool*", "two.pool"]
    window.pages.close(two)  # nothing is asked
    asked: list[str] = []
    monkeypatch.setattr(ask, "unsaved", lambda _, name: asked.append(name) or "discard")
    window.pages.close(one)
    assert asked == ["one.pool"]


def test_pages_are_open_again_at_the_next_start(
    qtbot: QtBot, make_window: Callable[[], Window], runs: list[Path], tmp_path: Path
) -> None:
    first = make_window()
    opened(qtbot, first, job_file(tmp_path, "one"))
    opened(qtbot, first, runs[0])
    log = tmp_path / "some.log"
    log.write_text("root - INFO - one\n")
    opened(qtbot, first, log)
    first.pages.show(first.pages.all[1])
    first.close()

    again = make_window()
    again.reopen()
    assert [again.tabs.tabText(at) for at in range(again.tabs.count())] == ["one.pool", "three", "some.log"]
    assert len(again.pages.all) == 1, "only what is looked at is built"
    assert isinstance(again.page, RunPage)
    qtbot.waitUntil(lambda: again.page.header.title.text().startswith("Finished"), timeout=PATIENCE)
    again.tabs.setCurrentIndex(0)
    page = again.page
    assert isinstance(page, JobPage)
    qtbot.waitUntil(lambda: page.document.path == tmp_path / "one.pool", timeout=PATIENCE)
    again.tabs.setCurrentIndex(2)
    assert isinstance(again.page, LogPage)


def test_a_page_of_the_last_time_whose_file_is_gone_says_so(
    qtbot: QtBot, make_window: Callable[[], Window], tmp_path: Path
) -> None:
    first = make_window()
    path = job_file(tmp_path, "one")
    opened(qtbot, first, path)
    first.close()
    path.unlink()
    again = make_window()
    again.reopen()
    qtbot.waitUntil(again.page.banner.isVisible, timeout=PATIENCE)
    assert again.page.banner.title.text() == "one.pool is not there."
    give_up_changes(again)


def test_a_job_page_shows_the_last_run_of_its_job(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    path = job_file(tmp_path, "one")
    run_job(make_job(tmp_path, "def other(x): return x", name="other", inputs=range(3)))
    (tmp_path / "one.py").write_text("def one(x):\n    return x\n")
    opened(qtbot, window, path)
    with qtbot.waitSignal(window.sessions.finished, timeout=PATIENCE):
        window.page.run()
    folder = window.page.shown.folder
    press(window, "page.close")
    opened(qtbot, window, path)
    qtbot.waitUntil(lambda: window.page.shown.folder == folder, timeout=PATIENCE)
    qtbot.waitUntil(lambda: window.page.header.title.text() == "Finished", timeout=PATIENCE)
