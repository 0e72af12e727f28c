"""Finds texts that every match of a regular expression contains, from the tree of the expression."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib import import_module
from typing import Any
from warnings import catch_warnings, simplefilter

_MOST = 16
"""Alternatives that are worth looking for."""
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
_NO_WIDTH = ("AT", "ASSERT", "ASSERT_NOT")


def sure_literals(pattern: str) -> tuple[str, ...]:
    """Texts of which every match contains at least one; empty if none are known.

    If case is ignored, the match contains the text in some case.
    """
    parser: Any = import_module("re._parser")
    try:
        with catch_warnings():
            simplefilter("ignore")
            return _best(parser.parse(pattern))
    except (re.error, RecursionError, OverflowError):
        return ()


def _best(items: Iterable[tuple[Any, Any]]) -> tuple[str, ...]:
    """The most selective texts of a sequence: the longest, then the fewest."""
    found: list[tuple[str, ...]] = []
    run = ""

    def end_run() -> None:
        nonlocal run
        if run:
            found.append((run,))
        run = ""

    for op, given in items:
        if op.name == "LITERAL":
            run += chr(given)
            continue
        if op.name in _NO_WIDTH:
            continue
        if op.name in _REPEATS and given[0] and len(given[2]) == 1 and given[2][0][0].name == "LITERAL":
            run += chr(given[2][0][1])
        end_run()
        found.append(_inside(op.name, given))
    end_run()
    return max((texts for texts in found if texts), key=_selective, default=())


def _inside(op: str, given: Any) -> tuple[str, ...]:
    """The texts that a part of an expression needs."""
    if op == "SUBPATTERN":
        _, added, dropped, part = given
        return () if added or dropped else _best(part)
    if op == "ATOMIC_GROUP":
        return _best(given)
    if op in _REPEATS and given[0]:
        return _best(given[2])
    if op == "BRANCH":
        branches = [_best(part) for part in given[1]]
        texts = {text for branch in branches for text in branch}
        return tuple(sorted(texts)) if all(branches) and len(texts) <= _MOST else ()
    return ()


def _selective(texts: tuple[str, ...]) -> tuple[int, int]:
    return min(map(len, texts)), -len(texts)
