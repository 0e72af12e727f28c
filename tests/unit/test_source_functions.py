"""The functions of a file, found in its text."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from engine.syntax.functions import FunctionInfo, Param, functions, last_defined


def only(text: str) -> FunctionInfo:
    (found,) = functions(text)
    return found


@pytest.mark.parametrize(
    ("text", "signature", "required"),
    [
        ("def f(): pass", "f()", 0),
        ("def my_function(x, scale=2.0): pass", "my_function(x, scale=2.0)", 1),
        ("def f(a, b, /, c, *, d, e=1): pass", "f(a, b, /, c, *, d, e=1)", 3),
        ("def f(a, /): pass", "f(a, /)", 1),
        ("def f(*args, key, **rest): pass", "f(*args, key, **rest)", 0),
        ("def f(x: int, y: list[str] = []) -> None: pass", "f(x: int, y: list[str] = []) -> None", 1),
        ("async def f(x): pass", "f(x)", 1),
        ("f = lambda x, y=1: x", "f(x, y=1)", 1),
        ("f: Callable = lambda: 0", "f()", 0),
    ],
)
def test_signature(text: str, signature: str, required: int) -> None:
    info = only(text)
    assert (info.name, info.signature, info.required) == (signature.partition("(")[0], signature, required)
    assert info.is_async is text.startswith("async")


def test_parameters_are_kept_with_kind_annotation_and_default() -> None:
    assert only("def f(a, /, b: int, *c, d='x', **e): pass").params == [
        Param("a", "positional-only"),
        Param("b", "positional", "int"),
        Param("c", "var-positional"),
        Param("d", "keyword-only", "", "'x'"),
        Param("e", "var-keyword"),
    ]


def test_the_first_paragraph_of_the_docstring_in_one_line() -> None:
    info = only('\n\ndef f():\n    """Does a\n    thing.\n\n    More.\n    """\n')
    assert (info.doc, info.line) == ("Does a thing.", 3)


def test_methods_that_need_no_instance() -> None:
    text = """
class Model:
    @staticmethod
    def make(x): pass
    @classmethod
    def load(cls, path, deep=False): pass
    def fit(self): pass
    class Part:
        @staticmethod
        def build(): pass
"""
    found = {info.signature: info.required for info in functions(text)}
    assert found == {"Model.make(x)": 1, "Model.load(path, deep=False)": 1, "Model.Part.build()": 0}


def test_blocks_count_and_the_main_guard_does_not() -> None:
    text = """
try:
    import fast
    def f(x): pass
except ImportError:
    def f(x, slow): pass
if True:
    def g(): pass
def g(new): pass
def outer():
    def inner(): pass
if __name__ == "__main__":
    def main(): pass
else:
    def imported(): pass
"""
    assert [info.signature for info in functions(text)] == [
        "f(x, slow)", "g(new)", "outer()", "imported()",
    ]  # fmt: skip


def test_functions_that_a_call_makes_are_listed_as_they_are_called() -> None:
    text = """
from functools import partial
import functools
def scaled(x: int, factor, *rest, shift=0):
    'Scales.'
def make(k):
    def inner(x, y=1): return x
    return inner
def make_lambda(k): return lambda z: z
class A:
    @staticmethod
    def f(): pass
double = partial(scaled, factor=2)
by_seven: object = functools.partial(scaled, 7, shift=1)
power = partial(pow, 2)
made = make(3)
from_lambda = make_lambda(3)
table = dict(a=1)
async def fetch(url): pass
later = partial(fetch, "x")
"""
    found = {info.name: info for info in functions(text)}
    assert [found[name].signature for name in ("double", "by_seven", "power", "made", "from_lambda")] == [
        "double(x: int, *, factor=2, shift=0)", "by_seven(factor, *rest, shift=1)", "power(*args, **kwargs)",
        "made(x, y=1)", "from_lambda(z)",
    ]  # fmt: skip
    assert found["double"].doc == "Scales."
    assert (found["later"].is_async, found["later"].signature) == (True, "later()")
    assert "table" not in found
    assert last_defined(list(found.values())) == found["later"]
    assert last_defined(functions("class A:\n    @staticmethod\n    def f(): pass\n")) is None


def test_what_partial_leaves_open_is_what_python_says() -> None:
    from inspect import signature

    for given in ("1", "1, 2", "b=5", "1, c=7", "d=1, e=2", ""):
        text = (
            "from functools import partial\ndef f(a, b, c=3, *, d, e=4): pass\n"
            f"g = partial(f{', ' + given if given else ''})\n"
        )
        names: dict[str, Any] = {}
        exec(text, names)
        assert functions(text)[-1].signature == f"g{signature(names['g'])}"


def test_a_syntax_error_passes_through_with_its_place() -> None:
    with pytest.raises(SyntaxError) as caught:
        functions("x = 1\ndef f(:\n    pass")
    assert (caught.value.lineno, caught.value.offset) == (2, 7)


@pytest.mark.parametrize("text", ["\ud800", "a\0", "(" * 100_000, "-" * 100_000 + "1"])
def test_text_that_no_parser_takes_is_a_syntax_error(text: str) -> None:
    with pytest.raises(SyntaxError):
        functions(text)


@pytest.mark.parametrize("module", ["engine.job", "engine.source", "engine.job.text", "engine.source.script"])
def test_each_package_can_be_imported_first(module: str) -> None:
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
