"""Where run folders are, how to create one, and what a given path is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from engine.host.books import ENDING as BOOK
from engine.host.record.schema import DB, JOB
from engine.job import Job, display_name, load, pinned, save
from engine.places import new_run_folder


def create(job: Job, root: Path) -> Path:
    """Create the run folder of `job` below `root`, with the job as it is run. Raises OSError."""
    folder = new_run_folder(root, display_name(job))
    save(pinned(job), folder / JOB)
    return folder


def same_code(one: Job, other: Job) -> bool:
    """Whether two jobs call the same function in the same way."""
    return _code(one) == _code(other)


def _code(job: Job) -> tuple[object, ...]:
    function = pinned(job).function
    name = display_name(job) if function.source else function.name
    return replace(function, name=name), job.parameters, job.setup


def amend(folder: Path, job: Job) -> None:
    """Make the run in `folder` continue with the function of `job`, its parameters and its interpreter.

    Inputs and everything else stay the same. Raises OSError, JobError.
    """
    path = folder / JOB
    changed = load(path).with_(function=pinned(job).function, parameters=job.parameters, setup=job.setup)
    save(changed, path)


@dataclass(frozen=True)
class Target:
    """What a path is: a job file, a run folder, a Python script, or a log (anything else)."""

    kind: Literal["job", "run", "script", "log"]
    path: Path
    """The folder of a run, also if its run.db was given."""


def identify(path: Path) -> Target:
    """Determine by its name what `path` is. Raises OSError if it cannot be read."""
    if path.is_dir():
        if (path / DB).is_file():
            return Target("run", path)
        raise IsADirectoryError(f"{path} is a folder without a {DB}, so it is not a run folder.")
    if path.suffix == ".pool":
        kind = "job"
    elif path.name == DB:
        return Target("run", path.parent)
    else:
        kind = "script" if path.suffix in (".py", ".pyw", BOOK) else "log"
    with path.open("rb"):  # so that an unreadable file is reported here
        return Target(kind, path)
