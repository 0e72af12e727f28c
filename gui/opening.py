"""What a file holds for the window: read off the GUI thread, never executed."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path

from engine.job import Job, JobError, load
from engine.runs import JOB, RunFacts, identify, open_run
from engine.source import Note, read_script
from engine.source.syntax import place

TAKES = "Poolhouse opens jobs (.pool), Python files, run folders and logs."


class CannotOpen(Exception):
    """A file that cannot be opened: what failed, why and what next, and the details."""

    def __init__(self, what: str, why: str, details: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.details = details


@dataclass(frozen=True)
class Opened:
    """What was read from a file."""

    kind: str
    """`job`, `script`, `file` (Python without multiprocessing), `run` or `log`."""
    path: Path
    """The job, script or log, or the run folder."""
    job: Job | None = None
    notes: tuple[Note, ...] = ()
    facts: RunFacts | None = None
    fault: str = ""
    """Why a run's job cannot be shown, though its results can."""


def read(path: Path) -> Opened:
    """Read `path`, whatever it is."""
    path = path.expanduser().absolute()
    if not path.exists():
        raise CannotOpen(f"{path.name} is not there.", f"{path} does not exist: it may have been moved.")
    try:
        target = identify(path)
        if target.kind == "job":
            return Opened("job", target.path, load(target.path))
        if target.kind == "script":
            reading = read_script(target.path)
            kind = "script" if reading.is_script else "file"
            return Opened(kind, target.path, reading.job, tuple(reading.notes))
        if target.kind == "run":
            return read_run(target.path)
        return Opened("log", target.path)
    except JobError as error:
        why = f"{error}\nCorrect it in a text editor, then open it again."
        raise CannotOpen(f"{path.name} is not a valid job.", why) from error
    except SyntaxError as error:
        why = f"It is not valid Python: {place(error)}. Correct it, then open it again."
        raise CannotOpen(f"{path.name} cannot be read.", why) from error
    except (OSError, ValueError) as error:
        why = f"{error.strerror or error}" if isinstance(error, OSError) else str(error)
        raise CannotOpen(
            f"{path.name} cannot be opened.", f"{why}\n{TAKES}", traceback.format_exc()
        ) from error


def read_run(folder: Path) -> Opened:
    """A run folder: how the run stands, and its job where that is readable."""
    facts = read_facts(folder)
    try:
        return Opened("run", folder, load(folder / JOB), facts=facts)
    except JobError as error:
        return Opened("run", folder, facts=facts, fault=str(error))


def read_facts(folder: Path) -> RunFacts:
    """How the run in `folder` stands."""
    with open_run(folder) as run:
        return run.facts()
