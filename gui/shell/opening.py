"""Reads a file for the window, off the GUI thread and without executing it."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.job import Function, Job, JobError, Problem, display_name, load, new_job
from gui.document.document import NOT_VALID
from gui.kit.paths import expanded

if TYPE_CHECKING:
    from engine.launch import Script
    from engine.runs import Stand
    from engine.source.found import Found
    from engine.source.notes import Note
    from engine.source.script import ScriptReading

TAKES = "Poolhouse opens jobs (.pool), Python files, notebooks, run folders and logs."
BOOK = ".ipynb"
DATA = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
"""Suffixes of files with inputs, and the kind of those."""


class CannotOpen(Exception):
    """A file that cannot be opened: what failed, why and what to do next, and details."""

    def __init__(self, what: str, why: str, details: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.details = details


class FaultyJob(CannotOpen):
    """A job file with mistakes: its valid part can be shown, with the `problems` beside their fields."""

    def __init__(self, path: Path, job: Job, problems: Sequence[Problem], why: str) -> None:
        super().__init__(NOT_VALID.format(path.name), why)
        self.path = path
        self.job = job
        self.problems = problems


@dataclass(frozen=True)
class Opened:
    """The content of a file."""

    kind: str
    """`job`, `example`, `job of run`, `script` (a job in one), `as it is` (the script itself), `file` (whose
    functions are of interest), `faulty` (not Python), `run`, `data` or `log`."""
    path: Path
    """The job, script, log, file of inputs, or run folder."""
    job: Job | None = None
    notes: tuple[Note, ...] = ()
    stand: Stand | None = None
    more: tuple[Path, ...] = ()
    """Further logs that are shown as one with it."""
    found: Found | None = None
    """A script as it is; of a `file`, only if it can be run too."""
    script: Script | None = None
    """How a run has run it."""
    fault: str = ""
    """Why a run's job cannot be shown, although its results can."""

    @property
    def name(self) -> str:
        """The name of a document with this job."""
        return display_name(self.job) if self.kind == "job of run" and self.job else self.path.name


def read(path: Path) -> Opened:
    """Read `path`, whatever it is. Raises CannotOpen."""
    from engine.runs import UnreadableRun, identify

    path = expanded(path).absolute()
    if not path.exists():
        raise CannotOpen(f"{path.name} is not there.", f"{path} does not exist: it may have been moved.")
    if not (path.is_file() or path.is_dir()):  # a named pipe would be waited for without end
        raise CannotOpen(f"{path.name} cannot be opened.", f"{path} is a pipe or a device.\n{TAKES}")
    if path.suffix.lower() in DATA and path.is_file():
        return Opened("data", path)
    try:
        target = identify(path)
        if target.kind == "job":
            return Opened("job", target.path, load(target.path))
        if target.kind == "script":
            return _read_python(target.path)
        if target.kind == "run":
            return read_run(target.path)
        return Opened("log", target.path)
    except JobError as error:
        if error.job is not None:
            why = f"{error}\nCorrect it here and save it."
            raise FaultyJob(path, error.job, error.problems, why) from error
        why = f"{error}\nCorrect it in a text editor, then open it again."
        raise CannotOpen(NOT_VALID.format(path.name), why) from error
    except (OSError, ValueError, UnreadableRun) as error:
        why = f"{error.strerror or error}" if isinstance(error, OSError) else str(error)
        raise CannotOpen(
            f"{path.name} cannot be opened.", f"{why}\n{TAKES}", traceback.format_exc()
        ) from error


def read_all(paths: Sequence[Path]) -> list[Opened | CannotOpen]:
    """Read several files, or say why not; logs become one if there is nothing else."""
    found = [_read_or_why_not(path) for path in paths]
    opened = [one for one in found if isinstance(one, Opened)]
    kinds = {one.kind for one in opened}
    if len(opened) > 1 and "log" in kinds and kinds <= {"log", "data"}:  # logs of JSON lines look like data
        logs = list(dict.fromkeys(one.path for one in opened))
        merged = Opened("log", logs[0], more=tuple(logs[1:]))
        return [merged, *(one for one in found if isinstance(one, CannotOpen))]
    return list(found)


def _read_or_why_not(path: Path) -> Opened | CannotOpen:
    try:
        return read(path)
    except CannotOpen as error:
        return error


def _read_python(path: Path) -> Opened:
    """A Python file: a script to run as it is, or a job with one of its functions."""
    from engine.source.found import find
    from engine.source.script import read_script

    only_as_job = sys.platform == "win32"
    try:
        reading = read_script(path)
    except SyntaxError:  # another version of Python may accept it
        if not only_as_job:
            return Opened("as it is", path, found=find(path))
        return Opened("faulty", path, new_job(Function(file=path.name), path.parent))
    if reading.is_written or (reading.is_script and only_as_job):
        return Opened("script", path, reading.job, _notes(reading))
    found = None if only_as_job else find(path, reading)
    if found and (reading.is_script or is_book(path) or (found.acts and not found.functions)):
        return Opened("as it is", path, found=found)
    job = reading.job.with_(log=new_job().log)
    return Opened("file", path, job, tuple(reading.notes), found=found if found and found.acts else None)


def _notes(reading: ScriptReading) -> tuple[Note, ...]:
    """Notes on a job that was read from a script, beside its fields."""
    from engine.source.notes import Note

    if not reading.why:
        return tuple(reading.notes)
    return (Note("inputs.values", f"{reading.why}: choose function and inputs.", reading.line),)


def is_book(path: Path) -> bool:
    """Whether a file is a notebook."""
    return path.suffix == BOOK


def as_file(path: Path) -> Opened:
    """A Python file or notebook, for the user to choose a function in it."""
    return Opened("file", path, new_job(Function(file=path.name), path.parent))


def read_run(folder: Path) -> Opened:
    """A run folder: the state of the run, and why its job cannot be read, if so."""
    from engine.runs import JOB
    from gui.run.stand import read_stand

    stand = read_stand(folder)
    try:
        load(folder / JOB)
    except JobError as error:
        return Opened("run", folder, stand=stand, fault=str(error))
    return Opened("run", folder, stand=stand)


def read_job_of_run(folder: Path) -> Opened:
    """The job of a run, to edit and run again. Raises CannotOpen."""
    from engine.runs import JOB

    try:
        return Opened("job of run", folder, load(folder / JOB))
    except JobError as error:
        raise CannotOpen("The job of this run cannot be read.", str(error)) from error


def read_script_of_run(folder: Path) -> Opened:
    """The script of a run, as it is on disk now, and how it was run. Raises CannotOpen."""
    from engine.runs import UnreadableRun
    from engine.source.found import find
    from gui.run.stand import script_of

    try:
        script = script_of(folder)
        if script is None:
            raise CannotOpen("This is the run of a job.", "Open the run's job instead.")
        return Opened("as it is", script.path, found=find(script.path), script=script)
    except OSError as error:
        why = f"{error.filename}: {error.strerror}. It may have been moved."
        raise CannotOpen("The script of this run cannot be read.", why) from error
    except (ValueError, UnreadableRun) as error:
        raise CannotOpen("The script of this run cannot be read.", str(error)) from error
