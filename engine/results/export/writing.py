"""Writes the records of a run as CSV, JSON lines, Parquet or a trace."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from engine.results.conditions import Condition, Sort
from engine.results.export.parquet import ExportError
from engine.results.export.spread import Spread
from engine.runs import RunReader
from engine.runs.blocks import Block

FORMATS = ("csv", "jsonl", "parquet", "trace")
ENDINGS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet", ".json": "trace"}
"""The format that a suffix means."""


@dataclass(frozen=True)
class Choice:
    """Which tasks to write, and how."""

    kind: str = "csv"
    conditions: tuple[Condition, ...] = ()
    sort: str = ""
    """`COLUMN` or `COLUMN:desc`; empty means input order."""
    limit: int = -1
    """At most this many; -1 means all."""
    spread: bool = False


class _Format(Protocol):
    def head(self) -> str: ...
    def tail(self) -> str: ...
    def lines(self, block: Block) -> list[str]: ...


Written = Generator[int]
"""Yields how many tasks were written since the last step, which may be 0."""


def write(run: RunReader, choice: Choice, path: Path | None, tasks: Any = None) -> Written:
    """Write tasks of `run` to `path`, or to stdout. A file appears only when it is complete.

    With `tasks`, an array of indexes, these instead of the choice's. Raises OSError, ExportError,
    ConditionError.
    """
    if choice.kind == "parquet" and path is None:
        raise ExportError("Parquet cannot be written to the terminal: name a file with -o FILE.")
    if tasks is None:
        tasks = yield from _chosen(run, choice)
    spread = (yield from _spread(run, tasks)) if choice.spread else None
    if path is None:
        with open(sys.stdout.fileno(), "w", closefd=False, **_TEXT) as file:
            yield from _write_text(run, choice, tasks, spread, file)
        return
    with replacing(path) as partial:
        if choice.kind == "parquet":
            yield from _write_parquet(run, tasks, spread, partial)
            return
        with partial.open("w", **_TEXT) as file:
            yield from _write_text(run, choice, tasks, spread, file)


def _chosen(run: RunReader, choice: Choice) -> Generator[int, None, Any]:
    """The indexes of the tasks to write; None for all."""
    if not choice.conditions and not choice.sort and choice.limit < 0:
        return None
    from engine.results.arrange import Arrangement
    from engine.results.choosing import choosers

    sort = Sort.read(choice.sort) if choice.sort else None
    arrangement = Arrangement(run, choosers(choice.conditions), sort, waiting=True)
    for _ in arrangement.build():
        yield 0
    tasks = arrangement.tasks
    return tasks if choice.limit < 0 else tasks[: choice.limit]


def _spread(run: RunReader, tasks: Any) -> Generator[int, None, Spread]:
    spread = Spread(run.input_names)
    for block in _picked(run, tasks):
        spread.look(block)
        yield 0
    return spread


def _picked(run: RunReader, tasks: Any) -> Iterator[Block]:
    from engine.results.export.picks import picked

    if tasks is None:
        return picked(run, None)
    import numpy as np

    return picked(run, np.sort(tasks))


def _format(run: RunReader, choice: Choice, spread: Spread | None) -> _Format:
    from engine.results.export.text import Csv, JsonLines
    from engine.results.export.trace import Trace

    if choice.kind == "trace":
        return Trace(run)
    return Csv(spread) if choice.kind == "csv" else JsonLines(spread)


def _write_text(run: RunReader, choice: Choice, tasks: Any, spread: Spread | None, file: IO[str]) -> Written:
    from engine.results.export.picks import in_order

    form = _format(run, choice, spread)
    file.write(form.head())
    parts = in_order(run, tasks, form.lines)
    while True:
        with any_int():
            part = next(parts, None)
        if part is None:
            break
        file.write("".join(part))
        yield len(part)
    file.write(form.tail())


def _write_parquet(run: RunReader, tasks: Any, spread: Spread | None, path: Path) -> Written:
    from engine.results.export.parquet import Parquet
    from engine.results.export.picks import in_order

    table = Parquet(spread)
    return table.write(in_order(run, tasks, table.rows), path)


_TEXT: dict[str, Any] = {"encoding": "utf-8", "errors": "backslashreplace", "newline": ""}


@contextmanager
def replacing(path: Path) -> Generator[Path]:
    """A path beside `path` whose file replaces it if everything succeeds."""
    partial = path.with_name(path.name + ".partial")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def any_int() -> Generator[None]:
    """Allow integers of any length to be written in decimal: here they are data, not an attack."""
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        yield
    finally:
        sys.set_int_max_str_digits(limit)
