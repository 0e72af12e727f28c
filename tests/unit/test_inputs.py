"""Inputs from files and grids: as the standard library reads them; each bad row is one bad input."""

from __future__ import annotations

import csv
import io
import itertools
import json
import pickle
import string
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.host.inputs import BadInput, Grid, Unreadable, combinations, open_source
from engine.host.inputs.lines import DEEPEST
from engine.host.inputs.table import LONGEST_CELL, find_delimiter, find_type

shared_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

letters = st.text(st.sampled_from('ab ,;"\n\r|é\U0001f600'), max_size=6)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def source(kind: str, path: Path, **keys: Any) -> Any:
    inputs = {"encoding": "", "delimiter": "", "header": True, "types": {}, "call": "one", **keys}
    return open_source({"kind": kind, "path": str(path), "folder": str(path.parent), **inputs})


def written(tmp_path: Path, data: bytes | str) -> Path:
    path = tmp_path / "data"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def counted(of: Any) -> int:
    *_, number = of.count()
    return number


def faults(items: list[Any]) -> list[str]:
    return [item.message for item in items if isinstance(item, BadInput)]


@shared_folder
@given(st.lists(st.lists(letters, min_size=2, max_size=2), max_size=8), st.sampled_from(",;\t|"))
def test_a_csv_file_reads_as_the_csv_module_does(
    tmp_path: Path, rows: list[list[str]], delimiter: str
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([["k", "v"], *rows])
    path = written(tmp_path, text.getvalue())
    expected = list(csv.DictReader(io.StringIO(text.getvalue(), newline=""), delimiter=delimiter))
    as_text = {"types": {"k": "text", "v": "text"}}
    table = source("csv", path, delimiter=delimiter, **as_text)
    assert list(table) == expected
    assert counted(table) == len(expected)
    cells = source("csv", path, delimiter=delimiter, call="args", **as_text)
    assert list(cells) == [list(row.values()) for row in expected]


@shared_folder
@given(st.lists(json_values, max_size=8), st.sampled_from(["\n", "\r\n", "\n\n \n"]))
def test_json_lines_read_as_the_json_module_does(tmp_path: Path, values: list[Any], end: str) -> None:
    lines = [json.dumps(value, ensure_ascii=bool(place % 2)) for place, value in enumerate(values)]
    data = "".join(line + end for line in lines).encode("utf-8", "surrogatepass")
    read = source("jsonl", written(tmp_path, data))
    whole = [not any(0xD800 <= ord(c) < 0xE000 for c in line) for line in lines]
    got = list(read)
    assert counted(read) == len(got) == len(values)
    for good, item, line in zip(whole, got, lines, strict=True):
        assert item == json.loads(line) if good else isinstance(item, BadInput)


@given(
    st.dictionaries(st.text(max_size=3), st.lists(st.integers(), max_size=4), min_size=1, max_size=4),
    st.sampled_from(["one", "args"]),
    st.slices(50),
)
def test_a_grid_is_the_product_of_its_values(grid: dict[str, list[int]], call: str, part: slice) -> None:
    expected = [list(cells) for cells in itertools.product(*grid.values())]
    made = Grid.of(grid, "product", call)
    shown = expected if call == "args" else [dict(zip(grid, cells, strict=True)) for cells in expected]
    assert list(made) == shown == [made[place] for place in range(len(made))]
    assert list(made[part]) == shown[part] == list(pickle.loads(pickle.dumps(made[part])))
    zipped = Grid.of(grid, "zip", "args")
    assert [tuple(cells) for cells in zipped] == list(zip(*grid.values(), strict=False))


def test_a_slice_of_a_large_grid_is_small() -> None:
    grid = Grid.of({"a": list(range(10_000)), "b": list(range(10_000))}, "product", "kwargs")
    assert len(grid) == combinations({"a": range(10_000), "b": range(10_000)}, "product") == 10**8
    assert grid[12_345_678] == {"a": 1234, "b": 5678}
    assert len(pickle.dumps(grid[500:503])) < 500


@pytest.mark.parametrize(
    ("rows", "delimiter"),
    [
        ("a;b\n1,5;2\n", ";"), ("a\tb c,d\n1\t2\n", "\t"), ("a|b\n1|2\n", "|"),
        ('"x,y",2\n"z",3\n', ","), ("alone\n1\n2\n", ","), ("", ","), ('t;u\n"1;2";3\n4;5\n', ";"),
    ],
)  # fmt: skip
def test_the_delimiter_is_found(rows: str, delimiter: str) -> None:
    assert find_delimiter(rows) == delimiter


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "-2", "", "+3"], "int"), (["1", "2.5", "1e3"], "float"), (["nan", "0.5"], "float"),
        (["True", "false"], "bool"), (["2024-02-29", " "], "date"), (["007", "12"], "text"),
        (["1", "x"], "text"), (["", ""], "text"), ([], "text"), (["1_000"], "text"), (["٣"], "text"),
    ],
)  # fmt: skip
def test_the_type_of_a_column_is_found(cells: list[str], kind: str) -> None:
    assert find_type(cells) == kind


