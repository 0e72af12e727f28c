"""The arguments that a script defines, as fields, and the words of a command line made from them."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.source.arguments import BadArguments, arguments, taken_apart, words

PARSER = """
p.add_argument("source")
p.add_argument("target", nargs="?", default="out")
p.add_argument("more", nargs="*")
p.add_argument("-n", "--count", type=int, default=3)
p.add_argument("--tags", nargs="+", default=["a", "b c"])
p.add_argument("-v", action="count", default=0)
p.add_argument("--no-check", dest="check", action="store_false")
p.add_argument("--cache", action=argparse.BooleanOptionalAction, default=True)
p.add_argument("--way", choices=["up", "down"])
"""
FOUND = arguments(ast.parse(PARSER))


def test_each_kind_of_argument_is_known() -> None:
    kinds = [(one.name, one.kind, one.default, one.required, one.on) for one in FOUND]
    assert kinds == [
        ("source", "text", "", True, False),
        ("target", "text", "out", False, False),
        ("more", "text", "", False, False),
        ("--count", "text", "3", False, False),
        ("--tags", "text", "a 'b c'", False, False),
        ("-v", "switch", "", False, False),
        ("--no-check", "switch", "", False, True),
        ("--cache", "switch", "", False, True),
        ("--way", "choice", "", False, False),
    ]


def test_words_are_what_differs_from_the_defaults() -> None:
    values = {"source": "s", "-v": True, "--no-check": False, "--cache": False, "--way": "up", "more": "x y"}
    given = ["s", "out", "x", "y", "-v", "--no-check", "--no-cache", "--way", "up"]
    assert words(FOUND, values, "") == given  # target goes before more, even at its default
    assert taken_apart(FOUND, given)[1] == ""


def test_what_is_needed_is_asked_for() -> None:
    with pytest.raises(BadArguments, match="source is required") as caught:
        words(FOUND, {}, "")
    assert caught.value.name == "source"
    two = arguments(ast.parse('p.add_argument("a", nargs="?"); p.add_argument("b", nargs="?")'))
    with pytest.raises(BadArguments, match="a comes before b"):
        words(two, {"b": "1"}, "")


def test_with_subcommands_all_arguments_are_typed() -> None:
    text = 'q = p.add_subparsers().add_parser("go"); q.add_argument("--far")'
    assert arguments(ast.parse(text)) == []


WORDS = ["s", "a b", "-v", "--count", "--count=4", "-n", "--tags", "--cache", "--no-cache", "--way", "--", ""]


@given(st.lists(st.sampled_from(WORDS), max_size=7))
def test_words_taken_apart_are_the_same_words(typed: list[str]) -> None:
    values, rest = taken_apart(FOUND, typed)
    if typed:
        assert words(FOUND, values, rest) == typed
