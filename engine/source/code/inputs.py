"""How a script gets the job's inputs."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine.host.inputs import Unreadable
from engine.host.inputs.table import Table
from engine.host.inputs.text import TextFile
from engine.job.model import STDIN, Inputs, Job
from engine.source.code.function import CannotWrite
from engine.source.code.values import assignment, expression, text

LISTED = ("none", "list", "range")
"""Kinds that become the constant INPUTS of a script; the others come from its function `inputs`."""
TYPES = {"int": "int", "float": "float", "bool": "boolean", "text": "str", "date": "day"}
"""The script's functions for the types of a CSV file's columns."""


@dataclass(frozen=True)
class Source:
    """The inputs in the script."""

    settings: str
    """Assignments."""
    functions: str = ""
    modules: tuple[str, ...] = ()
    parsed: bool = False
    """Each input must still go through `parsed`, in the worker: a faulty one costs one task."""


def plain_inputs(job: Job) -> Inputs:
    """The inputs for a script; what the engine detects in their file is spelled out. CannotWrite."""
    given = job.inputs
    call = given.call
    if call != "args" or given.kind not in ("csv", "parquet", "grid"):
        chosen = any(source.input is not None for source in job.parameters.values())
        call = "" if chosen else call  # the arguments are picked from the input
    kept = Inputs(given.kind, call="" if call == replace(given, call="").called else call)
    if given.kind == "list":
        return replace(kept, values=given.values)
    if given.kind == "range":
        return replace(kept, start=given.start, stop=given.stop, step=given.step)
    if given.kind == "grid":
        return replace(kept, grid=given.grid, combine=given.combine)
    if given.kind == "files":
        return replace(kept, pattern=_seen_from(job.folder.absolute(), given.pattern))
    if given.kind == "generator":
        return replace(kept, generator=given.generator)
    return replace(kept, **_found(job)) if given.kind != "none" else Inputs()


def _seen_from(folder: Path, pattern: str) -> str:
    """A pattern as seen from `folder`, where the script's tasks run."""
    whole = str(Path(pattern).expanduser()) if pattern.startswith("~") else pattern
    return whole.removeprefix(f"{folder}{os.sep}")


def _found(job: Job) -> dict[str, Any]:
    inputs = job.inputs
    if inputs.path == STDIN:
        raise CannotWrite("inputs.path", "Only poolhouse run reads standard input: name a file.")
    path = str(job.resolve(inputs.path))
    told = {**vars(inputs), "path": path, "call": inputs.called}
    try:
        if inputs.kind == "parquet":
            return {"path": path}
        if inputs.kind != "csv":
            return {"path": path, "encoding": TextFile(path, inputs.encoding).encoding}
        table = Table(told)
    except Unreadable as error:
        raise CannotWrite(error.key, str(error)) from None
    return {
        "path": path,
        "encoding": table.text.encoding,
        "delimiter": table.delimiter,
        "header": inputs.header,
        "types": dict(zip(table.columns, table.types, strict=True)),
    }


def source(inputs: Inputs, generator: str) -> Source:
    """The source of plain inputs; `generator` is the expression of their function. ValueError."""
    kind, cells = inputs.kind, inputs.called == "args"
    if kind == "none":
        return Source("INPUTS = [None]  # one call, without an argument")
    if kind == "range":
        return Source(f"INPUTS = range({inputs.start}, {inputs.stop}, {inputs.step})")
    if kind == "list":
        return Source(assignment("INPUTS", list(inputs.values)))
    if kind == "grid":
        return _grid(inputs, cells)
    if kind == "files":
        body = "    yield from sorted(filter(os.path.isfile, glob.glob(PATTERN, recursive=True)))\n"
        return Source(
            f"PATTERN = {text(inputs.pattern)}",
            _inputs("The paths of the files, in order.", body),
            ("glob",),
        )
    if kind == "generator":
        return Source("", _inputs("What the function yields.", f"    yield from {generator}()\n"))
    setting = f"PATH = {text(inputs.path)}"
    if kind == "parquet":
        rows = "map(list, zip(*(c.to_pylist() for c in batch.columns)))" if cells else "batch.to_pylist()"
        body = (
            "    with pyarrow.parquet.ParquetFile(PATH) as file:\n"
            f"        for batch in file.iter_batches(batch_size=1_000):\n            yield from {rows}\n"
        )
        return Source(setting, _inputs("The rows of the file.", body), ("pyarrow.parquet",))
    if kind == "csv":
        return _table(inputs, setting, cells)
    return _lines(inputs, setting)


