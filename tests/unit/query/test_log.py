"""Pages of logs: every one equals a naive reading of the file, and each line has the level of its record."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.query.log import Lines, LogText, levels
from engine.query.request import answer, finish
from engine.query.sources import Sources

PIECES = st.lists(st.text(alphabet="ab\n\r é", max_size=30).map(str.encode), max_size=8)


@given(PIECES, st.lists(st.tuples(st.integers(0, 20), st.integers(1, 10), st.booleans()), max_size=5))
def test_pages_of_a_file_that_grows(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes], spans: list[tuple[int, int, bool]]
) -> None:
    path = tmp_path_factory.mktemp("log") / "some.log"
    written = b""
    with Sources() as sources:
        for piece in pieces:
            with path.open("ab") as file:
                file.write(piece)
            written += piece
            every = written.split(b"\n")
            whole = every if every[-1] else every[:-1]
            lines = [line.removesuffix(b"\r").decode() for line in whole]
            for first, count, at_end in spans:
                page = finish(Lines(path, first, count, at_end).steps(sources))
                begin = max(min(len(lines) - count if at_end else first, len(lines) - count), 0)
                assert (page.total, page.complete, page.first) == (len(lines), True, begin)
                assert list(page.lines) == lines[begin : begin + count]
                assert len(page.levels) == len(page.lines)
                text = finish(LogText(path, first, count).steps(sources))
                assert text == "\n".join(lines[first : first + count])


def test_no_file_has_no_lines(tmp_path: Path) -> None:
    page = answer(Lines(tmp_path / "none.log", 0, 10))
    assert (page.total, page.complete, page.lines) == (0, True, ())


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("root - INFO - all is well", ""),
        ("root - ERROR - not so well", "error"),
        ("2026-01-01 CRITICAL x", "error"),
        ("WARNING:root:ERROR follows", "warning"),
        ("x DEBUG y", "debug"),
        ("NOERRORS here", ""),
    ],
)
def test_the_level_of_a_line(line: str, level: str) -> None:
    assert levels([line], True) == [level]


TRACE = [
    "root - ERROR - Task 3 failed: ValueError: bad",
    "Traceback (most recent call last):",
    '  File "f.py", line 2, in f',
    "    logging.info('INFO and DEBUG')",
    "ValueError: bad",
]


def test_a_record_has_one_level_down_to_its_last_line() -> None:
    after = [
        "second line of the message",
        "root - INFO - on",
        "more",
        "root - DEBUG - x",
        "y",
        "",
        " WARNING z",
    ]
    expected = ["error"] * 6 + ["", "", "debug", "debug", "debug", "warning"]
    assert levels([*TRACE, *after], True) == expected


def test_where_records_name_no_level_only_a_traceback_goes_on() -> None:
    assert levels([*TRACE, "task 4 is done", "  x", "ERROR", "fine"], False) == [
        *["error"] * 5, "", "", "error", "",
    ]  # fmt: skip


def test_the_level_of_a_line_does_not_hang_on_where_the_view_begins(tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    path.write_text("\n".join(["root - INFO - first", *TRACE, "second line of the message"]))
    assert answer(Lines(path, 4, 2)).levels == ("error", "error")
    assert answer(Lines(path, 0, 3, at_end=True)).levels == ("error",) * 3
    path.write_text("\n".join(["first", *TRACE, "no part of it"]))
    assert answer(Lines(path, 0, 2, at_end=True)).levels == ("error", "")
