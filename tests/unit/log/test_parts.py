"""The parts of the log reader separately: text, times, search, exceptions, numpy's fast path."""

from __future__ import annotations

import re
from datetime import date, datetime

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.log import encoding, levels
from engine.log.display import shown
from engine.log.exceptions import exception_in
from engine.log.formats.detect import detect
from engine.log.formats.format import TextFormat, read_any_time
from engine.log.known_times import TEXTS, find_time
from engine.log.lines import Block
from engine.log.literals import sure_literals
from engine.log.places import places_of
from engine.log.search import Pattern
from engine.log.summary import histogram, shape_of
from engine.log.times import Moment, time_format
from engine.log.vector import prefix_of
from engine.log.zones import given_time, in_zone, zone_named

TODAY = datetime(2024, 3, 11, 12)
WESTERN = "Grüße, café\n" * 20


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (WESTERN.encode(), "utf-8"),
        (b"\xef\xbb\xbf" + WESTERN.encode(), "utf-8"),
        (WESTERN.encode("utf-16"), "utf-16-le"),
        (WESTERN.encode("utf-16-le"), "utf-16-le"),
        (WESTERN.encode("utf-16-be"), "utf-16-be"),
        (WESTERN.encode("utf-32"), "utf-32-le"),
        (WESTERN.encode("latin-1"), "latin-1"),
        (("€ – " + WESTERN).encode("cp1252"), "cp1252"),
        (WESTERN.encode() + b"\xff", "utf-8"),
        (b"plain", "utf-8"),
        (b"\0" * 1000, "utf-8"),
        (b"", "utf-8"),
    ],
)
def test_encodings(raw: bytes, name: str) -> None:
    assert encoding.detect(raw).name == name


def test_lone_returns_end_lines_unless_they_redraw_a_bar() -> None:
    assert encoding.detect(b"one\rtwo\rthree\r").by_return
    assert not encoding.detect(b"\r 1%\r 2%\r 3%").by_return
    assert not encoding.detect(b"one\r\ntwo\r\n").by_return
    assert encoding.detect("one\rtwo\rthree\r".encode("utf-16")).by_return


def test_an_encoding_chosen_by_hand() -> None:
    assert encoding.chosen("Latin1", b"").name == "latin-1"
    assert encoding.chosen("utf-16", b"\xfe\xff\0a").name == "utf-16-be"
    for name in ("no-such", "utf-7", "rot13", "cp037"):
        with pytest.raises(ValueError, match=name):
            encoding.chosen(name, b"")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"\x1b[31mred\x1b[0m", b"red"),
        (b"\x1b[38;2;1;2;3m\x1b[48:2::4:5:6mtrue\x1b[m", b"true"),
        (b"\x1b]8;;https://a\x1b\\link\x1b]8;;\x1b\\", b"link"),
        (b"\x1b]0;title\x07text", b"text"),
        (b"cut\x1b[ off\x1b[", b"cut off"),
        (b"an escape \x1b alone", b"an escape \x1b alone"),
        (b"\r 1%\r 2%\r", b" 2%"),
        (b"a\r\r\n", b"a\n"),
        (b"2024-03-10 11:58 a\rb", "2024-03-10 11:58 a\u240db".encode()),
        (b"\0\0a\0b", b"ab"),
    ],
)
def test_what_is_shown(raw: bytes, text: bytes) -> None:
    assert shown(raw) == text


@given(st.binary())
def test_the_number_of_lines_never_changes(raw: bytes) -> None:
    assert shown(raw).count(b"\n") == raw.count(b"\n")
    assert shown(raw) == b"\n".join(shown(line) for line in raw.split(b"\n"))


@pytest.mark.parametrize("text", [text for text in TEXTS if text not in ("iso", "%s")])
def test_times(text: str) -> None:
    time = datetime(2024, 3, 10, 23, 58, 7, 254000)
    written = time.strftime(text.replace("%z", "+0100").replace("%Z", "UTC"))
    found = find_time(f"{written} x", 0, TODAY)
    assert found is not None
    moment = time_format(found[0]).read(written[: found[1]], TODAY)
    assert moment is not None
    assert moment.guessed == (not ({"%Y", "%y"} & {text[at : at + 2] for at in range(len(text))}))
    assert (moment.time.hour, moment.time.minute) == ((23, 58) if "%M" in text else (0, 0))
    if "%d" in text and not re.match(r"%[ymd][-/.]%", text):
        assert moment.time.date() == time.date()


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2024-03-10 11:58:57,254", "2024-03-10T11:58:57.254000"),
        ("2024/03/10 11:58:57", "2024-03-10T11:58:57"),
        ("2024-03-10T11:58:57.254000123Z", "2024-03-10T11:58:57.254000+00:00"),
        ("2024-03-10 11:58:57.254 UTC", "2024-03-10T11:58:57.254000+00:00"),
        ("2024-03-10 17:28:58 +0530", "2024-03-10T17:28:58+05:30"),
        ("20240310T115857Z", "2024-03-10T11:58:57+00:00"),
        ("1710071937.254", "2024-03-10T11:58:57.254000+00:00"),
        ("1710071937254", "2024-03-10T11:58:57.254000+00:00"),
        ("1710071937254000", "2024-03-10T11:58:57.254000+00:00"),
        ("03/10/2024 11:58:57 PM", "2024-03-10T23:58:57"),
        ("13/03/2024 11:58:57", "2024-03-13T11:58:57"),
        ("2024-02-30 11:58:57", None),
        ("soon", None),
    ],
)
def test_times_as_written(text: str, iso: str | None) -> None:
    moment = read_any_time(text, TODAY)
    assert (moment.text if moment else None) == iso


