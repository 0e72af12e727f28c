"""Finds what is wrong with the inputs of a job, as far as their files show it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from engine.host.inputs import Source, Unreadable, open_source
from engine.host.inputs.files import Files
from engine.host.inputs.table import Table
from engine.host.inputs.text import TextFile
from engine.job.model import STDIN, Job, Problem
from engine.job.schema import check_value, show

IN_FILES = ("lines", "csv", "jsonl", "parquet")
"""Kinds whose inputs are in the file `inputs.path`."""
MOST = (1 << 63) - 1
"""The most inputs that can be numbered."""


def check_inputs(job: Job) -> Iterator[Problem]:
    """The problems of [inputs]."""
    inputs = job.inputs
    if inputs.kind == "none":
        if inputs.call in ("args", "kwargs"):
            yield Problem("inputs.call", f'"{inputs.call}" needs inputs: choose a list, or leave call empty.')
        return
    if inputs.kind in IN_FILES:
        yield from _file(job)
    elif inputs.kind == "files":
        yield from _pattern(job)
    elif inputs.kind == "grid":
        yield from _grid(job)
    elif inputs.kind == "generator" and not inputs.generator:
        yield Problem("inputs.generator", "No generator function is chosen: name one that yields the inputs.")
    if inputs.call in ("args", "kwargs"):
        yield from _spread(job)


def opened(job: Job) -> Source:
    """The source of a job whose inputs are in files. Raises `Unreadable`."""
    inputs = job.inputs
    path = str(job.resolve(inputs.path)) if inputs.path else ""
    folder = str(job.folder.absolute())
    return open_source({**vars(inputs), "path": path, "call": inputs.called, "folder": folder})


def columns(job: Job) -> list[str] | None:
    """The names that each input of a job has values for; None if they are unknown."""
    inputs = job.inputs
    if inputs.kind == "grid":
        return list(inputs.grid)
    if inputs.kind == "csv" and inputs.path not in ("", STDIN):
        try:
            table = opened(job)
        except (Unreadable, OSError, LookupError):
            return None
        assert isinstance(table, Table)
        return table.columns
    return None


def _file(job: Job) -> Iterator[Problem]:
    inputs = job.inputs
    if not inputs.path:
        yield Problem("inputs.path", "No file is chosen: choose the one that has the inputs.")
        return
    if inputs.path == STDIN:
        return
    path = job.resolve(inputs.path)
    if path.exists() and not path.is_file():
        what = "is a folder" if path.is_dir() else "is not a regular file"
        yield Problem("inputs.path", f"{inputs.path} {what}: choose a file.")
    elif any(check_value(f"inputs.{key}", getattr(inputs, key)) for key in ("path", "encoding", "delimiter")):
        return  # which is a problem of its own
    else:
        try:
            opened(job) if inputs.kind == "csv" else TextFile(str(path), "")
        except Unreadable as error:
            yield Problem(error.key, str(error))


def _pattern(job: Job) -> Iterator[Problem]:
    if not job.inputs.pattern:
        yield Problem("inputs.pattern", "No pattern is given: give one such as photos/**/*.png.")
        return
    files = opened(job)
    assert isinstance(files, Files)
    if next(files.unsorted(), None) is None:
        yield Problem("inputs.pattern", files.no_match())


def _grid(job: Job) -> Iterator[Problem]:
    inputs = job.inputs
    lengths = {name: len(values) for name, values in inputs.grid.items()}
    empty = [name for name, length in lengths.items() if not length]
    if not lengths:
        yield Problem("inputs.grid", "The grid is empty: give names, each with values.")
    elif empty:
        yield Problem("inputs.grid", f"{empty[0]} has no values: give it some, or remove it.")
    elif inputs.combine == "zip" and len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {length:,}" for name, length in lengths.items())
        yield Problem("inputs.grid", f"zip needs the same number of values for each name: {told}.")
    elif (inputs.count or 0) > MOST:
        yield Problem("inputs.grid", "That is more than 9,223,372,036,854,775,807 combinations: give fewer.")
    if inputs.call == "kwargs" or not inputs.call:
        wrong = next((name for name in inputs.grid if not name.isidentifier()), None)
        if wrong is not None and not job.parameters:
            yield Problem("inputs.grid", f"{show(wrong)} is not a parameter name, such as width.")


def _spread(job: Job) -> Iterator[Problem]:
    """Whether each input can be spread over the function's arguments."""
    inputs = job.inputs
    needed = "a list or tuple" if inputs.call == "args" else "a dict with text keys"
    if inputs.kind == "csv" and inputs.call == "kwargs" and not inputs.header:
        yield Problem("inputs.call", "kwargs needs the names of the columns: a file with a header.")
    elif inputs.kind in ("range", "lines", "files"):
        what = {"range": "numbers of a range", "lines": "lines", "files": "paths"}[inputs.kind]
        message = f'"{inputs.call}" needs inputs that are each {needed}; {what} are passed as "one".'
        yield Problem("inputs.call", message)
    elif inputs.kind == "list":
        for number, value in enumerate(inputs.values):
            if not fits(value, inputs.call):
                message = (
                    f'Input {number} is {show(value)}, but call "{inputs.call}" needs {needed}: change one.'
                )
                yield Problem("inputs.values", message)
                return


def fits(value: Any, call: str) -> bool:
    """Whether a value can be spread over arguments as `call` says."""
    if call == "args":
        return isinstance(value, (list, tuple))
    return isinstance(value, dict) and all(
        isinstance(key, str) for key in cast("dict[object, object]", value)
    )
