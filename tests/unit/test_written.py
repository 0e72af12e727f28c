"""Tasks as text: pasting them gives back what was copied."""

from __future__ import annotations

import ast
import csv
import io
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.results import written
from engine.runs import Batch

ALL = tuple(range(len(written.COLUMNS)))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
TEXTS = st.text() | st.sampled_from(
    ["1, 2", "x=3", "<object at 0x1>", "a\tb", "a|b", "'open", "1e999", "1 # one", "((((" * 50]
)
COLUMNS = st.permutations(ALL).flatmap(lambda order: st.integers(1, len(ALL)).map(lambda n: tuple(order[:n])))


def batch(values: list[str], inputs: list[str] | None = None) -> Batch:
    count = len(values)
    return Batch(0, 5, 2, ["ok"] * count, [1e9] * count, [1e9 + 0.25] * count, values, inputs or values)


def text(style: str, columns: tuple[int, ...], one: Batch) -> str:
    return written.head(style, columns) + written.body(style, columns, one) + written.foot(style)


@given(st.lists(TEXTS, max_size=5), COLUMNS)
def test_csv_reads_back(values: list[str], columns: tuple[int, ...]) -> None:
    one = batch(values)
    read = list(csv.reader(io.StringIO(text("csv", columns, one), newline="")))
    assert read[0] == [written.COLUMNS[column] for column in columns]
    assert read[1:] == [list(row) for row in written.rows(one, columns)]


@given(st.lists(VALUES, max_size=5))
def test_python_has_the_values_themselves(values: list[Any]) -> None:
    read = ast.literal_eval(
        text("python", ALL, batch([repr(value) for value in values])).partition("=")[2].strip()
    )
    assert [row["result"] for row in read] == values
    assert [row["index"] for row in read] == list(range(5, 5 + len(values)))
    assert all(row["seconds"] == 0.25 for row in read)


@given(st.lists(TEXTS, max_size=5), COLUMNS)
def test_python_is_always_python(values: list[str], columns: tuple[int, ...]) -> None:
    read = ast.literal_eval(text("python", columns, batch(values)).partition("=")[2].strip())
    assert len(read) == len(values)
    for row, value in zip(read, values, strict=True):
        assert row.get("result", value) in (value, _value(value))


def _value(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return text


@given(st.lists(TEXTS, max_size=5), COLUMNS)
def test_lines_have_one_line_a_task(values: list[str], columns: tuple[int, ...]) -> None:
    one = batch(values)
    lines = text("tsv", columns, one).split("\n")
    assert [line.count("\t") for line in lines[:-1]] == [len(columns) - 1] * len(values)
    table = text("markdown", columns, one).split("\n")
    assert len(table) == len(values) + 3
    assert all(line.replace("\\|", "").count("|") == len(columns) + 1 for line in table[:-1])


@given(st.lists(TEXTS, min_size=1, max_size=1))
def test_a_single_text_is_as_it_is(values: list[str]) -> None:
    assert text("plain", (written.COLUMNS.index("result"),), batch(values)) == values[0] + "\n"


def test_what_a_failed_task_says_is_a_text() -> None:
    one = Batch(0, 0, 1, ["error"], [0.0], [0.0], ["5"], ["5"])
    assert (
        text("python", (1, 3, 4), one) == "rows = [\n    {'input': 5, 'result': '5', 'seconds': None},\n]\n"
    )