def test_what_a_time_leaves_out_is_guessed_from_the_date_of_the_file() -> None:
    syslog = time_format("%b %d %H:%M:%S")
    assert syslog.read("Dec 31 20:30:00", date(2024, 1, 2)) == Moment(datetime(2023, 12, 31, 20, 30), True)
    assert syslog.read("Jan  1 20:30:00", date(2024, 1, 2)) == Moment(datetime(2024, 1, 1, 20, 30), True)
    assert syslog.read("Feb 29 20:30:00", date(2026, 1, 2)) == Moment(datetime(2024, 2, 29, 20, 30), True)
    clock = time_format("%H:%M:%S")
    assert clock.read("11:00:00", TODAY) == Moment(datetime(2024, 3, 11, 11), True)
    assert clock.read("13:00:00", TODAY) == Moment(datetime(2024, 3, 10, 13), True)


def test_zones() -> None:
    utc = Moment(datetime.fromisoformat("2024-03-10T11:58:57+00:00"))
    assert in_zone(utc, zone_named("as-written")) is utc
    assert in_zone(utc, zone_named("Asia/Kolkata")).text == "2024-03-10T17:28:57+05:30"
    local = in_zone(utc, zone_named("local"))
    assert local.instant == utc.instant
    with pytest.raises(ValueError, match="is not a time zone"):
        zone_named("Nowhere/Land")


def test_times_that_a_person_gives() -> None:
    last = datetime(2024, 3, 10, 12)
    assert given_time("-10m", last, None) == datetime(2024, 3, 10, 11, 50)
    assert given_time("-1.5h", last, None) == datetime(2024, 3, 10, 10, 30)
    assert given_time("11:58", last, None) == datetime(2024, 3, 10, 11, 58)
    assert given_time("2024-03-10", last, None) == datetime(2024, 3, 10)
    for text, none in (("-10m", None), ("yesterday", last), ("25:00", last)):
        with pytest.raises(ValueError, match=text):
            given_time(text, none, None)


@pytest.mark.parametrize(
    ("pattern", "literal"),
    [
        (r"item \d+ of", ["item "]),
        ("plain", ["plain"]),
        (r"a|b", []),
        (r"(abc)?def", ["def"]),
        (r"ab*cd", ["cd"]),
        (r"ab+cd", ["ab"]),
        (r"a(?:bcd)+e", ["bcd"]),
        (r"x{0,2}yy", ["yy"]),
        (r"\.log$", [".log"]),
        (r"[abc]+de", ["de"]),
        (r"(?i)abc", ["abc"]),
        (r"(?i:abc)d", ["d"]),
        (r"(?:a|b)cde", ["cde"]),
        (r"timeout|refused|x+", ["refused", "timeout", "x"]),
        (r"timeout|\d", []),
        (r"[]x]yz", ["yz"]),
        (r"\x41\102\u0043", ["ABC"]),
        (r"(?!not)yes\b", ["yes"]),
        (r"(?x) a b  # c", ["ab"]),
    ],
)
def test_the_literals_that_a_pattern_needs(pattern: str, literal: list[str]) -> None:
    assert list(sure_literals(pattern)) == literal


@settings(deadline=None)
@given(
    st.from_regex(r"(?:[ab.]|\\[.dw]|\(a|\)|\||[*+?]|[\[][ab]\]|\{1,2\}|\^|\$){1,8}", fullmatch=True),
    st.data(),
)
def test_every_match_has_one_of_these_literals(pattern: str, data: st.DataObject) -> None:
    try:
        found = re.compile(pattern)
    except re.error:
        return
    line = data.draw(st.text("ab.1 ", max_size=12))
    if found.search(line):
        needed = sure_literals(pattern)
        assert not needed or any(text in line for text in needed)


def test_patterns() -> None:
    assert Pattern("a.c", literal=True).matches("xa.cx")
    assert not Pattern("a.c", literal=True).matches("abc")
    assert not Pattern("pay", word=True).matches("payment")
    assert list(Pattern("pay", literal=True, word=True).spans("pay repay payer pay-day")) == [
        (0, 3),
        (16, 19),
    ]
    assert list(Pattern("-1", literal=True, word=True).spans("a-1 -1 -11")) == [(4, 6)]
    assert Pattern("(?i)(?x) pay  # ever", word=True).matches("to PAY,")
    assert Pattern("PAY", word=True, ignore_case=True).matches("to pay,")
    assert list(Pattern("a+").spans("caab a")) == [(1, 3), (5, 6)]


_LETTERS = "aAkK\u212a\u00e9_ .~\\"


