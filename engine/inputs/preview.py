"""The first inputs of a job, and their number, read by the code that reads them in a run."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from engine.check.inputs import opened
from engine.host.inputs import BadInput, Source, Unreadable
from engine.host.inputs.files import Files
from engine.host.inputs.known import sequence
from engine.host.inputs.lines import Lines
from engine.host.inputs.table import Table
from engine.host.record.display import display
from engine.job import Function, Job, Log, Run
from engine.launch import Ended, HostHandle, LaunchError, LinkLost
from engine.runs import create, open_run

PEEKED = ("parquet", "generator")
"""Kinds that only the run's own interpreter can read."""
COUNT_SECONDS = 0.4
"""After this many seconds, counting stops with a lower bound."""
ROWS = 100
"""Inputs that are shown."""
MAX_CELL = 200
"""Characters of a cell that are shown."""
SINGLE = "Input"
"""The column title for inputs without parts."""
NOTHING = "def nothing(*_, **__): pass"


@dataclass(frozen=True)
class Preview:
    """The first inputs as a table. `items` are the inputs themselves, as far as they could be read."""

    columns: list[str]
    types: list[str]
    """The type of each column; empty if it is unknown."""
    rows: list[list[str]]
    items: list[Any]
    count: int
    exact: bool
    """Whether `count` is exact, not just a lower bound."""
    found: dict[str, str] = field(default_factory=dict[str, str])
    """Detected values of keys that were left open: `encoding` and `delimiter`."""
    bad: dict[int, str] = field(default_factory=dict[int, str])
    """What is wrong with a row."""

    @property
    def single(self) -> bool:
        """Whether the inputs have no parts."""
        return self.columns == [SINGLE]


def preview(job: Job, limit: int = ROWS, count_seconds: float = COUNT_SECONDS) -> Preview:
    """The first `limit` inputs of `job`. Raises `Unreadable`, with the faulty field.

    Inputs of the kinds in `PEEKED` are read by a run that does nothing else; a generator is user code.
    """
    inputs = job.inputs
    if inputs.kind in PEEKED:
        items = _peek(job, limit)
        return _table(items, len(items), len(items) < limit)
    if inputs.count is not None:
        items = list(sequence({**vars(inputs), "call": inputs.called})[:limit])
        return _table(items, inputs.count, True)
    source = opened(job)
    if isinstance(source, Files):
        return _files(source, limit, time.monotonic() + count_seconds)
    items = list(islice(source, limit))
    count, exact = _count(source, time.monotonic() + count_seconds)
    made = _table(items, max(count, len(items)), exact)
    if isinstance(source, Table):
        found = {"encoding": source.text.encoding, "delimiter": source.delimiter}
        return replace(made, columns=source.columns, types=source.types, found=found)
    return replace(made, found={"encoding": source.text.encoding}) if isinstance(source, Lines) else made


def _files(source: Files, limit: int, due: float) -> Preview:
    paths: list[str] = []
    exact = True
    for path in source.unsorted():
        paths.append(path)
        if time.monotonic() > due:
            exact = False
            break
    if not paths:
        raise Unreadable(source.key, source.no_match())
    return _table(sorted(paths)[:limit], len(paths), exact)


def _count(source: Source, due: float) -> tuple[int, bool]:
    counts = source.count()
    count = 0
    for count in counts:
        if time.monotonic() > due:
            return count, next(counts, None) is None
    return count, True


def _peek(job: Job, limit: int) -> list[Any]:
    function = Function(source=NOTHING, python=job.function.python)
    if job.inputs.kind == "generator":
        function = replace(job.function, name=job.inputs.generator)
        if function.import_path:
            module = function.import_path.partition(":")[0]
            function = replace(function, import_path=f"{module}:{job.inputs.generator}", name="")
    run, log = Run(workers=1, priority="low"), Log(level="CRITICAL")
    alone = Job(function, replace(job.inputs, call="one"), run, log, job.folder)
    with tempfile.TemporaryDirectory(prefix="poolhouse-peek-", ignore_cleanup_errors=True) as place:
        folder = create(alone, Path(place))
        try:
            host = HostHandle.start(alone, folder, limit=limit)
        except LaunchError as error:
            raise Unreadable(error.key, error.reason) from None
        with host:
            message = host.receive()
            while not isinstance(message, (Ended, LinkLost)):
                message = host.receive()
        if isinstance(message, LinkLost) or message.state == "failed":
            key = "inputs.kind" if isinstance(message, LinkLost) else message.key
            named = key in ("function.name", "function.import")  # here it is the generator's
            raise Unreadable("inputs.generator" if named else key, message.reason)
        with open_run(folder) as run:
            return [item for row in run.rows() for item in run.inputs_of(row, 0, row.count)]


def _table(items: Sequence[Any], count: int, exact: bool) -> Preview:
    bad = {place: item.message for place, item in enumerate(items) if isinstance(item, BadInput)}
    good = [item for item in items if not isinstance(item, BadInput)]
    names, rows = _rows(items, good)
    return Preview(names, [""] * len(names), rows, good, count, exact, bad=bad)


def _rows(items: Sequence[Any], good: Sequence[Any]) -> tuple[list[str], list[list[str]]]:
    """Titles and cells: a column for each key of dicts or each position of lists, or one for everything."""
    if good and all(isinstance(item, dict) for item in good):
        names = list(dict.fromkeys(key for item in good for key in item))
        rows = [
            [_text(item[name]) if name in item else "" for name in names]
            if isinstance(item, dict)
            else [str(item)]
            for item in items
        ]
        return [str(name) for name in names], rows
    if good and all(isinstance(item, (list, tuple)) for item in good):
        width = max(len(item) for item in good)
        rows = [[_text(cell) for cell in _cells(item)] for item in items]
        return [str(place) for place in range(width)], rows
    return [SINGLE], [[_text(item)] for item in items]


def _cells(item: Any) -> Iterable[Any]:
    return [str(item)] if isinstance(item, BadInput) else item


def _text(value: Any) -> str:
    """A cell on one line, without quotes around a text."""
    text = value if isinstance(value, str) else str(value) if isinstance(value, date) else display(value)
    text = text if len(text) <= MAX_CELL else text[:MAX_CELL] + "…"
    return " ".join(text.splitlines()) if not text.isprintable() else text
