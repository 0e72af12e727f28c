"""Notebooks: formats, what is not Python, what they define."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.host.books.book import Book, BookError, parse_book
from engine.host.books.definitions import Position, definitions, execute, place_of
from engine.host.books.jupyter import Harmless, Underscores, display, get_ipython
from engine.host.books.magics import without_magics
from tests.books import content


def read(*cells: str, **metadata: Any) -> Book:
    return parse_book(json.dumps(content(*cells, **metadata)).encode(), "/b.ipynb")


@pytest.mark.parametrize(
    ("text", "python", "left_out"),
    [
        ("x = 1", "x = 1", []),
        ("%matplotlib inline\nx = 1", "\nx = 1", ["%matplotlib inline"]),
        ("x = !ls\ny = %pwd\nz = 2", "\n\nz = 2", ["x = !ls", "y = %pwd"]),
        ("!pip install \\\n  that\nx = 1", "\n\nx = 1", ["!pip install \\"]),
        ("?len\nlen?\nx.y??\n", "\n\n\n", ["?len", "len?", "x.y??"]),
        ("if x:\n    %load_ext a\n    !ls\n", "if x:\n    pass\n    pass\n", ["%load_ext a", "!ls"]),
        ("%time x = f(1)", "x = f(1)", ["%time x = f(1)"]),
        ("%timeit f(1)", "", ["%timeit f(1)"]),
        ("%%time\nx = 1", "\nx = 1", ["%%time"]),
        ("\n%%bash\necho 1\n", "\n\n\n", ["%%bash"]),
        ("%%html\n<b>", "\n", ["%%html"]),
        ("/print x", "", ["/print x"]),
        # Not Python, though it looks like Python.
        ("a = '''\n%not\n!one\n'''", "a = '''\n%not\n!one\n'''", []),
        ('a = """it\'s\n%x"""\nb = 1', 'a = """it\'s\n%x"""\nb = 1', []),
        ("a = (7\n% 4)", "a = (7\n% 4)", []),
        ("a = 7 \\\n% 4", "a = 7 \\\n% 4", []),
        ("a = '%s' % x  # why?", "a = '%s' % x  # why?", []),
        ("assert x != 1\nprint('?')", "assert x != 1\nprint('?')", []),
        ("a = '\\''\n%magic", "a = '\\''\n", ["%magic"]),
    ],
)
def test_what_is_no_python_is_left_out_line_by_line(text: str, python: str, left_out: list[str]) -> None:
    cleaned, found = without_magics(text)
    assert (cleaned, [left.text for left in found]) == (python, left_out)
    assert cleaned.count("\n") == text.count("\n")
    compile(cleaned.replace("x.y", ""), "cell", "exec")


def test_cells_are_numbered_as_code_and_name_what_is_left_out() -> None:
    book = read("a = 1", "%x\n\n!y")
    assert [cell.number for cell in book.cells] == [1, 2]
    assert book.left_out() == ["cell 2, line 1: %x", "cell 2, line 3: !y"]


def test_other_formats_and_languages() -> None:
    sheet = {
        "cells": [
            {"cell_type": "code", "language": "python", "input": ["a = 1\n", "b"]},
            {"cell_type": "heading"},
        ]
    }
    old = parse_book(json.dumps({"nbformat": 3, "worksheets": [sheet]}).encode(), "b.ipynb")
    assert [cell.code for cell in old.cells] == ["a = 1\nb"]
    text = content()
    text["cells"].append({"cell_type": "code", "source": "x = 1\r\ny = 2", "metadata": {}})
    other = {"cell_type": "code", "source": "SELECT 1", "metadata": {"vscode": {"languageId": "sql"}}}
    text["cells"].append(other)
    book = parse_book(b"\xef\xbb\xbf" + json.dumps(text).encode(), "b.ipynb")
    assert [cell.code for cell in book.cells] == ["x = 1\ny = 2", ""]
    assert book.left_out() == ["cell 2, line 1: SELECT 1 (sql)"]
    assert read().cells == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"{nope", "not valid JSON"),
        (b"\xff{}", "not valid UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[]", "no JSON object"),
        (b"{}", "no cells"),
        (b'{"cells": 5}', "not a list"),
        (b'{"cells": [5]}', "number 1 is not a JSON object"),
        (b'{"cells": [{}]}', "no cell_type"),
        (b'{"cells": [{"cell_type": "code", "source": [1]}]}', "Code cell 1"),
        (b'{"cells": [], "metadata": {"kernelspec": {"language": "R"}}}', "written in R"),
        (b'{"cells": [], "metadata": {"kernelspec": {"name": "julia-1.9"}}}', "written in Julia"),
    ],
)
def test_what_is_no_notebook_is_said(data: bytes, said: str) -> None:
    with pytest.raises(BookError, match=said):
        parse_book(data, "b.ipynb")


