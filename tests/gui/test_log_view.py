"""The log view: what it draws, follows, selects and copies, while its file grows, shrinks or goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.logs import view as log
from gui.logs.area import LogArea
from gui.logs.text import printable
from gui.logs.view import LogView

SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[LogView]:
    view = LogView()
    qtbot.addWidget(view)
    view.resize(600, 400)
    view.show()
    yield view
    view.close_run()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "run.log"
    write(path, 1000)
    return path


def write(path: Path, count: int, start: int = 0) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"line {number}\n" for number in range(start, start + count))


def show(view: LogView, qtbot: QtBot, path: Path, total: int) -> LogArea:
    view.show_file(path)
    settle(view, qtbot, total)
    return view.area


def settle(view: LogView, qtbot: QtBot, total: int) -> None:
    """Wait until all is known and what is on screen is at hand."""
    area = view.area
    qtbot.waitUntil(lambda: area.total == total and area.line(area.top) is not None)


def last_seen(area: LogArea) -> int:
    return area.top + area.page - 1


def at_line(area: LogArea, number: int) -> QPoint:
    return QPoint(100, (number - area.top) * area._line_height() + 4)


def test_the_end_is_shown_and_followed(view: LogView, qtbot: QtBot, file: Path) -> None:
    area = show(view, qtbot, file, 1000)
    assert last_seen(area) == 999
    assert area.line(999) == "line 999"
    write(file, 500, 1000)
    view.grew()
    settle(view, qtbot, 1500)
    assert last_seen(area) == 1499
    qtbot.waitUntil(lambda: view._count.text() == "1,500 lines")


def test_a_file_that_grows_is_followed_without_being_told(view: LogView, qtbot: QtBot, file: Path) -> None:
    show(view, qtbot, file, 1000)
    write(file, 1, 1000)
    settle(view, qtbot, 1001)


def test_scrolling_up_stops_following_and_end_resumes(view: LogView, qtbot: QtBot, file: Path) -> None:
    area = show(view, qtbot, file, 1000)
    qtbot.keyClick(area, Qt.Key.Key_PageUp)
    assert not area.follow
    assert not view._follow.isChecked()
    top = area.top
    write(file, 500, 1000)
    view.grew()
    settle(view, qtbot, 1500)
    assert area.top == top
    qtbot.keyClick(area, Qt.Key.Key_End)
    assert area.follow
    settle(view, qtbot, 1500)
    assert last_seen(area) == 1499
    qtbot.keyClick(area, Qt.Key.Key_Home)
    assert area.top == 0
    qtbot.waitUntil(lambda: area.line(0) == "line 0")
    view._follow.click()
    settle(view, qtbot, 1500)
    assert last_seen(area) == 1499


def test_the_wheel_stops_following(view: LogView, qtbot: QtBot, file: Path) -> None:
    area = show(view, qtbot, file, 1000)
    QTest.wheelEvent(area.viewport().windowHandle() or view.windowHandle(), QPoint(100, 100), QPoint(0, 120))
    assert not area.follow
    assert last_seen(area) < 999


def test_any_place_of_a_long_file_is_read_when_it_is_seen(
    view: LogView, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "long.log"
    write(path, 300_000)
    area = show(view, qtbot, path, 300_000)
    for line in (0, 150_000, 12_345, 299_000):
        area.set_follow(False)
        area.verticalScrollBar().setValue(line)
        qtbot.waitUntil(lambda line=line: area.line(line) == f"line {line}")
    assert len(area.shown.page.texts) < 1000


def test_lines_are_selected_with_the_mouse(view: LogView, qtbot: QtBot, file: Path) -> None:
    area = show(view, qtbot, file, 1000)
    top = area.top
    qtbot.mousePress(area.viewport(), LEFT, pos=at_line(area, top + 2))
    qtbot.mouseMove(area.viewport(), at_line(area, top + 4))
    QTest.mouseMove(area.viewport(), at_line(area, top + 5))
    qtbot.mouseRelease(area.viewport(), LEFT, pos=at_line(area, top + 5))
    qtbot.mouseClick(area.viewport(), LEFT, SHIFT, at_line(area, top + 7))
    assert area.selection == (top + 2, top + 7)
    qtbot.mouseClick(area.viewport(), LEFT, pos=QPoint(5, at_line(area, top + 3).y()))
    assert area.selection == (top + 3, top + 3)
    qtbot.mouseClick(area.viewport(), LEFT, pos=at_line(area, top + 4))
    assert area.selection is None
    assert area.current == top + 4


def test_lines_are_selected_with_keys_and_copied(view: LogView, qtbot: QtBot, file: Path) -> None:
    area = show(view, qtbot, file, 1000)
    qtbot.keyClick(area, Qt.Key.Key_Home)
    area.select(3, 3)
    qtbot.keyClick(area, Qt.Key.Key_Down, SHIFT)
    qtbot.keyClick(area, Qt.Key.Key_Down, SHIFT)
    qtbot.keyClick(area, Qt.Key.Key_Up, SHIFT)
    assert area.selection == (3, 4)
    assert copied(area, qtbot) == "line 3\nline 4"
    qtbot.keyClick(area, Qt.Key.Key_End, SHIFT)
    assert area.selection == (3, 999)
    assert last_seen(area) == 999
    qtbot.keyClick(area, Qt.Key.Key_A, CONTROL)
    assert copied(area, qtbot).count("\n") == 999
    qtbot.keyClick(area, Qt.Key.Key_Escape)
    assert area.selection is None


def test_a_copy_of_too_much_says_so(
    view: LogView, qtbot: QtBot, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "COPY_LIMIT", 10)
    area = show(view, qtbot, file, 1000)
    area.select(0, 999)
    view._poll.stop()
    assert copied(area, qtbot) == "\n".join(f"line {number}" for number in range(10))
    assert view._count.text() == "Copied the first 10 of 1,000 selected lines."


def copied(area: LogArea, qtbot: QtBot) -> str:
    clipboard = QGuiApplication.clipboard()
    clipboard.setText("")
    qtbot.keyClick(area, Qt.Key.Key_C, CONTROL)
    qtbot.waitUntil(lambda: clipboard.text() != "")
    return clipboard.text()


def test_a_file_cut_short_is_read_anew(view: LogView, qtbot: QtBot, file: Path) -> None:
    area = show(view, qtbot, file, 1000)
    area.select(10, 20)
    file.write_text("fresh 0\nfresh 1\n")
    settle(view, qtbot, 2)
    assert [area.line(0), area.line(1)] == ["fresh 0", "fresh 1"]
    assert area.selection is None


def test_a_file_replaced_by_a_longer_one_is_read_anew(view: LogView, qtbot: QtBot, file: Path) -> None:
    area = show(view, qtbot, file, 1000)
    other = file.with_name("other")
    other.write_text("".join(f"other {number}\n" for number in range(3000)))
    other.replace(file)
    settle(view, qtbot, 3000)
    assert area.line(2999) == "other 2999"


def test_empty_states(view: LogView, qtbot: QtBot, tmp_path: Path) -> None:
    assert view._note.text() == log.NO_FILE
    path = tmp_path / "run.log"
    view.show_file(path)
    qtbot.waitUntil(lambda: view._note.text() == log.NO_LINES)
    write(path, 1)
    qtbot.waitUntil(lambda: view._note.text() == "")
    qtbot.waitUntil(lambda: view._count.text() == "1 line")
    path.unlink()
    qtbot.waitUntil(lambda: view._note.text() == log.NO_LINES)
    path.mkdir()
    qtbot.waitUntil(lambda: "cannot be read" in view._note.text())
    path.rmdir()
    write(path, 2)
    qtbot.waitUntil(lambda: view._note.text() == "" and view.area.total == 2)
    view.show_file(None)
    assert view._note.text() == log.NO_FILE


def test_only_a_visible_view_looks_by_itself(view: LogView, qtbot: QtBot, file: Path) -> None:
    show(view, qtbot, file, 1000)
    assert view._poll.isActive()
    view.hide()
    assert not view._poll.isActive()
    write(file, 1, 1000)
    view.show()
    assert view._poll.isActive()
    settle(view, qtbot, 1001)


def test_zoom(view: LogView, qtbot: QtBot, file: Path) -> None:
    area = show(view, qtbot, file, 1000)
    page = area.page
    for _ in range(5):
        qtbot.keyClick(area, Qt.Key.Key_Plus, CONTROL)
    assert area.page < page
    assert last_seen(area) == 999
    qtbot.keyClick(area, Qt.Key.Key_0, CONTROL)
    assert area.page == page
    for _ in range(50):
        qtbot.keyClick(area, Qt.Key.Key_Minus, CONTROL)
    assert area.font().pointSizeF() >= 6


def test_long_lines_can_be_scrolled_across(view: LogView, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "wide.log"
    path.write_text("x" * 3000 + "\n")
    area = show(view, qtbot, path, 1)
    assert area.horizontalScrollBar().maximum() > 10_000
    qtbot.keyClick(area, Qt.Key.Key_Right)
    assert area.horizontalScrollBar().value() > 0


def test_what_has_no_shape_is_drawn_as_a_picture() -> None:
    assert printable("\x1b[31mred\ta\x00\x7f \u202etxt.exe é漢") == "␛[31mred\ta␀␡ \ufffdtxt.exe é漢"
