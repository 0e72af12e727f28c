"""Typed text: values, ranges and sizes."""

from __future__ import annotations

import contextlib
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.job import Inputs, LiteralError, parse_inputs, parse_size, parse_values, values_text


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", ()),
        ("  \n", ()),
        ("5", (5,)),
        ("1, 2", (1, 2)),
        ("1,\n  2,\n", (1, 2)),
        ("[1, 2]", (1, 2)),
        ("(1, 2)", (1, 2)),
        ("(1, 2),", ((1, 2),)),
        ("[[1], [2]]", ([1], [2])),
        ("{3, 1, 3, 2}", (3, 1, 2)),
        ("{'a': 1}", ({"a": 1},)),
        ("'a', b'b', None, True, 1j, -2.5, ...", ("a", b"b", None, True, 1j, -2.5, ...)),
        ("set(), {1}", (set(), {1})),
        ("inf, -inf", (math.inf, -math.inf)),
        ("[1,  # one\n 2]", (1, 2)),
        ("range(3)", (0, 1, 2)),
        ("list(range(4, 0, -2))", (4, 2)),
        (r"'\d'", ("\\d",)),
    ],
)
def test_values(text: str, values: tuple[Any, ...]) -> None:
    assert parse_values(text) == values


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        ("[1, 2", 1, 1, "never closed"),
        ("1 2", 1, 1, "comma"),
        ("1,\n2,\n  foo", 3, 3, "foo is a name"),
        ("[1, open('x')]", 1, 5, "open(...) is a call"),
        ("[x for x in y]", 1, 1, "not a literal"),
        ("1 + 1", 1, 1, "1 + 1 is not a literal"),
        ("[*a]", 1, 2, "not a literal"),
        ("f'{1}'", 1, 1, "not a literal"),
        ("{[1]: 2}", 1, 1, "unhashable"),
        ("{**{}}", 1, 1, "not a literal"),
        ("range(1, x)", 1, 10, "x is a name"),
        ("range(1.5)", 1, 7, "1.5 is not a whole number"),
        ("range(1, 2, 0)", 1, 13, "cannot be 0"),
        ("range(10**9)", 1, 7, "not a literal"),
        ("range(1000000000)", 1, 1, "more than 1,000,000"),
        ("x = 3", 1, 1, "invalid syntax"),
        ("'a\n'", 1, 1, "unterminated"),
        ("\ud800", 1, 1, "not a valid character"),
    ],
)
def test_an_error_has_line_column_and_reason(text: str, line: int, column: int, reason: str) -> None:
    with pytest.raises(LiteralError) as caught:
        parse_values(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert reason in caught.value.reason
    assert str(caught.value).startswith(f"line {line}, column {column}: ")


HOSTILE = ["[" * 100_000, "[" * 150 + "]" * 150, "-" * 100_000 + "1", "9" * 5000, "a\0", "1+" * 50_000 + "1"]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_a_value_error_or_values(text: str) -> None:
    with contextlib.suppress(LiteralError):
        parse_values(text)


@given(st.text(alphabet="[](){},:'\"\\ \n#-+*.1a_xfbruls=", max_size=30) | st.text(max_size=20))
def test_any_text_gives_values_or_a_place(text: str) -> None:
    found: tuple[Any, ...] | LiteralError
    try:
        found = parse_values(text)
    except LiteralError as error:
        found = error
    if isinstance(found, LiteralError):
        lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
        assert 1 <= found.line <= lines
        assert found.column >= 1
    else:
        assert repr(parse_values(values_text(found))) == repr(found)


def test_a_typed_range_stays_a_range() -> None:
    assert parse_inputs("range(10)") == Inputs("range", stop=10)
    assert parse_inputs("range(5, 1, -1)") == Inputs("range", start=5, stop=1, step=-1)
    assert parse_inputs("1, 2") == Inputs("list", (1, 2))


@pytest.mark.parametrize(
    ("inputs", "count"),
    [
        (Inputs(), 1),
        (Inputs("list", (1, 2)), 2),
        (Inputs("range", stop=10), 10),
        (Inputs("range", start=1, stop=10, step=4), 3),
        (Inputs("range", start=5, stop=0, step=-2), 3),
        (Inputs("range", start=5, stop=5), 0),
        (Inputs("range", start=5, stop=1), 0),
        (Inputs("range", stop=2**62), 2**62),
        (Inputs("range", stop=3, step=0), 0),
    ],
)
def test_how_many_inputs_there_are(inputs: Inputs, count: int) -> None:
    assert inputs.count == count


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("2 GiB", 2 << 30),
        ("500 MB", 500_000_000),
        ("1.5kB", 1500),
        ("4096", 4096),
        ("7 b", 7),
        (" 1tib ", 1 << 40),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    "text", ["", "GiB", "0", "0.1", "-1 MB", "1 XB", "two", "1e400", "9" * 400, "nan", "1 GiB x"]
)
def test_no_sizes(text: str) -> None:
    with pytest.raises(ValueError, match="is not a size"):
        parse_size(text)
