"""Index, records, filters and search agree with a naive reader, for any bytes and however they arrive."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.log import finding, lines, prefilter
from engine.log.choosing import Chooser
from engine.log.chunk import Chunk
from engine.log.filters import Bound, Filter
from engine.log.log import Log
from engine.log.search import Pattern
from engine.log.source import Source
from tests.unit.log.naive import Naive, shown_lines

TIMES = st.integers(0, 59).map(lambda second: f"2024-03-10 11:58:{second:02},254")
LEVELS = st.sampled_from(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "Level 15", "AUDIT", "Info"])
LOGGERS = st.sampled_from(["shop", "shop.pay", "shop.mail", "root", "größe"])
MESSAGES = st.sampled_from(["one", "two zebras", "Zebra", "", "naïve ſtraße", "a: b - c", "at 100%\rat 200%"])
LAYOUTS = st.sampled_from(
    [
        "{0} {1} {2}: {3}",
        "{0} {1} {2}: {3}",
        "[{0}] [{1:>8}] {2}: {3}",
        "{0} | {1:<8} | {2:<10} - {3}",
        "{1:>8}\t{0} {2} {3}",
        "{2:<9} - {0} [{1:<8}] {3}",
        '"{0}","{1}","{2}","{3}"',
        "{{'time': '{0}', 'level': '{1}', 'logger': '{2}', 'msg': '{3}'}}",
        "{0} level={1} logger={2} msg={3}",
    ]
)
JSON = st.builds(
    '{{"ts": "2024-03-10T11:59:{:02}Z", "level": "{}", "logger": "{}", "msg": "{}"}}'.format,
    st.integers(0, 59),
    st.sampled_from(["info", "error", "10"]),
    LOGGERS,
    st.sampled_from(["one", "zebra"]),
)
OTHERS = st.sampled_from(
    [
        "",
        "  indented",
        "Traceback (most recent call last):",
        '  File "a.py", line 1, in f',
        "KeyError: 'zebra'",
        "The above exception was the direct cause of the following exception:",
        "\r 10%|#\r 20%|##",
        "\x1b[31mred zebra\x1b[0m",
        "\0\0\0behind a hole",
        "2024-03-10 11:58:57,254 half a record",
        "x" * 300,
    ]
)
ENDS = st.sampled_from(["\n", "\n", "\r\n"])


@st.composite
def texts(draw: st.DrawFn) -> bytes:
    """Lines of logs in some encoding, with or without a final line end, sometimes with invalid bytes."""
    records = st.builds(draw(LAYOUTS).format, TIMES, LEVELS, LOGGERS, MESSAGES)
    drawn = draw(st.lists(st.one_of(records, records, records, JSON, OTHERS), max_size=40))
    text = "".join(line + draw(ENDS) for line in drawn)
    if draw(st.booleans()):
        text = text.rstrip("\r\n")
    encoding = draw(st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "latin-1"]))
    raw = text.encode(encoding, "replace")
    if encoding == "utf-8" and raw and draw(st.booleans()):
        at = draw(st.integers(0, len(raw) - 1))
        raw = raw[:at] + draw(st.binary(max_size=3)) + raw[at:]
    return raw


ANYTHING = st.one_of(texts(), texts(), texts(), st.binary(max_size=400))
PATTERNS = st.builds(
    Pattern,
    st.sampled_from(
        [
            "zebra",
            "Zebra",
            "shop",
            r"two \w+",
            r"z.b+ra",
            "[0-9]$",
            "s",
            "ſ",
            "^$",
            "a|o",
            "\ufffd",
            "zebra|größe",
            r"(?i)SHOP|one",
            "STRA",
            "\u240d",
        ]
    ),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
WHOLE = st.lists(st.builds("{} {} {}: {}\n".format, TIMES, LEVELS, LOGGERS, MESSAGES), max_size=20).map(
    lambda drawn: "".join(drawn).encode()
)
SECONDS = st.integers(0, 59).map(lambda second: Bound(datetime(2024, 3, 10, 11, 58, second)))
FILTERS = st.builds(
    Filter,
    level=st.none() | st.integers(1, 6),
    loggers=st.sampled_from([(), (), ("shop",), ("shop.pay", "root")]),
    exceptions=st.sampled_from([(), (), (), ("KeyError",)]),
    since=st.none() | SECONDS,
    until=st.none() | SECONDS,
    lines=st.none() | st.tuples(st.integers(0, 20), st.integers(20, 40)),
    every=st.lists(PATTERNS, max_size=2).map(tuple),
    any=st.lists(PATTERNS, max_size=2).map(tuple),
    none=st.lists(PATTERNS, max_size=1).map(tuple),
)
MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Ahead:
    """What ripgrep would say, by `re`; of every third part it says nothing (yet)."""

    def __init__(self, path: Path, expression: str, start: Chunk) -> None:
        pattern = re.compile(expression.removeprefix("(?-u)").encode())
        self._lines: list[tuple[int, int]] = []
        at, self._asked = start.offset, 0
        for n, line in enumerate(path.read_bytes()[at:].split(b"\n")):
            if found := pattern.search(line):
                self._lines.append((start.first + n, at + found.start()))
            at += len(line) + 1

    def lines(self, chunk: Chunk) -> list[tuple[int, int]] | None:
        self._asked += 1
        if self._asked % 3 == 0:
            return None
        return [(line, at) for line, at in self._lines if chunk.first <= line < chunk.first + chunk.count]

    def close(self) -> None:
        pass


def ahead(source: Source, pattern: Pattern, needed: Sequence[bytes], start: Chunk) -> Ahead:
    return Ahead(source.path, prefilter.expression(needed, any_case=pattern.any_case), start)


@pytest.fixture(autouse=True, params=[(24, False), (1 << 16, False), (24, True)])
def block_size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks so small that everything falls on a border somewhere, and some that hold a file whole.

    With and without something that runs ahead of a search.
    """
    size, helped = request.param
    monkeypatch.setattr(lines, "READ", size)
    monkeypatch.setattr(lines, "SPAN", 16)
    if helped:
        run_ahead_always(monkeypatch)
        monkeypatch.setattr(finding, "prefilter", ahead)


