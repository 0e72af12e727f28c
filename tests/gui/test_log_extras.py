"""What users do with a log besides reading: count, group, highlight, keep filters, save, open files."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from gui.desktop import editor
from gui.kit import ask
from gui.logs import saved
from gui.logs.bookmark_list import BookmarkList
from gui.logs.explained import Explained
from gui.logs.highlight_dialog import HighlightDialog
from gui.logs.highlights import Highlight
from gui.logs.view import LogView

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[LogView]:
    view = LogView()
    qtbot.addWidget(view)
    view.resize(800, 500)
    view.show()
    yield view
    view.close_run()


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.log"
    levels = ("DEBUG", "INFO", "WARNING", "ERROR")
    lines: list[str] = []
    for n in range(600):
        clock = f"{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}"
        lines.append(f"2024-03-10 {clock},000 {levels[n % 4]} shop.pay: item {n}")
    lines.insert(
        204, f'Traceback (most recent call last):\n  File "{tmp_path / "a.py"}", line 7, in f\nKeyError: 1'
    )
    path.write_text("\n".join(lines) + "\n")
    return path


def show(view: LogView, qtbot: QtBot, path: Path, total: int) -> None:
    view.show_file(path)
    settle(view, qtbot, total)


def settle(view: LogView, qtbot: QtBot, total: int) -> None:
    area = view.area
    qtbot.waitUntil(
        lambda: area.total == total and area.shown.page.exact and area.line(area.top) is not None,
        timeout=30_000,
    )


def test_records_over_time(view: LogView, qtbot: QtBot, shop: Path) -> None:
    show(view, qtbot, shop, 603)
    view.toggle_histogram()
    bars = view.histogram

    def total() -> int:
        return sum(map(sum, bars._counts))

    qtbot.waitUntil(lambda: total() == 600)
    assert [sum(counts[level] for counts in bars._counts) for level in (2, 3, 4, 5)] == [150] * 4
    view.grab()
    qtbot.mouseClick(bars, LEFT, pos=QPoint(bars.width() // 2, 20))
    qtbot.waitUntil(lambda: abs(view.area.current - 303) < 10)
    middle, end = QPoint(bars.width() // 2, 20), QPoint(bars.width() - 2, 20)
    qtbot.mousePress(bars, LEFT, pos=middle)
    qtbot.mouseMove(bars, end)
    qtbot.mouseRelease(bars, LEFT, pos=end)
    qtbot.waitUntil(lambda: 280 < view.area.total < 320, timeout=30_000)
    qtbot.waitUntil(lambda: total() == view.area.total)
    view.filter_bar.close_bar()
    settle(view, qtbot, 603)
    assert view.flags()["log.histogram"]


def test_messages_that_repeat(view: LogView, qtbot: QtBot, shop: Path) -> None:
    show(view, qtbot, shop, 603)
    view.summing.group()
    groups = view.summing._groups
    assert groups is not None
    qtbot.waitUntil(lambda: groups._said.text() == "600 records in 4 groups")
    QAbstractItemModelTester(groups.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    rows = [[groups.model.index(row, column).data() for column in range(3)] for row in range(4)]
    assert sorted(rows) == [["150", level, "item <n>"] for level in ("DEBUG", "ERROR", "INFO", "WARNING")]
    error = next(row for row in range(4) if rows[row][1] == "ERROR")
    groups.table.activated.emit(groups.model.index(error, 0))
    qtbot.waitUntil(lambda: view.area.current == 3)
    groups.close()


def test_a_text_is_highlighted_in_every_log(view: LogView, qtbot: QtBot, shop: Path) -> None:
    show(view, qtbot, shop, 603)
    row = view.area.total - 1
    qtbot.waitUntil(lambda: bool(view.area.line(row)))
    text = view.area.line(row) or ""
    start = text.index("shop")
    view.area._anchor, view.area._cursor = ((row, start), (row, start)), (row, start + 4)
    view.narrowing.toggle_highlight()
    assert [one.text for one in view.area.highlights] == ["shop"]
    found = view.area.shown.row(row)
    assert found is not None
    assert view.area._marks(row, found)[0][:2] == (start, start + 4)
    other = LogView()
    qtbot.addWidget(other)
    assert [one.text for one in other.area.highlights] == ["shop"]
    view.windows.highlights()
    dialog = view.windows.open
    assert isinstance(dialog, HighlightDialog)
    dialog.add()
    dialog.lines[1].text.setText("ITEM 59")
    dialog.lines[1].word.setChecked(True)
    dialog.lines[1].color.setCurrentIndex(4)
    assert view.area.highlights == [Highlight("shop"), Highlight("ITEM 59", 4, case=False, word=True)]
    assert list(view.area.highlights[1].spans("item 59, item 590")) == [(0, 7)]
    dialog.lines[0].remove.click()
    dialog.close()
    assert saved.highlights(view.settings) == [Highlight("ITEM 59", 4, case=False, word=True)]
    view.narrowing.toggle_highlight()
    assert view.area.highlights[1:] == [Highlight("shop", 0)]
    other.hide()
    other.show()
    assert other.area.highlights == view.area.highlights
    view.settings.put(saved.HIGHLIGHTS, json.dumps({"of an earlier version": True}))
    assert saved.highlights(view.settings) == [Highlight("of an earlier version")]


def test_a_filter_is_kept_by_name(view: LogView, qtbot: QtBot, shop: Path) -> None:
    show(view, qtbot, shop, 603)
    bar = view.filter_bar
    view.narrowing.filter()
    bar.level.setCurrentIndex(5)
    bar.include.setText(r"item \d7\b")
    bar.how.regex.setChecked(True)
    bar.conditions.fields["loggers"].setText("shop, other")
    bar.keep_as("errors of pay")
    wanted = bar.wanted
    bar.close_bar()
    assert saved.filters(view.settings) == {"errors of pay": wanted}
    view.show_saved(2)
    assert "No filter 2" in view.strip.count.text()
    view.show_saved(1)
    assert bar.wanted == wanted
    saved.keep_filter(view.settings, "errors of pay", None)
    view.settings.put(saved.FILTERS, json.dumps({"odd": {"nonsense": 1}}))
    assert saved.filters(view.settings) == {}


@pytest.mark.parametrize("suffix", ["log", "jsonl", "csv"])
def test_what_is_shown_is_saved(
    view: LogView, qtbot: QtBot, shop: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    show(view, qtbot, shop, 603)
    path = shop.with_name(f"saved.{suffix}")
    monkeypatch.setattr(ask, "log_to_save", lambda *_: str(path))
    view.filter_bar.include.setText("item 20")
    settle(view, qtbot, 14)
    view.taking.save()
    qtbot.waitUntil(path.exists)
    numbers = [20, *range(200, 210)]
    if suffix == "log":
        lines = path.read_text().splitlines()
        assert len(lines) == 14
        assert [line for line in lines if "item" in line] == [
            line for line in shop.read_text().splitlines() if "item 20" in line
        ]
    elif suffix == "jsonl":
        found = [json.loads(line) for line in path.read_text().splitlines()]
        assert [record["message"] for record in found] == [f"item {n}" for n in numbers]
        assert found[4]["exception"] == "KeyError"
    else:
        with path.open(newline="") as file:
            assert [row["message"] for row in csv.DictReader(file)] == [f"item {n}" for n in numbers]
    assert [part.name for part in shop.parent.glob(".*")] == []


def test_only_the_selection_is_saved_and_never_over_the_log(
    view: LogView, qtbot: QtBot, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(view, qtbot, shop, 603)
    before = shop.read_bytes()
    path = shop.with_name("saved.log")
    monkeypatch.setattr(ask, "log_to_save", lambda *_: str(path))
    view.area.select(10, 12)
    view.taking.save()
    qtbot.waitUntil(path.exists)
    assert path.read_text().splitlines() == before.decode().splitlines()[10:13]
    monkeypatch.setattr(ask, "log_to_save", lambda *_: str(shop))
    view._poll.stop()
    view.taking.save()
    qtbot.waitUntil(lambda: "is the log itself" in view.strip.count.text())
    assert shop.read_bytes() == before


def test_the_place_in_a_traceback_is_opened(
    view: LogView, qtbot: QtBot, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(view, qtbot, shop, 603)
    opened: list[tuple[Path, int, str]] = []

    def open_at(path: Path, line: int, command: str) -> str:
        opened.append((path, line, command))
        return ""

    monkeypatch.setattr(editor, "open_at", open_at)
    view.settings.put(editor.COMMAND, "code -g {file}:{line}")
    view.places.line(206)
    qtbot.waitUntil(lambda: view.area.current == 205 and view.area.shown.has(205))
    view.taking.open_place()
    assert opened == [(shop.with_name("a.py"), 7, "code -g {file}:{line}")]
    view.area.set_current(206)
    view.taking.open_place()
    assert view.strip.count.text() == "This line does not name a file and a line."


def test_the_command_of_the_editor(tmp_path: Path) -> None:
    path = tmp_path / "a b.py"
    assert editor.words_of("code -g {file}:{line}", path, 7) == ["code", "-g", f"{path}:7"]
    assert editor.words_of("vi", path, 7) == ["vi", str(path)]
    assert editor.open_at(path, 7, "") == f"{path} is not there."
    path.touch()
    assert editor.open_at(path, 7, "no-such-editor-there") == "no-such-editor-there cannot be started."
    assert "cannot be read" in editor.open_at(path, 7, "'")


def test_times_since_the_line_above_and_since_a_mark(view: LogView, qtbot: QtBot, shop: Path) -> None:
    show(view, qtbot, shop, 603)
    view.looks.toggle_deltas()
    area = view.area
    assert area.beside._time(area.shown, 602).strip() == "+1.000s"
    area.set_current(600)
    view.looks.toggle_mark()
    assert area.beside._time(area.shown, 602).strip() == "+2.000s"
    assert area.beside._time(area.shown, 598).strip() == "-2.000s"
    view.looks.toggle_mark()
    assert area.beside._time(area.shown, 602).strip() == "+1.000s"
    view.grab()


def test_several_logs_are_merged_by_time(
    view: LogView, qtbot: QtBot, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = shop.with_name("other.log")
    other.write_text("".join(f"2024-03-10 00:00:{n:02},500 INFO web: hit {n}\n" for n in range(60)))
    show(view, qtbot, shop, 603)
    monkeypatch.setattr(ask, "logs_to_add", lambda *_: [str(other), str(shop)])
    view.add_files()
    settle(view, qtbot, 663)
    view.places.share(0)
    qtbot.waitUntil(lambda: view.area.line(3) is not None)
    lines = [(view.area.line(row) or "").rpartition(": ")[2] for row in range(4)]
    assert lines == ["item 0", "hit 0", "item 1", "hit 1"]
    assert [view.area.shown.file(row) for row in range(4)] == [0, 1, 0, 1]
    assert view.area._tip(1) == "other.log"
    view.grab()
    view.narrowing.find_text()
    view.find_bar.text.setText("hit 5")
    qtbot.waitUntil(lambda: view.find_bar.count.text().endswith("11 lines"))
    view.filter_bar.include.setText("item 1")
    settle(view, qtbot, 111)
    with other.open("a") as file:
        file.write("2024-03-10 00:00:00,100 INFO web: item 1 of the other\n")
    settle(view, qtbot, 112)
    view.places.share(0)
    qtbot.waitUntil(lambda: (view.area.line(0) or "").endswith("of the other"))


def test_the_parts_of_a_rotated_log_are_one(view: LogView, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    for name, word in (("app.log.2", "oldest"), ("app.log.1", "older"), ("app.log", "new")):
        path.with_name(name).write_text(
            "".join(f"2024-03-10 00:00:00,000 INFO a: {word} {n}\n" for n in range(10))
        )
    show(view, qtbot, path, 10)
    qtbot.waitUntil(lambda: view.flags()["log.rotated"])
    view.show_rotated()
    settle(view, qtbot, 30)
    lines = [(view.area.line(row) or "").rpartition(": ")[2] for row in (0, 9, 10, 29)]
    assert lines == ["oldest 0", "oldest 9", "older 0", "new 9"]
    assert not view.flags()["log.rotated"]


def test_what_passes_the_filter_is_marked(view: LogView, qtbot: QtBot, shop: Path) -> None:
    show(view, qtbot, shop, 603)
    bar = view.filter_bar
    bar.include.setText("item 598 OR item 599")
    settle(view, qtbot, 2)

    def matched(row: int) -> list[str]:
        found = view.area.shown.row(row)
        return [found.text[a:b] for a, b in found.matched] if found else []

    assert matched(0) == ["item 598"]
    bar.how.regex.setChecked(True)
    bar.include.setText(r"item 3\d\b")
    settle(view, qtbot, 10)
    qtbot.waitUntil(lambda: matched(9) == ["item 39"], timeout=30_000)
    view.looks.toggle_columns()
    assert matched(9) == ["item 39"]
    view.grab()


def test_hits_are_listed(view: LogView, qtbot: QtBot, shop: Path) -> None:
    show(view, qtbot, shop, 603)
    view.toggle_hits()
    view.find_bar.text.setText("item 10")
    hits = view.hits.area
    qtbot.waitUntil(lambda: hits.total == 11, timeout=30_000)
    qtbot.waitUntil(lambda: view.area.hit is not None, timeout=30_000)
    qtbot.keyClick(hits, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: view.area.shown.number(view.area.current) == 10, timeout=30_000)
    qtbot.keyClick(hits, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: view.area.shown.number(view.area.current) == 100, timeout=30_000)
    view.filter_bar.level.setCurrentIndex(5)
    qtbot.waitUntil(lambda: hits.total == 2, timeout=30_000)
    qtbot.waitUntil(lambda: view.find_bar.count.text().endswith("2 lines"), timeout=30_000)
    view.narrowing.next_hit()
    qtbot.waitUntil(lambda: view.find_bar.count.text() in ("1 of 2 lines", "2 of 2 lines"), timeout=30_000)
    view.narrowing.show_all()
    qtbot.waitUntil(lambda: hits.total == 11, timeout=30_000)
    view.narrowing.include_found()
    settle(view, qtbot, 11)
    view.grab()
    view.find_bar.close_bar()
    assert not view.hits.isVisible()


def test_bookmarks_are_listed_with_their_notes(view: LogView, qtbot: QtBot, shop: Path) -> None:
    show(view, qtbot, shop, 603)
    for line in (300, 100):
        view.places.line(line)
        qtbot.waitUntil(
            lambda line=line: view.area.shown.number(view.area.current) == line - 1, timeout=30_000
        )
        view.bookmarks.toggle()
    view.windows.bookmarks()
    window = view.windows.open
    assert isinstance(window, BookmarkList)
    model = window.model
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert [model.index(row, 0).data() for row in range(2)] == ["100", "300"]
    assert model.index(0, 2).data() == "2024-03-10 00:01:39,000 ERROR shop.pay: item 99"
    assert model.setData(model.index(1, 1), "look\nhere")
    assert view.bookmarks.notes[0, 299] == "look here"
    window.table.activated.emit(model.index(1, 0))
    qtbot.waitUntil(lambda: view.area.current == 299, timeout=30_000)
    qtbot.waitUntil(lambda: view.area._tip(299) == "look here", timeout=30_000)
    view.grab()
    window.table.selectRow(0)
    window.remove()
    assert saved.bookmarks(view.settings, (shop,)).keys() == {(0, 299)}
    window.close()


def test_records_and_messages_are_copied(view: LogView, qtbot: QtBot, shop: Path) -> None:
    show(view, qtbot, shop, 603)
    view.area.select(205, 207)
    clipboard = QGuiApplication.clipboard()
    clipboard.clear()
    view.taking.copy_records()
    qtbot.waitUntil(lambda: clipboard.text() != "", timeout=30_000)
    assert clipboard.text().splitlines() == shop.read_text().splitlines()[203:208]
    clipboard.clear()
    view.taking.copy_messages()
    qtbot.waitUntil(lambda: clipboard.text() != "", timeout=30_000)
    assert clipboard.text() == "item 203\nitem 204"


def test_how_the_log_is_read_is_said(view: LogView, qtbot: QtBot, shop: Path) -> None:
    show(view, qtbot, shop, 603)
    view.how_read.choices_asked.emit()
    qtbot.waitUntil(lambda: "loguru" in view.how_read.choices.formats, timeout=30_000)
    assert "Europe/Berlin" in view.how_read.choices.zones
    view.explain()
    window = view.windows.open
    assert isinstance(window, Explained)
    text = window.text.toPlainText()
    assert "603 lines, 600 records" in text
    assert "Encoding: utf-8" in text
    assert "Error 150" in text
    window.close()
    view.how_read._choose_typed_zone("Mars/Base")
    assert "not a time zone" in view.strip.count.text()
    view.how_read._choose_typed_zone("Asia/Tokyo")
    assert view.how_read.zone_button.text() == "Asia/Tokyo"


def test_merged_logs_are_saved_and_hidden_from_a_time_on(
    view: LogView, qtbot: QtBot, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shop.parent / "b").mkdir()
    other = shop.parent / "b" / "shop.log"
    other.write_text("".join(f"2024-03-10 00:09:{n:02},500 INFO web: hit {n}\n" for n in range(60)))
    view.show_files((shop, other), by_time=True)
    settle(view, qtbot, 663)
    assert view.area.sources == [f"{shop.parent.name}/shop.log", "b/shop.log"]
    assert view.legend.isVisible()
    view.area.set_current(view.area.total - 2)
    view.narrowing.clear_to_here()
    settle(view, qtbot, 2)
    path = shop.with_name("saved.jsonl")
    monkeypatch.setattr(ask, "log_to_save", lambda *_: str(path))
    view.narrowing.show_all()
    settle(view, qtbot, 663)
    view.area.select(659, 662)
    view.taking.save()
    qtbot.waitUntil(path.exists, timeout=30_000)
    found = [json.loads(line)["message"] for line in path.read_text().splitlines()]
    assert found == ["item 598", "hit 58", "item 599", "hit 59"]


def test_parts_in_turn_are_hidden_up_to_a_line_of_a_later_one(
    view: LogView, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "app.log"
    for name in ("app.log.1", "app.log"):
        path.with_name(name).write_text(
            "".join(f"2024-03-10 00:00:00,000 INFO a: {name} {n}\n" for n in range(10))
        )
    show(view, qtbot, path, 10)
    qtbot.waitUntil(view.strip.rotated.isVisible, timeout=30_000)
    assert view.strip.rotated.text() == "+ 1 earlier part"
    view.strip.rotated.click()
    settle(view, qtbot, 20)
    view.area.set_current(12)
    view.narrowing.clear_to_here()
    settle(view, qtbot, 8)
    assert (view.area.line(0) or "").endswith("app.log 2")


def test_a_span_of_times_with_offsets_is_the_one_that_was_dragged(
    view: LogView, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "zone.log"
    path.write_text("".join(f"2024-03-10T10:{n:02}:00+02:00 INFO a: item {n}\n" for n in range(60)))
    show(view, qtbot, path, 60)
    view.toggle_histogram()
    bars = view.histogram
    qtbot.waitUntil(lambda: sum(map(sum, bars._counts)) == 60, timeout=30_000)
    assert bars._clock(0) == "2024-03-10 08:00:00 UTC"
    half = len(bars._counts) // 2
    bars.chosen.emit(*bars._times(half, len(bars._counts) - 1))
    settle(view, qtbot, 30)
