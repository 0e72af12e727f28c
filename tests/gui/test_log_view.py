"""The log view: what it draws, follows, selects and copies, while its file grows, shrinks or disappears."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.logs import saved, taking
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
    """Wait until everything is known and the visible part is loaded."""
    area = view.area
    qtbot.waitUntil(
        lambda: area.total == total and area.shown.page.exact and area.line(area.top) is not None,
        timeout=30_000,
    )


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
    qtbot.waitUntil(lambda: view.strip.count.text() == "1,500 lines")


def test_a_file_that_grows_is_followed_without_being_told(view: LogView, qtbot: QtBot, file: Path) -> None:
    show(view, qtbot, file, 1000)
    write(file, 1, 1000)
    settle(view, qtbot, 1001)


def test_scrolling_up_stops_following_and_end_resumes(view: LogView, qtbot: QtBot, file: Path) -> None:
    area = show(view, qtbot, file, 1000)
    qtbot.keyClick(area, Qt.Key.Key_PageUp)
    assert not area.follow
    assert not view.strip.follow.isChecked()
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
    view.strip.follow.click()
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
    monkeypatch.setattr(taking, "COPY_LIMIT", 10)
    area = show(view, qtbot, file, 1000)
    area.select(0, 999)
    view._poll.stop()
    assert copied(area, qtbot) == "\n".join(f"line {number}" for number in range(10))
    assert view.strip.count.text() == "Copied the first 10 of 1,000 selected lines."


def copied(area: LogArea, qtbot: QtBot) -> str:
    clipboard = QGuiApplication.clipboard()
    clipboard.setText("")
    qtbot.keyClick(area, Qt.Key.Key_C, CONTROL)
    qtbot.waitUntil(lambda: clipboard.text() != "")
    return clipboard.text()


def test_a_file_cut_short_is_reread(view: LogView, qtbot: QtBot, file: Path) -> None:
    area = show(view, qtbot, file, 1000)
    area.select(10, 20)
    file.write_text("fresh 0\nfresh 1\n")
    settle(view, qtbot, 2)
    assert [area.line(0), area.line(1)] == ["fresh 0", "fresh 1"]
    assert area.selection is None


def test_a_file_replaced_by_a_longer_one_is_reread(view: LogView, qtbot: QtBot, file: Path) -> None:
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
    qtbot.waitUntil(lambda: view.strip.count.text() == "1 line")
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


# finding, filtering, moving


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.log"
    levels = ("DEBUG", "INFO", "WARNING", "ERROR")
    lines: list[str] = []
    for n in range(400):
        clock = f"{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}"
        lines.append(f"2024-03-10 {clock},000 {levels[n % 4]} shop.{'pay' if n % 2 else 'mail'}: item {n}")
        if n == 203:
            lines += ["Traceback (most recent call last):", '  File "a.py", line 1, in f', "KeyError: 'item'"]
    path.write_text("\n".join(lines) + "\n")
    return path


def numbers(area: LogArea) -> list[int]:
    """The numbers of the loaded lines, from 1."""
    return [number + 1 for number in area.shown.numbers]


def test_what_is_typed_is_found_and_gone_to(view: LogView, qtbot: QtBot, shop: Path) -> None:
    area = show(view, qtbot, shop, 403)
    view.strip.find_button.click()
    qtbot.keyClicks(view.find_bar.text, "item 20")
    qtbot.waitUntil(lambda: view.find_bar.count.text().endswith("of 11 lines"))
    qtbot.waitUntil(lambda: area.hit is not None)
    seen: list[str] = []
    for _ in range(11):
        before = area.current
        qtbot.keyClick(view.find_bar.text, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda before=before: area.current != before)
        qtbot.waitUntil(lambda: area.line(area.current) is not None)
        seen.append((area.line(area.current) or "").rpartition(" ")[2])
    assert sorted(seen, key=int) == ["20", *(str(n) for n in range(200, 210))]
    row = area.shown.row(area.current)
    assert row is not None
    assert [row.text[a:b] for a, b in row.hits] == ["item 20"]
    view.narrowing.previous_hit()
    qtbot.waitUntil(lambda: (area.line(area.current) or "").endswith(seen[-2]))
    qtbot.keyClick(view.find_bar.text, Qt.Key.Key_Escape)
    assert not view.find_bar.isVisible()
    qtbot.waitUntil(lambda: not any(area.shown.page.spans))


def test_a_search_says_what_it_cannot_do(view: LogView, qtbot: QtBot, shop: Path) -> None:
    show(view, qtbot, shop, 403)
    view.narrowing.find_text()
    view.find_bar.how.regex.click()
    view.find_bar.text.setText("(")
    qtbot.waitUntil(lambda: view.find_bar.count.text().startswith("Not a regular expression"))
    view.find_bar.text.setText(r"item \d7$")
    qtbot.waitUntil(lambda: view.find_bar.count.text().endswith("9 lines"), timeout=30_000)
    view.find_bar.text.setText("zebra")
    qtbot.waitUntil(lambda: view.find_bar.count.text() == "Not found", timeout=30_000)


def test_a_search_that_takes_for_ever_can_be_given_up(view: LogView, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "evil.log"
    path.write_text("a" * 60 + "!\n" + "b\n" * 10)
    area = show(view, qtbot, path, 11)
    view.narrowing.find_text()
    view.find_bar.how.regex.click()
    view.find_bar.text.setText("(a+)+$")
    write(path, 5)
    settle(view, qtbot, 16)
    view.find_bar.close_bar()
    view.narrowing.find_text()
    view.find_bar.text.setText("^b")
    qtbot.waitUntil(lambda: view.find_bar.count.text().endswith("10 lines"), timeout=30_000)
    assert area.total == 16


def test_a_filter_keeps_line_numbers_and_goes_back_in_place(view: LogView, qtbot: QtBot, shop: Path) -> None:
    area = show(view, qtbot, shop, 403)
    view.places.line(203)
    qtbot.waitUntil(lambda: area.current == 202)
    view.strip.filter_button.click()
    view.filter_bar.level.setCurrentIndex(5)
    settle(view, qtbot, 103)
    qtbot.waitUntil(lambda: view.filter_bar.count.text() == "100 records")
    assert numbers(area)[:2] != [1, 2]
    qtbot.waitUntil(lambda: 204 in numbers(area))
    row = numbers(area).index(204) + area.shown.first
    assert [area.line(row + n) for n in (1, 3)] == ["Traceback (most recent call last):", "KeyError: 'item'"]
    area.set_current(row + 3)
    view.filter_bar.close_bar()
    settle(view, qtbot, 403)
    qtbot.waitUntil(lambda: area.current == 206 and area.top <= 206 <= last_seen(area))


def test_conditions_combine(view: LogView, qtbot: QtBot, shop: Path) -> None:
    area = show(view, qtbot, shop, 403)
    bar = view.filter_bar
    view.narrowing.filter()
    bar.more.click()
    bar.conditions.fields["loggers"].setText("shop.pay")
    settle(view, qtbot, 203)
    bar.include.setText("item 2")
    settle(view, qtbot, 58)  # 21, 23 ... 29, 201 ... 299, with a traceback
    bar.exclude.setText("KeyError")
    settle(view, qtbot, 54)
    bar.conditions.fields["since"].setText("2024-03-10T00:04:00")
    settle(view, qtbot, 30)
    bar.conditions.fields["until"].setText("nonsense")
    qtbot.waitUntil(lambda: "is not a time" in bar.count.text())
    assert bar.conditions.fields["until"].property("fault")
    bar.conditions.fields["until"].setText("00:04:00")
    qtbot.waitUntil(lambda: view._note.text() == log.NOTHING_FITS)
    assert area.total == 0
    assert not bar.conditions.fields["until"].property("fault")
    bar.close_bar()
    settle(view, qtbot, 403)
    bar.include.setText("item 39 OR item 41 OR KeyError")
    settle(view, qtbot, 16)  # 39, 390 ... 399, 41, and one with a traceback
    bar.include.setText("ERROR AND item 39 OR item 41")
    settle(view, qtbot, 4)
    bar.include.setText("a OR b AND c OR d")
    qtbot.waitUntil(lambda: "Only one group" in bar.count.text())
    bar.include.setText("KeyError")
    settle(view, qtbot, 4)
    bar.conditions.matching.setChecked(True)
    settle(view, qtbot, 1)
    bar.conditions.context.setValue(2)
    settle(view, qtbot, 5)
    assert numbers(area) == [205, 206, 207, 208, 209]


def test_a_filtered_log_is_followed(view: LogView, qtbot: QtBot, shop: Path) -> None:
    area = show(view, qtbot, shop, 403)
    view.narrowing.filter()
    view.filter_bar.include.setText("item 1")
    settle(view, qtbot, 111)
    view.narrowing.find_text()
    view.find_bar.text.setText("item 10")
    qtbot.waitUntil(lambda: view.find_bar.count.text().endswith("11 lines"))
    with shop.open("a") as file:
        file.write(
            "2024-03-10 11:00:00,000 INFO shop: item 1000\n2024-03-10 11:00:00,000 INFO shop: item 7\n"
        )
    settle(view, qtbot, 112)
    area.set_follow(True)
    qtbot.waitUntil(lambda: numbers(area)[-1:] == [404])


def test_errors_lines_times_and_parts_are_gone_to(view: LogView, qtbot: QtBot, shop: Path) -> None:
    area = show(view, qtbot, shop, 403)
    qtbot.keyClick(area, Qt.Key.Key_Home)
    area.set_current(0)
    for expected in (3, 7, 11):
        view.places.next_error()
        qtbot.waitUntil(lambda expected=expected: area.current == expected)
    view.places.previous_error()
    qtbot.waitUntil(lambda: area.current == 7)
    for text, row in (("300", 299), ("50%", 201), ("00:05:00", 303), ("1,0", 9)):
        view.go_to_bar.begin()
        view.go_to_bar.text.setText(text)
        qtbot.keyClick(view.go_to_bar.text, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda row=row: area.current == row)
        assert area.top <= row <= last_seen(area)
    view.go_to_bar.begin()
    view.go_to_bar.text.setText("yesterday")
    qtbot.keyClick(view.go_to_bar.text, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: view.go_to_bar.text.property("fault") is True)


def test_bookmarks(view: LogView, qtbot: QtBot, shop: Path) -> None:
    area = show(view, qtbot, shop, 403)
    for row in (390, 395):
        area.set_current(row)
        view.bookmarks.toggle()
    assert set(view.bookmarks.marked) == {(0, 390), (0, 395)}
    for back, row in ((False, 390), (False, 395), (True, 390), (True, 395)):
        view.places.bookmark(back=back)
        qtbot.waitUntil(lambda row=row: area.current == row)
    view.bookmarks.write_on((0, 395), "look here")
    assert view.bookmarks.notes[0, 395] == "look here"
    view.close_run()
    kept = saved.bookmarks(view.settings, (shop,))
    assert {place: one.note for place, one in kept.items()} == {(0, 390): "", (0, 395): "look here"}
    show(view, qtbot, shop, 403)
    assert set(view.bookmarks.marked) == {(0, 390), (0, 395)}
    area.set_current(390)
    view.bookmarks.toggle()
    assert set(view.bookmarks.marked) == {(0, 395)}


def test_everything_above_is_left_out(view: LogView, qtbot: QtBot, shop: Path) -> None:
    area = show(view, qtbot, shop, 403)
    area.set_current(393)
    view.narrowing.clear_to_here()
    settle(view, qtbot, 10)
    assert numbers(area) == list(range(394, 404))
    view.filter_bar.close_bar()
    settle(view, qtbot, 403)


def test_marks_beside_the_scroll_bar(view: LogView, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "some.log"
    lines = [f"2024-03-10 00:00:00,000 INFO a: {n}" for n in range(1000)]
    lines[500] = "2024-03-10 00:00:00,000 ERROR a: bad"
    path.write_text("\n".join(lines))
    area = show(view, qtbot, path, 1000)
    qtbot.waitUntil(lambda: view.marks._marks is not None and any(view.marks._marks.errors))
    marks = view.marks._marks
    assert marks is not None
    assert [n for n, error in enumerate(marks.errors) if error] == [_slot_of(500, 1000, marks.slots)]
    view.narrowing.find_text()
    view.find_bar.text.setText("a: 25")
    qtbot.waitUntil(lambda: any(view.marks._marks.hits) if view.marks._marks else False)
    qtbot.mouseClick(view.marks, LEFT, pos=QPoint(3, view.marks.height() // 2))
    assert area.current in range(495, 506)


def _slot_of(row: int, total: int, slots: int) -> int:
    return next(slot for slot in range(slots) if row < (slot + 1) * total // slots)


# appearance


def test_columns(view: LogView, qtbot: QtBot, shop: Path) -> None:
    area = show(view, qtbot, shop, 403)
    view.looks.toggle_columns()
    settle(view, qtbot, 403)
    row = area.shown.row(402)
    assert row is not None
    assert row.text == "2024-03-10 00:06:39  ERROR    shop.pay   item 399"
    view.narrowing.find_text()
    view.find_bar.text.setText("item 399")
    qtbot.waitUntil(lambda: any(area.shown.page.spans))
    row = area.shown.row(402)
    assert row is not None
    assert [row.text[a:b] for a, b in row.hits] == ["item 399"]
    view.grab()
    assert view.flags()["log.columns"]


def test_wrapped_lines_are_read_to_their_end(view: LogView, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "wide.log"
    path.write_text("".join(f"{n} " + "x" * 2000 + "\n" for n in range(50)))
    area = show(view, qtbot, path, 50)
    view.looks.toggle_wrap()
    settle(view, qtbot, 50)
    assert area.horizontalScrollBar().maximum() == 0
    rows = list(area.rows_on_screen())
    assert rows[-1][0] == 49
    assert rows[-1][1] + rows[-1][2] * area._line_height() <= area.viewport().height() + area._line_height()
    qtbot.keyClick(area, Qt.Key.Key_Up)
    assert not area.follow
    qtbot.keyClick(area, Qt.Key.Key_Down)
    assert area.follow
    qtbot.keyClick(area, Qt.Key.Key_Home)
    first = next(area.rows_on_screen())
    qtbot.keyClick(area, Qt.Key.Key_Down)
    assert next(area.rows_on_screen())[1] == first[1] - area._line_height()
    view.looks.toggle_wrap()
    assert area.horizontalScrollBar().maximum() > 0


def test_words_and_parts_of_lines_are_selected(view: LogView, qtbot: QtBot, shop: Path) -> None:
    area = show(view, qtbot, shop, 403)
    area.set_follow(False)
    row = area.top + 1
    laid = area._laid(row)
    assert laid is not None
    char = area._char()

    def at(column: int, of: int = row) -> QPoint:
        return QPoint(int(area._text_x(laid) + char * (column + 0.3)), at_line(area, of).y())

    qtbot.mouseDClick(area.viewport(), LEFT, pos=at(3))
    assert copied(area, qtbot) == "2024"
    qtbot.mouseClick(area.viewport(), LEFT, pos=at(5))
    qtbot.mouseClick(area.viewport(), LEFT, SHIFT, at(10))
    assert copied(area, qtbot) == "03-10"
    qtbot.mouseClick(area.viewport(), LEFT, pos=at(11))
    qtbot.mouseClick(area.viewport(), LEFT, SHIFT, at(4, row + 2))
    lines = [area.line(row + n) or "" for n in range(3)]
    assert copied(area, qtbot) == f"{lines[0][11:]}\n{lines[1]}\n{lines[2][:4]}"


def test_colours_of_the_program(view: LogView, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "red.log"
    path.write_text("a \x1b[1;31mred\x1b[0m \x1b[38;5;208mword\x1b[m\n")
    area = show(view, qtbot, path, 1)
    assert area.line(0) == "a red word"
    view.looks.toggle_ansi()
    qtbot.waitUntil(lambda: bool(area.shown.row(0) and area.shown.row(0).parts))
    row = area.shown.row(0)
    assert row is not None
    assert (row.text, [(a, b, s.ink, s.bold) for a, b, s in row.parts]) == (
        "a red word",
        [(2, 5, 1, True), (6, 10, 208, False)],
    )
    view.grab()


def test_encoding_and_format_can_be_chosen(view: LogView, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "some.log"
    path.write_bytes(b"caf\xe9 ok\n" * 20)
    area = show(view, qtbot, path, 20)
    assert area.line(0) == "café ok"
    qtbot.waitUntil(lambda: view.how_read.encoding.text() == "latin-1")
    view.how_read._choose(encoding="cp437")
    qtbot.waitUntil(lambda: area.line(19) == "cafΘ ok")
    view.how_read._choose(format="%(name)s %(message)s")
    view.looks.toggle_columns()
    qtbot.waitUntil(lambda: "cafΘ" in str(area.shown.page.cells))
    qtbot.waitUntil(lambda: (area.line(19) or "").split() == ["cafΘ", "ok"])


def test_anything_can_be_shown(view: LogView, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "random.log"
    path.write_bytes(random.Random(5).randbytes(300_000))
    view.show_file(path)
    qtbot.waitUntil(
        lambda: view.reader is not None and view.reader.state is not None and view.reader.state.complete
    )
    for toggle in (
        view.looks.toggle_columns,
        view.looks.toggle_wrap,
        view.looks.toggle_ansi,
        view.looks.toggle_deltas,
    ):
        toggle()
        view.places.share(0.5)
        view.grab()


def test_a_line_of_50_mb_is_scrolled_to_its_end(view: LogView, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "wide.log"
    path.write_bytes(b"x" * (50 << 20) + b"the end\nnext\n")
    area = show(view, qtbot, path, 2)
    view.grab()
    across = area.horizontalScrollBar()
    qtbot.waitUntil(lambda: across.maximum() > 100_000_000, timeout=30_000)
    across.setValue(across.maximum())
    qtbot.waitUntil(lambda: (area.line(0) or "").endswith("the end"), timeout=30_000)
    view.grab()


def test_a_screen_reader_gets_the_lines(view: LogView, qtbot: QtBot, shop: Path) -> None:
    area = show(view, qtbot, shop, 403)
    text = QAccessible.queryAccessibleInterface(area).textInterface()
    whole = text.text(0, text.characterCount())
    lines = whole.split("\n")
    assert lines[-1] == "Error: 2024-03-10 00:06:39,000 ERROR shop.pay: item 399"
    text.setCursorPosition(len(lines[0]) + 2)
    assert area.current == area.top + 1
    assert text.cursorPosition() == len(lines[0]) + 1