def test_cells_have_the_type_of_their_column(tmp_path: Path) -> None:
    path = written(tmp_path, "i,f,b,d,t,g\n1,1.5,true,2024-01-31,01,yes\n,,,,,\n")
    first, second = source("csv", path, types={"g": "bool"})
    assert first == {"i": 1, "f": 1.5, "b": True, "d": date(2024, 1, 31), "t": "01", "g": True}
    assert second == {"i": None, "f": None, "b": None, "d": None, "t": "", "g": None}


def test_a_header_is_no_must_and_its_names_are_told_apart(tmp_path: Path) -> None:
    assert list(source("csv", written(tmp_path, "1,2\n3,4\n"), header=False)) == [[1, 2], [3, 4]]
    assert source("csv", written(tmp_path, "a,,a,a_2\n")).columns == ["a", "column_2", "a_2", "a_2_2"]


def test_a_bad_row_is_one_input_that_says_where_it_is(tmp_path: Path) -> None:
    rows = b'n,t\n1,"two\nlines"\n2\n3,a,b\n4,\xff\n' + b"5,x\n" * 1_000 + b"six,x\n\n7,x\n"
    items = list(source("csv", written(tmp_path, rows), encoding="utf-8"))
    assert len(items) == 1_006
    assert items[0] == {"n": 1, "t": "two\nlines"}
    assert items[-1] == {"n": 7, "t": "x"}
    counts, long, damaged, misfit = faults(items)
    assert counts == "data, line 4: it has 1 cell, the header has 2."
    assert long == "data, line 5: it has 3 cells, the header has 2."
    assert damaged == "data, line 6: byte 0xff is no utf-8 text; set inputs.encoding to the right one."
    assert misfit.startswith(
        'data, line 1007: column "n" has "six", which is not a valid int, as the first 1,000 rows'
    )
    assert repr(items[-2]) == "six,x"


def test_a_quote_never_closed_costs_one_cell_not_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "data"
    with path.open("w") as file:
        file.write('t,u\n1,2\n3,"never\n')
        file.writelines("closed,\n" for _ in range(LONGEST_CELL // 8 + 10))
    items = list(source("csv", path, delimiter=","))
    assert items[0] == {"t": "1", "u": 2}
    assert "field larger" in faults(items)[0]


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("é".encode(), "utf-8"), ("é".encode("utf-8-sig"), "utf-8-sig"), ("é".encode("cp1252"), "cp1252"),
        ("é".encode("utf-16"), "utf-16"), ("é".encode("utf-32"), "utf-32"),
    ],
)  # fmt: skip
def test_the_encoding_is_found(tmp_path: Path, data: bytes, encoding: str) -> None:
    lines = source("lines", written(tmp_path, data))
    assert (lines.text.encoding, list(lines)) == (encoding, ["é"])


@pytest.mark.parametrize("encoding", ["utf-16", "UTF-32"])
def test_an_encoding_that_was_given_needs_no_mark(tmp_path: Path, encoding: str) -> None:
    data = "a\né".encode(f"{encoding}-le")
    assert list(source("lines", written(tmp_path, data), encoding=encoding)) == ["a", "é"]
    items = list(source("lines", written(tmp_path, b"odd"), encoding=encoding))
    assert isinstance(items[-1], BadInput)


