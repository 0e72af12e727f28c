"""What a script has, found without running it: pools, functions, arguments, the job in it."""

from __future__ import annotations

import ast
import bisect
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from engine.host.books import is_book
from engine.host.books.book import read_book
from engine.job.model import Job
from engine.source.arguments import Argument, arguments
from engine.source.names import Names
from engine.source.notes import NotCertain, Note, seen
from engine.source.pools import uses
from engine.source.script import ScriptReading, read_script
from engine.syntax import parse, read_source
from engine.syntax.functions import functions


@dataclass(frozen=True)
class Found:
    """A script as a person looks at it."""

    path: Path
    job: Job
    """The job that was read, if there is no `why`."""
    notes: tuple[Note, ...]
    why: str
    """Why no job was read for certain, with its place; empty if one was."""
    pools: tuple[tuple[str, str], ...]
    """Each place where a pool or a process is made: its place, and what stands there."""
    functions: tuple[str, ...]
    arguments: tuple[Argument, ...]
    left_out: tuple[str, ...]
    """What of a notebook is not run."""
    python: str
    """The interpreter that it runs under unless another is chosen; empty is the app's own."""


def find(path: Path, reading: ScriptReading | None = None) -> Found:
    """Look at a script. OSError, SyntaxError and ValueError pass through."""
    from engine.interpreters.of_script import interpreter

    text = read_source(path)
    tree = parse(text)
    reading = reading or read_script(path)
    places = _Places(path)
    names = Names(tree)
    try:
        pools = [(use.node.lineno, seen(_whole(names, use.node))) for use in uses(names)]
    except NotCertain:
        pools = []
    return Found(
        path,
        reading.job,
        tuple(reading.notes),
        f"{places.of(reading.line)}: {reading.why}." if reading.why else "",
        tuple((places.of(line), what) for line, what in pools),
        tuple(function.signature for function in functions(text)),
        tuple(arguments(tree)),
        tuple(read_book(str(path)).left_out()) if is_book(str(path)) else (),
        interpreter("", path),
    )


def _whole(names: Names, node: ast.expr) -> ast.AST:
    """The call that makes a pool, if it is called."""
    parent = names.parents[node]
    return parent if isinstance(parent, ast.Call) and parent.func is node else node


class _Places:
    """Says where a line is: in a notebook, which cell it is in."""

    def __init__(self, path: Path) -> None:
        self._starts: list[int] = []
        if is_book(str(path)):
            lengths = [cell.code.count("\n") + 1 for cell in read_book(str(path)).cells]
            self._starts = [0, *accumulate(lengths)][: len(lengths)]

    def of(self, line: int) -> str:
        if not self._starts:
            return f"Line {line}"
        cell = bisect.bisect_right(self._starts, line - 1) - 1
        return f"Cell {cell + 1}, line {line - self._starts[cell]}"
