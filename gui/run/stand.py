"""Reads saved runs off the GUI thread: the state of one, and the newest one of a job or a script."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from engine.job import Job, JobError, display_name, load
from engine.presets import identity
from engine.query import QueryError
from engine.query.run import ReadStand
from engine.runs import JOB, Stand, UnreadableRun
from gui.kit import query

if TYPE_CHECKING:
    from engine.launch import Script

_LOOKED_AT = 50
"""Runs of one name that are checked for the newest one."""


def read_stand(folder: Path) -> Stand:
    """The state of the run in `folder`, as a query process reads it. Raises UnreadableRun."""
    try:
        return query.wait_for(ReadStand(folder))
    except QueryError as error:
        raise UnreadableRun(str(error)) from error


def newest_run(job: Job, root: Path) -> Path | None:
    """The newest run of a job's function, with any inputs; None if that cannot be found."""
    key = identity(job)
    if not key:
        return None
    folders = _newest_first(display_name(job), root)
    return next((folder for folder in folders if _key(folder) == key), None)


def newest_script(path: Path, root: Path) -> tuple[Path, Script] | None:
    """The newest run of a script as it is, and how it was run; None if that cannot be found."""
    for folder in _newest_first(path.stem, root):
        try:
            script = script_of(folder)
        except (JobError, OSError, UnreadableRun):
            continue
        if script is not None and script.path == path:
            return folder, script
    return None


def script_of(folder: Path) -> Script | None:
    """The script of a run and how it was run; None if it was the run of a job."""
    from engine.launch import Script
    from engine.runs import open_run

    with open_run(folder) as run:
        job, facts = run.job, run.facts()
    if not facts.is_script:
        return None
    named, *arguments = facts.arguments or (job.function.file,)
    return Script(
        Path(job.function.file),
        Path(facts.folder),
        tuple(arguments),
        python=job.function.python,
        workers=job.run.workers,
        named=named,
    )


def _newest_first(name: str, root: Path) -> list[Path]:
    """The newest runs of this name."""
    if not root.is_dir():
        return []
    name = re.sub(r"[^\w.-]+", "_", name).strip("._")[:60] or "run"
    of_name = re.compile(rf"[\d-]+_\d+_{re.escape(name)}(-\d+)?")
    folders = sorted((path for path in root.iterdir() if of_name.fullmatch(path.name)), reverse=True)
    return folders[:_LOOKED_AT]


def _key(folder: Path) -> str:
    try:
        return identity(load(folder / JOB))
    except (JobError, OSError):
        return ""