def run_ahead_always(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TRIED", "WORTHWHILE", "SHORTEST"):
        monkeypatch.setattr(finding, name, 0)


def opened(path: Path, raw: bytes) -> Log:
    path.write_bytes(raw)
    log = Log(path)
    log.read_all()
    return log


def agree(log: Log, raw: bytes) -> Naive:
    naive = Naive(log, raw)
    assert log.lines.count == len(naive.lines) == log.records.lines
    assert shown_lines(log, len(naive.lines)) == naive.lines
    assert log.records.codes(0, len(naive.lines)).tolist() == naive.codes
    assert log.records.count == sum(code != 255 for code in naive.codes)
    assert [(got.line, got.code, list(got.lines)) for got in log.walk()] == [
        (raw.line, raw.code, list(raw.lines)) for raw in naive.records()
    ]
    return naive


@MANY
@given(raw=ANYTHING)
def test_lines_and_records(raw: bytes, tmp_path: Path) -> None:
    agree(opened(tmp_path / "a.log", raw), raw)


@MANY
@given(raw=texts(), wanted=FILTERS)
def test_filters_and_search(raw: bytes, wanted: Filter, tmp_path: Path) -> None:
    log = opened(tmp_path / "a.log", raw)
    naive = Naive(log, raw)
    chooser = Chooser(log, wanted)
    list(chooser.run())
    chosen = list(chooser.selection.starts())
    assert chosen == naive.chosen(wanted)
    assert chooser.selection.count == len(chosen)
    assert [chooser.selection.rank(line) for line in chosen] == list(range(len(chosen)))
    assert list(chooser.selection.starts(1, 2)) == chosen[1:3]


@MANY
@given(raw=ANYTHING, cuts=st.lists(st.integers(0, 2000), max_size=6), wanted=FILTERS)
def test_growth_in_pieces(raw: bytes, cuts: list[int], wanted: Filter, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    log = opened(path, b"")
    chooser = Chooser(log, wanted)
    for cut in [*sorted(min(cut, len(raw)) for cut in cuts), len(raw)]:
        with path.open("ab") as file:
            file.write(raw[path.stat().st_size : cut])
        log.refresh()
        log.read_all()
        naive = agree(log, raw[:cut])
        list(chooser.run())
        assert list(chooser.selection.starts()) == naive.chosen(wanted)


@MANY
@given(first=texts(), second=texts(), how=st.sampled_from(["renamed", "cut", "copied and cut"]))
def test_rotation(first: bytes, second: bytes, how: str, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    log = opened(path, first)
    if how == "renamed":
        other = tmp_path / "other"
        other.write_bytes(second)
        other.replace(path)
    elif how == "cut":
        path.write_bytes(second)
    else:
        with path.open("r+b") as file:
            file.truncate(0)
            file.seek(len(first))
            file.write(second)
    log.refresh()
    log.read_all()
    agree(log, path.read_bytes())


@MANY
@given(first=WHOLE, second=WHOLE, size=st.sampled_from([0, 15, 100, 5000]))
def test_filled_in_place(first: bytes, second: bytes, size: int, tmp_path: Path) -> None:
    """A file that was given its size beforehand is read as far as it has been filled."""
    path = tmp_path / "a.log"
    log = opened(path, first + b"\0" * size)
    agree_so_far(log)
    with path.open("r+b") as file:
        file.seek(len(first))
        file.write(second)
    log.refresh()
    log.read_all()
    agree_so_far(log)


def agree_so_far(log: Log) -> None:
    """The log is read up to where only NULs follow."""
    raw, end = log.path.read_bytes(), log.source.end()
    assert end is not None
    assert not raw[end:].strip(b"\0")
    agree(log, raw[:end])


@pytest.mark.parametrize(
    "form",
    [
        "{time} {name} {level} a: {text}",
        "{time} [{name}] {level} {text}",
        "{time} ({name}/12 {name}) {level} {text}",
    ],
)
def test_names_of_processes_and_threads(form: str, tmp_path: Path) -> None:
    names = (
        "MainProcess",
        "Worker-1",
        "Thread-1 (run)",
        "a b",
        "INFO",
        "x]",
        "é",
        "ForkPoolWorker-12",
        "",
        "a INFO b",
    )
    lines = [
        form.format(
            time=f"2024-03-10 11:58:{n % 60:02},000", name=name, level=level, text=f"[{name}] ERROR {n}"
        )
        for n, (name, level) in enumerate(
            (name, level) for name in names * 2 for level in ("INFO", "WARNING")
        )
    ]
    usual = [line for line in lines if "MainProcess" in line or "Worker" in line]
    raw = "\n".join([*usual * 6, *lines, ""]).encode()
    agree(opened(tmp_path / "names.log", raw), raw)
