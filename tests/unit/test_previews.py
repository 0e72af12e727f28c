"""Previews of inputs: rows, counts, calls, pasted cells, kinds of parameters."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from engine.inputs.cells import from_cells
from engine.inputs.preview import Preview, Unreadable, preview
from engine.inputs.written import Call
from engine.job import Function, Inputs, Job, Parameter
from engine.source.kinds import Kind, kind_of
from engine.syntax.functions import Param, functions


def shown(folder: Path, inputs: Inputs, data: str = "", source: str = "") -> Preview:
    (folder / "d").write_text(data, "utf-8")
    (folder / "f.py").write_text(source, "utf-8")
    return preview(Job(Function("f.py", "f"), inputs, folder=folder))


def test_a_csv_file_in_columns_with_types(tmp_path: Path) -> None:
    got = shown(tmp_path, Inputs("csv", path="d"), "n;t\n1;a\n2\n3;c\n")
    assert (got.columns, got.types, got.found["delimiter"]) == (["n", "t"], ["int", "text"], ";")
    assert got.rows == [["1", "a"], ["2"], ["3", "c"]]
    assert got.bad == {1: "d, line 3: it has 1 cell, the header has 2."}
    assert (got.items, got.count, got.exact) == ([{"n": 1, "t": "a"}, {"n": 3, "t": "c"}], 3, True)
    empty = shown(tmp_path, Inputs("csv", path="d"), "n,t\n")
    assert (empty.columns, empty.rows, empty.count) == (["n", "t"], [], 0)


def test_other_kinds_as_tables(tmp_path: Path) -> None:
    lines = shown(tmp_path, Inputs("lines", path="d"), "a\nb\n" * 100)
    assert (lines.columns, lines.rows[:2], len(lines.rows), lines.count) == (
        ["Input"],
        [["a"], ["b"]],
        100,
        200,
    )
    objects = shown(tmp_path, Inputs("jsonl", path="d"), '{"a": 1}\n{"b": [2]}\n')
    assert (objects.columns, objects.rows) == (["a", "b"], [["1", ""], ["", "[2]"]])
    arrays = shown(tmp_path, Inputs("jsonl", path="d"), '[1]\n["x", 2]\n')
    assert (arrays.columns, arrays.rows) == (["0", "1"], [["1"], ["x", "2"]])
    grid = shown(tmp_path, Inputs("grid", grid={"a": (1, 2), "b": ("x", "y")}))
    assert (grid.columns, grid.rows[1], grid.count) == (["a", "b"], ["1", "y"], 4)
    files = shown(tmp_path, Inputs("files", pattern="*"))
    assert (files.rows, files.count, files.exact) == ([["d"], ["f.py"]], 2, True)
    numbers = shown(tmp_path, Inputs("range", stop=10**15))
    assert (numbers.rows[:2], numbers.count) == ([["0"], ["1"]], 10**15)


def test_a_large_file_is_not_counted_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "d").write_text("x\n" * 50_000)
    got = preview(Job(inputs=Inputs("lines", path="d"), folder=tmp_path), count_seconds=-1.0)
    assert (got.exact, got.count, len(got.rows)) == (False, 4096, 100)


def test_what_only_the_interpreter_can_read_is_read_by_it(tmp_path: Path) -> None:
    source = "class Odd: pass\ndef g():\n    yield 1\n    yield Odd()\n    for n in range(1000): yield n\n"
    got = shown(tmp_path, Inputs("generator", generator="g"), source=source)
    assert (got.rows[0], got.count, got.exact) == (["1"], 100, False)
    assert "Odd object" in got.rows[1][0]
    with pytest.raises(Unreadable, match="'none'") as raised:
        shown(tmp_path, Inputs("generator", generator="none"), source=source)
    assert raised.value.key == "inputs.generator"
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pytest.importorskip("pyarrow").table({"a": [1, 2], "b": ["x", None]})
    parquet.write_table(table, tmp_path / "p")
    rows = shown(tmp_path, Inputs("parquet", path="p"))
    assert (rows.columns, rows.rows) == (["a", "b"], [["1", "x"], ["2", "None"]])


@pytest.mark.parametrize(
    ("call", "item", "text"),
    [
        (Call("f"), [1, "x"], "f([1, 'x'])"),
        (Call("f", "args"), [1, "x"], "f(1, 'x')"),
        (Call("f", "args"), range(9), "f(range(0, 9))"),
        (Call("f", "kwargs"), {"a": 1}, "f(a=1)"),
        (Call("f", "kwargs", {"a": Parameter(None, 2)}), {"a": 1, "b": 3}, "f(b=3, a=2)"),
        (Call("f", "one", {"w": Parameter(None, "p", "path")}), 1, "f(1, w=Path('p'))"),
        (
            Call("f", "one", {"a": Parameter("k"), "w": Parameter(None, "C.X", "enum")}),
            {"k": 1},
            "f(a=1, w=C.X)",
        ),
        (Call("f", "one", {"a": Parameter(1), "b": Parameter("")}, frozenset("a")), (1, 2), "f(2, b=(1, 2))"),
        (Call("f", "one", {"a": Parameter("none")}), {}, "f(a=…)"),
        (Call("f", "args"), list(range(8)), "f(0, 1, 2, 3, 4, 5, …)"),
    ],
)
def test_calls_as_python_writes_them(call: Call, item: Any, text: str) -> None:
    assert call.written(item) == text


def test_pasted_cells() -> None:
    titled = from_cells('name\tn\r\na\t1\r\n"b\tc"\t2\r\n')
    assert titled is not None
    assert (titled.values, titled.call) == (({"name": "a", "n": 1}, {"name": "b\tc", "n": 2}), "kwargs")
    bare = from_cells("1\t2.5\n\t3\n")
    assert bare is not None
    assert (bare.values, bare.call) == (([1, 2.5], [None, 3.0]), "args")
    assert from_cells("one\ntwo") is None


MODULE = """
import enum, datetime
from pathlib import Path
class Color(enum.Enum):
    RED = 1
    BLUE = 2
    def f(self): pass
"""
COLORS = Kind("enum", choices=("Color.RED", "Color.BLUE"))


@pytest.mark.parametrize(
    ("parameter", "kind"),
    [
        ("x: int", Kind("int")),
        ("x: float = 1", Kind("float")),
        ("x=True", Kind("bool")),
        ("x='a'", Kind("text")),
        ("x: Path", Kind("path")),
        ("x=Path('a')", Kind("path")),
        ("x: datetime.date", Kind("date")),
        ("x: Optional[int]", Kind("int", True)),
        ("x: int | None = None", Kind("int", True)),
        ("x: 'int | float'", Kind("float")),
        ("x: typing.Union[str, None]", Kind("text", True)),
        ("x: Literal['a', 2]", Kind("choice", choices=("a", 2))),
        ("x: Color", COLORS),
        ("x: Annotated[bool, 5]", Kind("bool")),
        ("x: list[int]", Kind()),
        ("x", Kind()),
        ("x: Any = 5", Kind("int")),
        ("x: str | int", Kind()),
    ],
)
def test_the_kind_of_a_parameter(parameter: str, kind: Kind) -> None:
    (info,) = functions(f"def f({parameter}): pass")
    assert kind_of(info.params[0], ast.parse(MODULE)) == kind


def test_an_annotation_that_is_no_python_is_any_kind() -> None:
    assert kind_of(Param("x", "positional", "a b")) == Kind()
