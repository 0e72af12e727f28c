"""The name of a job, which is that of its function."""

from __future__ import annotations

from pathlib import Path

from engine.job.model import Job


def display_name(job: Job) -> str:
    """A short name for titles and folders: the function's own."""
    function = job.function
    if function.name:
        return function.name
    if function.import_path:
        return function.import_path.rpartition(":")[2]
    if function.source and (name := last_name(function.source)):
        return name
    return Path(function.file).stem or "job"


def last_name(source: str) -> str:
    """The function that typed source means without a name: the last one; empty if unknown."""
    from engine.syntax import parse
    from engine.syntax.functions import last_defined, names

    try:
        last = last_defined(names(parse(source)).functions)
    except SyntaxError:  # not valid in this version of Python; the interpreter of the job decides
        return ""
    return last.name if last else ""
