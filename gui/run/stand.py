"""How a saved run stands, and in what time it ran: read off the GUI thread, nothing of it is executed."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import NamedTuple

from engine.job import Job, JobError, display_name, load
from engine.presets import identity
from engine.runs import JOB, RunFacts, RunReader, open_run

_AGAIN = 2.0
"""Seconds after its start from which a launch is that of a resumed run."""
_LOOKED_AT = 50
"""Runs of one name that are looked at for the newest one of a job."""


class Stand(NamedTuple):
    """The facts of a run, and what they do not say."""

    facts: RunFacts
    seconds: float | None
    """In which it ran: the time between its stop and its resumption does not count."""


def read_stand(folder: Path) -> Stand:
    """How the run in `folder` stands. Raises UnreadableRun, sqlite3.Error."""
    with open_run(folder) as run:
        facts = run.facts()
        return Stand(facts, _seconds(run, facts))


def _seconds(run: RunReader, facts: RunFacts) -> float | None:
    end = time.time() if facts.state == "running" else facts.ended
    if facts.started is None:
        return None
    if facts.launched is None or facts.launched < facts.started + _AGAIN:
        return max(0.0, end - facts.started) if end is not None else None
    return _in_hand(run, end)


def _in_hand(run: RunReader, end: float | None) -> float:
    """The time in which there was a worker."""
    seconds, until = 0.0, 0.0
    for worker in run.workers():
        ended = worker.ended or end or worker.started
        seconds += max(0.0, ended - max(worker.started, until))
        until = max(until, ended)
    return seconds


def newest_run(job: Job, root: Path) -> Path | None:
    """The newest run of a job's function, which was begun with whatever inputs; None if it cannot be told."""
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