def _inputs(doc: str, body: str) -> str:
    return f'\ndef inputs():\n    """{doc}"""\n{body}'


def _grid(inputs: Inputs, cells: bool) -> Source:
    values = {name: list(items) for name, items in inputs.grid.items()}
    pairs = "".join(f"    {text(name)}: {expression(items)},\n" for name, items in values.items())
    every = "zip(*GRID.values())" if inputs.combine == "zip" else "itertools.product(*GRID.values())"
    made = "list(cells)" if cells else "dict(zip(GRID, cells))"
    doc = "The first values, then the second ones." if inputs.combine == "zip" else "Every combination."
    body = f"    for cells in {every}:\n        yield {made}\n"
    return Source(f"GRID = {{\n{pairs}}}", _inputs(doc, body), ("itertools",))


def _opened(inputs: Inputs, more: str = "") -> str:
    return f"    with open(PATH, encoding={text(inputs.encoding)}{more}) as file:\n"


def _lines(inputs: Inputs, setting: str) -> Source:
    if inputs.kind == "lines":
        body = _opened(inputs) + '        for line in file:\n            yield line.removesuffix("\\n")\n'
        return Source(setting, _inputs("The lines of the file.", body))
    body = _opened(inputs) + "        yield from (line for line in file if line.strip())\n"
    functions = _inputs("The lines of the file, without blank ones.", body) + (
        '\n\ndef parsed(line):\n    """The value in a line."""\n    return json.loads(line)\n'
    )
    return Source(setting, functions, ("json",), parsed=True)


_BOOLEAN = '''

def boolean(cell):
    """The truth that a cell tells."""
    known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    return known[cell.strip().lower()]
'''
_DAY = '''

def day(cell):
    """The date in a cell."""
    return datetime.date.fromisoformat(cell.strip())
'''
_PARSED = '''

def parsed(row):
    """The cells of a row, each of its column's type; an empty one is None."""
    if len(row) != len(COLUMNS):
        raise ValueError(f"a row of {{len(row)}} cells where {{len(COLUMNS)}} belong: {{row}}")
    cells = zip(COLUMNS.values(), row)
    values = [cell if kind is str else kind(cell) if cell.strip() else None for kind, cell in cells]
    return {made}
'''


def _table(inputs: Inputs, setting: str, cells: bool) -> Source:
    used = set(inputs.types.values())
    kinds = "".join(f"    {text(name)}: {TYPES[kind]},\n" for name, kind in inputs.types.items())
    skipped = "        next(rows, None)  # the header\n" if inputs.header else ""
    body = _opened(inputs, ', newline=""') + (
        f"        rows = csv.reader(file, delimiter={text(inputs.delimiter)})\n"
        f"{skipped}        yield from filter(None, rows)\n"
    )
    made = "values" if cells or not inputs.header else "dict(zip(COLUMNS, values))"
    functions = _inputs("The rows of the file, as texts.", body)
    functions += (_BOOLEAN if "bool" in used else "") + (_DAY if "date" in used else "")
    modules = ("csv", "datetime") if "date" in used else ("csv",)
    functions += f"\n\nCOLUMNS = {{\n{kinds}}}\n{_PARSED.format(made=made)}"
    return Source(setting, functions, modules, parsed=True)
