"""`poolhouse log --follow`: each new record is shown once, when its lines are complete."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.cli.log.follow import Tail
from engine.log import levels
from engine.log.filters import Filter
from engine.log.log import Log

LINE = "2024-03-10 12:00:{:02},000 {} shop: item {}\n"


def tail_of(path: Path, wanted: Filter) -> Tail:
    log = Log(path)
    log.read_all()
    return Tail(log, wanted)


def shown(tail: Tail) -> list[str]:
    """The messages of what has come, once the file is quiet."""
    return [record.text.partition("shop: ")[2] or record.text for _ in range(2) for record in tail.grown()]


def test_a_half_written_line_is_shown_once_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("".join(LINE.format(n, "INFO", n) for n in range(4)))
    tail = tail_of(path, Filter())
    text = LINE.format(5, "INFO", 5)
    for cut in (3, 20, 30, len(text) - 1):
        with path.open("a") as file:
            file.write(text[:cut])
        assert shown(tail) == []
        with path.open("a") as file:
            file.write(text[cut:] + LINE.format(6, "INFO", 6))
        assert shown(tail) == ["item 5", "item 6"]
    with path.open("a") as file:
        file.write(text[:-1])
    assert shown(tail) == []
    assert [record.message for record in tail.rest()] == ["item 5"]


def test_lines_below_a_record_that_was_there_before(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("".join(LINE.format(n, "INFO", n) for n in range(4)) + LINE.format(5, "ERROR", 5))
    tail = tail_of(path, Filter(level=levels.ERROR))
    with path.open("a") as file:
        file.write("Traceback (most recent call last):\nKeyError: 1\n" + LINE.format(6, "INFO", 6))
    assert shown(tail) == ["Traceback (most recent call last):\nKeyError: 1"]


def test_a_file_that_is_filled_in_place(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    first = "".join(LINE.format(n, "INFO", n) for n in range(4))
    path.write_bytes(first.encode() + bytes(20_000))
    tail = tail_of(path, Filter())
    with path.open("r+b") as file:
        file.seek(len(first))
        file.write("".join(LINE.format(n, "ERROR", n) for n in (5, 6)).encode())
    assert shown(tail) == ["item 5", "item 6"]
    assert tail.log.notes()[0].endswith("NUL bytes are not shown.")


@pytest.mark.parametrize("how", ["renamed", "copied and cut"])
def test_what_was_written_just_before_a_rotation(how: str, tmp_path: Path) -> None:
    path, old = tmp_path / "a.log", tmp_path / "a.log.1"
    path.write_text("".join(LINE.format(n, "INFO", n) for n in range(4)))
    tail = tail_of(path, Filter())
    with path.open("a") as file:
        file.write(LINE.format(5, "INFO", 5))
    if how == "renamed":
        path.rename(old)
    else:
        old.write_bytes(path.read_bytes())
    path.write_text(LINE.format(6, "INFO", 6))
    assert shown(tail) == ["item 5", "item 6"]