CELLS = (
    "import math\nN = 2\nprint('one')",
    "def f(x):\n    return x * N + TABLE[0]",
    "TABLE = []\nfor n in range(3):\n    TABLE.append(n + 5)\nresult = 1 / 0",
    "class A:\n    pass\nlast = N",
)


def test_what_functions_need_is_defined_and_nothing_else() -> None:
    names: dict[str, Any] = {}
    execute(definitions(read(*CELLS)), "/b.ipynb", names)
    assert names["f"](4) == 13
    assert {"math", "A"} <= names.keys()
    assert not {"result", "last"} & names.keys()
    wanted: dict[str, Any] = {}
    execute(definitions(read(*CELLS), ["last"]), "/b.ipynb", wanted)
    assert wanted["last"] == 2


def test_what_makes_another_function_of_one_is_a_definition() -> None:
    cells = (
        "f = open('nowhere')",
        "from functools import lru_cache\ndef f(x): return x\nclass A: n = 1\nf = lru_cache(f)\nA.n = 2",
        "f.cache_clear()\nf = 1 / 0\nwith open('nowhere') as f: pass\na = A.nothing()",
    )
    found = definitions(read(*cells))
    assert [(cell.number, node.lineno) for cell, node in found] == [(2, line) for line in range(1, 6)]


def test_known_values_are_not_created() -> None:
    found = definitions(read(*CELLS), known=("TABLE", "N"))
    assert [(cell.number, node.lineno) for cell, node in found] == [(1, 1), (2, 1), (4, 1)]


def test_what_is_behind_a_place_is_not_defined_yet() -> None:
    until = definitions(read(*CELLS), until=Position(3, 1))
    assert [(cell.number, node.lineno) for cell, node in until] == [(1, 1), (1, 2), (2, 1), (3, 1)]


def test_a_fault_names_its_cell_and_line() -> None:
    book = read("x = 1", "\ny = 1 / 0\ndef f():\n    return y")
    with pytest.raises(ZeroDivisionError) as raised:
        execute(definitions(book), "/b.ipynb", {})
    assert place_of(raised.value, "/b.ipynb") == "cell 2, line 2"
    with pytest.raises(SyntaxError) as wrong:
        definitions(read("x = 1", "def f(:"))
    assert place_of(wrong.value, "/b.ipynb") == "cell 2, line 1"


def test_cells_may_await_and_share_their_future() -> None:
    names: dict[str, Any] = {}
    cells = (
        "from __future__ import annotations",
        "import asyncio\nx = await asyncio.sleep(0, 3)\ndef f(n: Nowhere): return x",
    )
    execute(definitions(read(*cells)), "/b.ipynb", names)
    assert (names["f"](1), names["f"].__annotations__) == (3, {"n": "Nowhere"})


def test_names_of_functions_are_their_own() -> None:
    cells = (
        "import multiprocessing as mp\np = 1 / 0\nq = 1 / 0\nx = 1 / 0\nM = 2",
        "def f(p, q):\n    x = [q for q in p]\n    def g(y):\n        return x, y, M\n    return g",
        "class A:\n    def m(self, p):\n        return p",
    )
    names: dict[str, Any] = {}
    execute(definitions(read(*cells)), "/b.ipynb", names)
    assert (names["f"]([1], 2)(3), names["A"]().m(4)) == (([1], 3, 2), 4)


def test_calls_of_modules_set_something_up_only_by_themselves() -> None:
    cells = (
        "import random\nimport multiprocessing as mp\nrandom.seed(3)\nmp.set_start_method('none such')",
        "def f():\n    return random.random(), mp.cpu_count()",
        "q = mp.Queue(1 / 0)\nx = random.choice([])\nprint(random.choice([]))",
    )
    statements = definitions(read(*cells))
    assert [(cell.number, node.lineno) for cell, node in statements] == [(1, 1), (1, 2), (1, 3), (2, 1)]


def test_underscores_are_the_last_values_until_the_notebook_uses_them() -> None:
    names: dict[str, Any] = {}
    underscores = Underscores(names)
    for value in (1, None, 2):
        underscores.take(value)
    assert (names["_"], names["__"], names["___"]) == (2, 1, "")
    names["_"] = "own"
    underscores.take(3)
    assert names["_"] == "own"


def test_a_stand_in_does_nothing_and_keeps_what_it_is_given() -> None:
    shell = get_ipython()

    @shell.register_magic("x")
    def magic() -> int:
        return 3

    class Own(shell.Magics):
        pass

    assert (magic(), shell.IntSlider(value=5).value, isinstance(Own(1), Harmless)) == (3, 5, True)
    assert (display(1), list(shell.anything), shell.x in shell.y) == (None, [], False)
    display(1, display_id=True).update(2)