def test_a_character_cut_by_the_sample_is_still_utf_8(tmp_path: Path) -> None:
    lines = source("lines", written(tmp_path, b"x" * ((1 << 20) - 1) + "é".encode()))
    assert lines.text.encoding == "utf-8"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "ascii"])
def test_bytes_that_are_no_text_cost_their_line_only(tmp_path: Path, encoding: str) -> None:
    bad = {"utf-16": b"\x00\xdc"}.get(encoding, b"\xff")
    end = "\n".encode(encoding.replace("utf-16", "utf-16-le"))
    first = "ok\n".encode(encoding)
    items = list(source("lines", written(tmp_path, first + bad + end + end), encoding=encoding))
    assert [isinstance(item, BadInput) for item in items] == [False, True, False]
    assert items[0] == "ok"
    assert "line 2" in items[1].message


def test_lines_are_what_stands_between_line_breaks(tmp_path: Path) -> None:
    lines = source("lines", written(tmp_path, "a\r\n\n b \x0b\u2028\rc"))
    assert list(lines) == ["a", "", " b \x0b\u2028", "c"]
    assert counted(lines) == 4


def test_what_is_no_json_costs_its_line_only(tmp_path: Path) -> None:
    deep = "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1)
    lines = ["1", "{", deep, "[" * 100_000, "9" * 5_000, "2"]
    items = list(source("jsonl", written(tmp_path, "\n".join(lines))))
    assert (items[0], items[-1], len(items)) == (1, 2, 6)
    assert [message.partition(":")[0] for message in faults(items)][:3] == [
        f"data, line {n}" for n in (2, 3, 4)
    ]


def test_files_come_in_order_and_as_seen_from_the_job(tmp_path: Path) -> None:
    folder = tmp_path / "with [brackets]"
    for name in ("b.txt", "sub/deep/a.txt", "a.txt", "c.dat", ".hidden.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    (folder / "d.txt").mkdir()
    files = source("files", folder / "x", pattern="**/*.txt")
    assert list(files) == ["a.txt", "b.txt", str(Path("sub/deep/a.txt"))]
    assert (files.total, counted(files)) == (3, 3)
    other = source("files", tmp_path / "x", pattern=str(tmp_path / "*/c.dat"))
    assert list(other) == [str(Path("with [brackets]/c.dat"))]
    outside = open_source(
        {"kind": "files", "folder": str(folder / "sub"), "pattern": str(tmp_path / "*/c.dat")}
    )
    assert list(outside) == [str(folder / "c.dat")]


@pytest.mark.parametrize("kind", ["lines", "csv", "jsonl", "parquet"])
def test_a_file_that_is_not_there_is_said_so(tmp_path: Path, kind: str) -> None:
    with pytest.raises(Unreadable, match="no such file") as raised:
        source(kind, tmp_path / "none")
    assert raised.value.key == "inputs.path"


def test_no_match_and_unknown_columns_are_said_so(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="No file matches"):
        iter(source("files", tmp_path / "x", pattern="*.none"))
    with pytest.raises(Unreadable, match="It has: a, b"):
        source("csv", written(tmp_path, "a,b\n"), types={"c": "int"})
    with pytest.raises(Unreadable, match="is not a Parquet file"):
        source("parquet", written(tmp_path, string.ascii_letters))


def test_a_parquet_file_is_read_in_rows(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "data.parquet"
    columns = {"i": list(range(2_500)), "t": ["x", None] * 1_250, "d": [date(2024, 1, 1)] * 2_500}
    parquet.write_table(pa.table(columns), path)
    rows = source("parquet", path)
    assert (rows.total, rows.types, rows.plain) == (2_500, ["int", "text", ""], False)
    items = list(rows)
    assert items[2_499] == {"i": 2_499, "t": None, "d": date(2024, 1, 1)}
    assert list(source("parquet", path, call="args"))[1] == [1, None, date(2024, 1, 1)]