@given(
    lines=st.lists(st.text(_LETTERS, max_size=8), min_size=1, max_size=6),
    text=st.text(_LETTERS, min_size=1, max_size=3),
    name=st.sampled_from(["utf-8", "latin-1", "cp1252", "hp-roman8"]),
    literal=st.booleans(),
    word=st.booleans(),
    ignore_case=st.booleans(),
)
def test_bytes_decide_as_the_regular_expression_does(
    lines: list[str], text: str, name: str, literal: bool, word: bool, ignore_case: bool
) -> None:
    assume(literal or not set(text) & set("\\."))
    pattern = Pattern(text, literal, word, ignore_case)
    raw = "\n".join([*lines, ""]).encode(name, "replace")
    block = Block(raw, 0, 0, encoding.Encoding(name), len(raw))
    assert list(pattern.lines_in(block)) == [n for n, line in enumerate(block.texts) if pattern.matches(line)]


def test_places_in_long_data_also_where_they_overlap() -> None:
    data = b"abab" * 200_000 + b"ABA"
    assert places_of(data, b"aba").tolist() == list(range(0, 800_000 - 3, 2))
    assert places_of(data, b"aba", any_case=True).tolist() == list(range(0, 800_001, 2))
    assert places_of(data, b"abc").tolist() == places_of(b"a", b"abc").tolist() == []


CHAINED = """\
Traceback (most recent call last):
  x
KeyError: 1

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  y
OSError: 2"""
GROUP = """\
  + Exception Group Traceback (most recent call last):
  |   File 'a'
  | ExceptionGroup: g (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File 'a'
    | ValueError: 1
    +------------------------------------"""


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Traceback (most recent call last):\n  File 'a'\nKeyError: 'x'", "KeyError"),
        ("Traceback (most recent call last):\n  File 'a'\nKeyboardInterrupt", "KeyboardInterrupt"),
        (
            "Traceback (most recent call last):\n  File 'a'\nshop.StockError: none\nnote: see there",
            "shop.StockError",
        ),
        (CHAINED, "OSError"),
        (GROUP, "ExceptionGroup"),
        (
            "java.lang.IllegalStateException: no\n\tat a.B.c(B.java:1)\nCaused by: java.lang.X: y\n\tat d",
            "java.lang.IllegalStateException",
        ),
        ("╭─── Traceback (most recent call last) ───╮\n│ a.py:1 │\n╰───╯\nKeyError: 'x'", "KeyError"),
        ("just text: here", None),
    ],
)
def test_exceptions(text: str, name: str | None) -> None:
    assert exception_in(text.split("\n")) == name


STARTS = st.builds(
    "{}{}{}{}{}".format,
    st.sampled_from(["2024-03-10 11:58:57,254", "2024-03-10 11:58:57", "2024-03-1x 11:58:57,254", "24", ""]),
    st.sampled_from([" ", " - ", "  ", ""]),
    st.sampled_from(["shop.pay", "a", "größe", "x y", ""]),
    st.sampled_from([" ", " - ", " | "]),
    st.sampled_from(
        ["INFO", "WARN", "WARNING", "WARNINGS", "Level 15", "INFO:", "info", "E", "ERROR\n", "AUDIT x"]
    ),
)


@pytest.mark.parametrize(
    "line",
    [
        "2024-03-10 11:58:57,254 INFO shop.pay: x",
        "2024-03-10 11:58:57,254 - shop.pay - INFO - x",
        "2024-03-10T11:58:57.254+0100 INFO     shop.pay x",
        "INFO:shop.pay:x",
        "[2024-03-10 11:58:57 +0000] [4242] [INFO] x",
    ],
)
@settings(deadline=None, max_examples=60)
@given(lines=st.lists(STARTS, max_size=8))
def test_numpy_and_the_pattern_agree(line: str, lines: list[str]) -> None:
    form = detect([line] * 6, TODAY).formats[0].format
    assert isinstance(form, TextFormat)
    prefix = prefix_of(form, [line] * 6)
    assert prefix is not None
    tried = [part for text in (line, *lines) for part in text.split("\n")]
    data = "\n".join(tried).encode()
    starts = np.cumsum([0, *(len(text.encode()) + 1 for text in tried[:-1])])
    found, times = prefix.scan(data, starts)
    assert found[0] == levels.INFO
    for text, level, time in zip(tried, found.tolist(), times.tolist(), strict=True):
        if level >= 0:
            assert form.level(text) == level
            said = form.fields([text], TODAY).time
            assert said is None or (said.instant if said.time.tzinfo else said.wall) == time


def test_shapes_of_messages() -> None:
    assert shape_of("took 3.5 s for 'a b' at 0x7f00") == shape_of("took 12 s for 'c' at 0xff")
    assert shape_of("user7 failed") != shape_of("user8 failed")


def test_a_histogram_counts_every_record_once() -> None:
    buckets = histogram([(0, 3), (50, 5), (100, 5)], 4)
    assert [bucket.total for bucket in buckets] == [1, 0, 1, 1]
    assert buckets[3].by_level[5] == 1
    assert histogram([], 4) == []
