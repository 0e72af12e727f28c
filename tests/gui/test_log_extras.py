"""What one does with a log beside reading it: count, group, highlight, keep filters, save, open files."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from gui.desktop import editor
from gui.kit import ask
from gui.logs import saved
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
    assert view.area.highlights == ["shop"]
    found = view.area.shown.row(row)
    assert found is not None
    assert view.area._marks(row, found)[0][:2] == (start, start + 4)
    other = LogView()
    qtbot.addWidget(other)
    assert other.area.highlights == ["shop"]
    view.narrowing.toggle_highlight()
    assert view.area.highlights == []


def test_a_filter_is_kept_by_name(view: LogView, qtbot: QtBot, shop: Path) -> None:
    show(view, qtbot, shop, 603)
    bar = view.filter_bar
    view.narrowing.filter()
    bar.level.setCurrentIndex(5)
    bar.include.setText(r"item \d7\b")
    bar.how.regex.setChecked(True)
    bar.fields["loggers"].setText("shop, other")
    bar.keep_as("errors of pay")
    wanted = bar.wanted
    bar.close_bar()
    assert saved.filters(view.settings) == {"errors of pay": wanted}
    view.show_saved(2)
    assert "No filter 2" in view._count.text()
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
    qtbot.waitUntil(lambda: "is the log itself" in view._count.text())
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
    assert view._count.text() == "This line does not name a file and a line."


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
