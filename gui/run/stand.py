"""Reads saved runs off the GUI thread: the state of one, and the newest one of a job."""

from __future__ import annotations

import re
from pathlib import Path

from engine.job import Job, JobError, display_name, load
from engine.presets import identity
from engine.query import QueryError
from engine.query.run import ReadStand
from engine.runs import JOB, Stand, UnreadableRun
from gui.kit import query

_LOOKED_AT = 50
"""Runs of one name that are checked for the newest one of a job."""


def read_stand(folder: Path) -> Stand:
    """The state of the run in `folder`, as a query process reads it. Raises UnreadableRun."""
    try:
        return query.wait_for(ReadStand(folder))
    except QueryError as error:
        raise UnreadableRun(str(error)) from error


def newest_run(job: Job, root: Path) -> Path | None:
    """The newest run of a job's function, with any inputs; None if that cannot be found."""
    key = identity(job)
    if not key or not root.is_dir():
        return None
    name = re.sub(r"[^\w.-]+", "_", display_name(job)).strip("._")[:60] or "run"
    of_name = re.compile(rf"[\d-]+_\d+_{re.escape(name)}(-\d+)?")
    folders = sorted((path for path in root.iterdir() if of_name.fullmatch(path.name)), reverse=True)
    return next((folder for folder in folders[:_LOOKED_AT] if _key(folder) == key), None)


def _key(folder: Path) -> str:
    try:
        return identity(load(folder / JOB))
    except (JobError, OSError):
        return ""
