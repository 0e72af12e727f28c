"""What a script contains, found without running it: pools, functions, arguments, the job in it."""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from pathlib import Path

from engine.host.books import is_book
from engine.host.books.book import read_book
from engine.job.model import Function, Job
from engine.pythons import of_script
from engine.source.arguments import Argument, arguments
from engine.source.names import Names
from engine.source.notes import NotCertain, Note, seen
from engine.source.places import Places
from engine.source.pools import uses
from engine.source.script import ScriptReading, read_script
from engine.syntax import is_main_guard, parse, place, read_source
from engine.syntax.functions import names as defined

LONGEST = 200_000
"""A script with more characters is not examined."""


@dataclass(frozen=True)
class Found:
    """A script as the user sees it."""

    path: Path
    job: Job
    """The job that was read, if there is no `why`."""
    notes: tuple[Note, ...]
    why: str
    """Why no job could be read with certainty, and where; empty if one was."""
    pools: tuple[tuple[str, str], ...]
    """Each place where a pool or a process is created: its location, and the code there."""
    functions: tuple[str, ...]
    arguments: tuple[Argument, ...]
    left_out: tuple[str, ...]
    """The parts of a notebook that do not run."""
    python: str
    """The interpreter that it runs under by default; empty means the app's own."""
    known: bool = True
    """Whether its text could be examined; `why` says why not."""
    acts: bool = False
    """Whether it does something when it is run, besides defining names."""


def find(path: Path, reading: ScriptReading | None = None) -> Found:
    """Examine a script. OSError and ValueError pass through."""
    try:
        text = read_source(path)
        tree = parse(text) if len(text) <= LONGEST else None
        reading = reading or read_script(path)
    except SyntaxError as error:
        version = ".".join(map(str, sys.version_info[:2]))
        return _unknown(
            path, f"It is not valid for Python {version}: {place(error)}. A newer one may run it."
        )
    if tree is None:
        return _unknown(path, f"{reading.why}.")
    return _examined(path, tree, reading)


def _unknown(path: Path, why: str) -> Found:
    """A script of which only the path is known, and why."""
    job = Job(Function(file=path.name), folder=path.parent)
    return Found(path, job, (), why, (), (), (), (), of_script("", str(path)), known=False, acts=True)


def _examined(path: Path, tree: ast.Module, reading: ScriptReading) -> Found:
    places = Places(path)
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
        tuple(function.signature for function in defined(tree).functions),
        tuple(arguments(tree)),
        tuple(read_book(str(path)).left_out()) if is_book(str(path)) else (),
        of_script("", str(path)),
        acts=any(_acts(node) for node in tree.body),
    )


def _acts(node: ast.stmt) -> bool:
    """Whether a statement at the top level does what a script is run for."""
    calls = isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
    return calls or is_main_guard(node) or isinstance(node, ast.For | ast.While | ast.With | ast.AsyncWith)


def _whole(names: Names, node: ast.expr) -> ast.AST:
    """The call that creates a pool, if it is called."""
    parent = names.parents[node]
    return parent if isinstance(parent, ast.Call) and parent.func is node else node
