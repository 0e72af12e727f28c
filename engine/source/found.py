"""What a script contains, found without running it: pools, functions, arguments, the job in it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

from engine.host.books import is_book
from engine.host.books.book import read_book
from engine.job.model import Job
from engine.source.arguments import Argument, arguments
from engine.source.names import Names
from engine.source.notes import NotCertain, Note, seen
from engine.source.places import Places
from engine.source.pools import uses
from engine.source.script import ScriptReading, read_script
from engine.syntax import parse, read_source
from engine.syntax.functions import functions


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


def find(path: Path, reading: ScriptReading | None = None) -> Found:
    """Examine a script. OSError, SyntaxError and ValueError pass through."""
    from engine.pythons import of_script

    text = read_source(path)
    tree = parse(text)
    reading = reading or read_script(path)
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
        tuple(function.signature for function in functions(text)),
        tuple(arguments(tree)),
        tuple(read_book(str(path)).left_out()) if is_book(str(path)) else (),
        of_script("", str(path)),
    )


def _whole(names: Names, node: ast.expr) -> ast.AST:
    """The call that creates a pool, if it is called."""
    parent = names.parents[node]
    return parent if isinstance(parent, ast.Call) and parent.func is node else node
