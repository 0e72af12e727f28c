"""One task in the details: its error first, pages of long texts, links, saving, copying."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from engine.query.detail import Detail, Text
from gui.desktop import editor
from gui.details.page import cpu_in_words, target_of
from gui.details.view import Details
from gui.kit import ask
from tests.running import make_job, run_job

SOURCE = """
import logging, sys
def f(x):
    print("prints", x)
    logging.getLogger().warning("logs %s", x)
    if x == 1:
        raise ValueError("<b>not</b> bold")
    if x == 2:
        return b"bytes \\x00 of it"
    if x == 3:
        return "word " * 10_000
    if x == 4:
        return list(range(200_000))
    return {"square": x * x}
"""


@dataclass
class Known:
    """What a table knows about a task."""

    index: int
    status: str = "ok"
    input: str = "the input"
    value: str = "the value"
    start: float = 1e9
    end: float = 1e9 + 1
    worker: int = 1


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POOLHOUSE_RUNS", str(folder / "runs"))
        return run_job(make_job(folder, SOURCE, inputs=range(5))).folder


@pytest.fixture
def details(qtbot: QtBot, run: Path) -> Iterator[Details]:
    details = Details()
    qtbot.addWidget(details)
    details.resize(700, 500)
    details.show_run(run)
    yield details
    details.close_run()


def show(qtbot: QtBot, details: Details, task: int, status: str = "ok") -> str:
    """Show a task, and wait until all of it is there."""
    details.show_row(Known(task, status))
    qtbot.waitUntil(lambda: details._detail is not None and details._detail.task == task)
    return text(details)


def text(details: Details) -> str:
    return details.page.toPlainText()


def links(details: Details) -> list[tuple[str, str, str]]:
    """The links of the page, in order."""
    found: list[str] = []
    block = details.page.document().begin()
    while block.isValid():
        for place in cast("Any", block):
            href = place.fragment().charFormat().anchorHref()
            if href and href not in found:
                found.append(href)
        block = block.next()
    return [target_of(QUrl(href)) for href in found]


def follow(details: Details, words: str) -> None:
    """Click a link by its text."""
    cursor = details.page.document().find(words)
    assert not cursor.isNull(), f"there is no {words!r}"
    details.page.anchorClicked.emit(QUrl(cursor.charFormat().anchorHref()))


def test_what_the_table_knows_is_there_at_once(qtbot: QtBot, details: Details) -> None:
    details.show_row(Known(0))
    assert details.isVisible()
    assert "the input" in text(details)
    assert "the value" in text(details)
    details.show_row(Known(1, "error", value="KeyError: 5"))
    assert text(details).startswith("Error\nKeyError: 5\n")
    details.clear()
    assert details.isHidden()
    show(qtbot, details, 0)


def test_a_task_with_what_it_logged_and_printed(qtbot: QtBot, details: Details) -> None:
    shown = show(qtbot, details, 0)
    # On a busy machine, the task waits long enough for an extra section that says so.
    assert shown.startswith("Input\n0\nResult\n{'square': 0}\n")
    assert shown.endswith("\nLog\nroot - WARNING - logs 0\nPrinted\nprints 0")
    assert details._title.text() == "Task 0: OK"
    assert details.page.verticalScrollBar().value() == 0


def test_the_error_comes_first_and_is_no_markup(qtbot: QtBot, details: Details) -> None:
    shown = show(qtbot, details, 1, "error")
    assert shown.startswith(
        "Error\nValueError: <b>not</b> bold\nTraceback\nTraceback (most recent call last):"
    )
    assert 'raise ValueError("<b>not</b> bold")' in shown
    assert shown.index("Traceback") < shown.index("Input\n1")
    assert "Result" not in shown


def test_the_places_of_a_traceback_are_links_to_an_editor(
    qtbot: QtBot, details: Details, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(qtbot, details, 1, "error")
    ((kind, line, path),) = links(details)
    assert (kind, line, Path(path).name) == ("open", "7", "user_code.py")
    shown: list[tuple[Path, int]] = []

    def open_at(path: Path, line: int, _command: str) -> str:
        shown.append((path, line))
        return ""

    monkeypatch.setattr(editor, "open_at", open_at)
    follow(details, "line 7")
    qtbot.waitUntil(lambda: shown == [(Path(path), 7)])


def test_an_editor_that_cannot_be_started_says_so(
    qtbot: QtBot, details: Details, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(qtbot, details, 1, "error")
    monkeypatch.setattr(editor, "open_at", lambda *_: "no editor here")
    follow(details, "line 7")
    qtbot.waitUntil(lambda: "no editor here" in details._said.text())
    assert details._said.isVisible()


def test_bytes_are_hexadecimal(qtbot: QtBot, details: Details) -> None:
    assert "00000000  62 79 74 65 73 20" in show(qtbot, details, 2)


PICTURES = """
import zlib
def f(x):
    def chunk(kind, data):
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
    side = 1 << (2 + 3 * x)
    rows = (b"\\0" + bytes(range(256)) * (side * 3 // 256 + 1))[: 1 + 3 * side] * side
    head = side.to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    data = b"broken" if x == 2 else zlib.compress(rows, 0)
    return b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
"""


def test_bytes_that_are_a_picture_are_seen(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POOLHOUSE_RUNS", str(tmp_path / "runs"))
    folder = run_job(make_job(tmp_path, PICTURES, inputs=[0, 3, 2])).folder
    details = Details()
    qtbot.addWidget(details)
    details.show_run(folder)
    for task, what in ((0, "PNG, 4 × 4 pixels"), (1, "PNG, 2,048 × 2,048 pixels")):
        details.show_row(Known(task))
        qtbot.waitUntil(lambda what=what: what in text(details))
        image, _ = details.page._picture or (None, "")
        assert image
        assert max(image.width(), image.height()) <= 480
    details.show_row(Known(2))
    qtbot.waitUntil(lambda: details._detail is not None and not details._painting.busy)
    assert "Picture" not in text(details)
    assert "in hexadecimal" in text(details)
    details.close_run()


@pytest.mark.usefixtures("own_query_processes")
def test_pages_are_turned(qtbot: QtBot, details: Details) -> None:
    shown = show(qtbot, details, 3)
    assert "Characters 1 to 10,000 of 50,000" in shown
    assert "Previous page" not in shown
    follow(details, "Next page")
    qtbot.waitUntil(lambda: "Characters 10,001 to 20,000 of 50,000" in text(details))
    follow(details, "Previous page")
    qtbot.waitUntil(lambda: "Characters 1 to 10,000 of 50,000" in text(details))
    follow(details, "Next page")
    qtbot.waitUntil(lambda: "Characters 10,001" in text(details))
    show(qtbot, details, 0)
    assert "Characters 1 to 10,000" in show(qtbot, details, 3), "another task begins with its first page"


@pytest.mark.usefixtures("own_query_processes")
def test_a_long_value_is_read_when_it_is_asked_for(qtbot: QtBot, details: Details) -> None:
    assert "(200,000 items)" in show(qtbot, details, 4)
    follow(details, "Read the whole text")
    qtbot.waitUntil(lambda: "    0, 1, 2, 3," in text(details))
    assert "Characters 1 to 10,000" in text(details)


def test_the_call_is_copied(qtbot: QtBot, details: Details) -> None:
    details.show_row(Known(3))
    assert not details._copy.isEnabled()
    show(qtbot, details, 3)
    assert details._copy.isEnabled()
    details._copy.click()
    assert QGuiApplication.clipboard().text() == "f(3)"


@pytest.mark.usefixtures("own_query_processes")
@pytest.mark.parametrize(
    ("task", "status", "button", "data"),
    [(2, "ok", "Save result…", b"bytes \x00 of it"), (1, "error", "Save input…", b"1")],
)
def test_a_value_is_saved(
    qtbot: QtBot,
    details: Details,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    task: int,
    status: str,
    button: str,
    data: bytes,
) -> None:
    path = tmp_path / "value.bin"
    monkeypatch.setattr(ask, "value_to_save", lambda *_: path)
    show(qtbot, details, task, status)
    assert details._save.text() == button
    details._save.click()
    qtbot.waitUntil(lambda: "Saved" in details._said.text())
    assert path.read_bytes() == data


def test_the_command_that_debugs_it_is_copied(qtbot: QtBot, details: Details, run: Path) -> None:
    show(qtbot, details, 1)
    details._debug.click()
    line = f"poolhouse debug {run} 1"
    assert QGuiApplication.clipboard().text() == line
    assert line in details._said.text()


@pytest.mark.usefixtures("own_query_processes")
def test_its_log_is_asked_for(qtbot: QtBot, details: Details) -> None:
    details.show_row(Known(0))
    assert details._log.isHidden(), "it is not known yet that it logged"
    show(qtbot, details, 0)
    assert not details._log.isHidden()
    with qtbot.waitSignal(details.log_asked):
        details._log.click()


@pytest.mark.parametrize(
    ("cpu", "tasks", "seconds", "said"),
    [
        (None, 1, 1.0, ""),
        (0.0001, 10, 0.001, ""),
        (1.9, 1, 2.0, "1.90 s of processor time in 2.00 s (95%): it computed nearly all of the time."),
        (
            1.0,
            1,
            2.0,
            "1.00 s of processor time in 2.00 s (50%): it computed for a part of the time, and waited",
        ),
        (0.0, 3, 2.0, "(0%), for the 3 tasks of its batch together: they waited nearly all of the time"),
        (3.0, 1, 2.0, "3.00 s of processor time in 2.00 s (150%): it kept more than one core busy"),
    ],
)
def test_processor_time_in_words(cpu: float | None, tasks: int, seconds: float, said: str) -> None:
    nothing = Text("none")
    known = Detail(0, "ok", 1, 1.0, 2.0, 1, nothing, nothing, (), nothing, nothing, (0, 0), 0, "", ())
    told = cpu_in_words(replace(known, cpu=cpu, cpu_tasks=tasks, cpu_seconds=seconds))
    assert said in told
    assert bool(said) == bool(told)


def test_a_value_that_cannot_be_saved_says_why(
    qtbot: QtBot, details: Details, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ask, "value_to_save", lambda *_: tmp_path / "nowhere" / "value")
    show(qtbot, details, 0)
    details._save.click()
    qtbot.waitUntil(lambda: "cannot be written" in details._said.text())


def test_an_answer_that_changes_nothing_leaves_the_selection(qtbot: QtBot, details: Details) -> None:
    show(qtbot, details, 0)
    details.page.moveCursor(QTextCursor.MoveOperation.EndOfLine, QTextCursor.MoveMode.KeepAnchor)
    details._answered("task", details._detail)
    assert details.page.textCursor().selectedText() == "Input"


def test_a_task_that_cannot_be_read_says_so(qtbot: QtBot, details: Details, tmp_path: Path) -> None:
    (tmp_path / "run.db").write_text("no database")
    details.show_run(tmp_path)
    details.show_row(Known(0))
    qtbot.waitUntil(lambda: "cannot be read completely" in details._said.text())
    assert "the input" in text(details)


# editors


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs, and no others."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    for variable in editor.OWN:
        monkeypatch.delenv(variable, raising=False)
    return folder


def put_program(folder: Path, name: str, script: str = "") -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.mark.skipif(os.name == "nt", reason="programs are made as shell scripts")
def test_the_editor_that_a_person_names_is_taken(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path("/some where/code.py")
    assert editor.found(path, 7) == []
    code, kate = put_program(programs, "code"), put_program(programs, "kate")
    assert editor.found(path, 7) == [str(code), "--goto", "/some where/code.py:7"]
    monkeypatch.setenv("EDITOR", "vim")  # it needs a terminal
    assert editor.found(path, 7) == [str(code), "--goto", "/some where/code.py:7"]
    monkeypatch.setenv("EDITOR", str(kate))
    assert editor.found(path, 7) == [str(kate), "--line", "7", "/some where/code.py"]


@pytest.mark.skipif(os.name == "nt", reason="programs are made as shell scripts")
def test_an_editor_is_started_with_the_file(qtbot: QtBot, programs: Path, tmp_path: Path) -> None:
    source, told = tmp_path / "source.py", tmp_path / "told"
    source.write_text("pass\n")
    put_program(programs, "kate", f'echo "$@" > "{told}.draft"\n/bin/mv "{told}.draft" "{told}"')
    assert editor.open_at(source, 3, "") == ""
    qtbot.waitUntil(told.exists)
    assert told.read_text() == f"--line 3 {source}\n"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the way of the Linux desktops")
def test_without_a_known_editor_the_desktop_opens_the_file(
    qtbot: QtBot, programs: Path, tmp_path: Path
) -> None:
    source, told = tmp_path / "source.py", tmp_path / "told"
    source.write_text("pass\n")
    assert "xdg-open" in editor.open_at(source, 3, "")
    put_program(programs, "xdg-open", f'echo "$@" > "{told}.draft"\n/bin/mv "{told}.draft" "{told}"')
    assert editor.open_at(source, 3, "") == ""
    qtbot.waitUntil(told.exists)
    assert told.read_text() == f"{source}\n"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the way of the Linux desktops")
@pytest.mark.parametrize("name", ["start.desktop", "program.py"])
def test_the_desktop_gets_nothing_that_it_might_run(programs: Path, tmp_path: Path, name: str) -> None:
    put_program(programs, "xdg-open")
    (tmp_path / "start.desktop").write_text("[Desktop Entry]\n")
    put_program(tmp_path, "program.py")
    assert "might run" in editor.open_at(tmp_path / name, 1, "")


@pytest.mark.parametrize("name", ["gone.py", "folder.py"])
def test_what_is_no_file_is_not_opened(programs: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.py").mkdir()
    put_program(programs, "kate")
    assert "is not there" in editor.open_at(tmp_path / name, 1, "")


def test_buttons_are_never_cut(qtbot: QtBot, details: Details) -> None:
    show(qtbot, details, 1, "error")
    buttons = [button for button in details.findChildren(QToolButton) if button.isVisible()]
    assert len(buttons) == 6
    for width, shown in ((400, "Log"), (1000, "Show in log")):
        details.resize(width, 500)
        qtbot.waitUntil(lambda shown=shown: details._log.text() == shown)
        qtbot.waitUntil(lambda: all(b.width() >= b.sizeHint().width() for b in buttons))
        assert all(details.rect().contains(b.geometry()) for b in buttons)
        assert details._log.accessibleName() == "Show in log"
