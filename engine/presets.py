"""Named jobs in the app's own folder, and the values that each function was last run with."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import count
from pathlib import Path

from engine.job import Inputs, Job, JobError, Log, Run, dumps, load, new_job, pinned
from engine.places import data_folder

MOST_VALUES = 10_000
"""A longer list of inputs is not kept with the last values."""
LONGEST_NAME = 80
"""Longest name of a preset."""
_FOLDER = "# The tasks run in "
"""Begins the first line of a file, before the folder."""
_BAD = re.compile(r'[\\/:*?"<>|\x00-\x1f]|^[. ]|[. ]$')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


class PresetError(ValueError):
    """A preset operation that is not possible; the message says why and what would work."""


class Presets:
    """The named jobs in a folder. Each is a job file with absolute paths."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or data_folder() / "presets"

    def names(self) -> list[str]:
        """All names, in natural order."""
        return sorted((path.stem for path in self.folder.glob("*.pool")), key=str.casefold)

    def load(self, name: str) -> Job:
        """The job `name`. Raises PresetError, JobError."""
        return _unfolded(self._there(name))

    def save(self, name: str, job: Job) -> str:
        """Save `job` as `name`, replacing an older one; returns the name. Raises PresetError, OSError."""
        path = self._path(name)
        _keep(job, path)
        return path.stem

    def duplicate(self, name: str) -> str:
        """Make a copy; returns its name. Raises PresetError, OSError."""
        text = self._there(name).read_bytes()
        copies = (self._path(f"{name} {number}") for number in count(2))
        path = next(path for path in copies if not path.exists())
        path.write_bytes(text)
        return path.stem

    def rename(self, name: str, other: str) -> str:
        """Rename a preset; returns the new name. Raises PresetError, OSError."""
        old, new = self._there(name), self._path(other)
        if new.exists() and not new.samefile(old):
            raise PresetError(f'There is already a preset "{new.stem}". Choose another name.')
        old.rename(new)
        return new.stem

    def delete(self, name: str) -> None:
        """Remove a preset. Raises OSError."""
        self._path(name).unlink(missing_ok=True)

    def _there(self, name: str) -> Path:
        path = self._path(name)
        if not path.is_file():
            raise PresetError(f'There is no preset "{name}" any more.')
        return path

    def _path(self, name: str) -> Path:
        name = name.strip()
        if fault := name_fault(name):
            raise PresetError(fault)
        return self.folder / f"{name}.pool"


def name_fault(name: str) -> str:
    """What is wrong with the name of a preset; empty if nothing is."""
    if name and len(name) <= LONGEST_NAME and not _BAD.search(name) and not _DEVICES.fullmatch(name):
        return ""
    return (
        f'"{name}" cannot be the name of a preset: give up to {LONGEST_NAME} characters, none of'
        ' \\ / : * ? " < > |, and no dot at either end.'
    )


class LastUsed:
    """The values that each function was last run with."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or data_folder() / "last"

    def keep(self, job: Job) -> None:
        """Save the inputs and settings of `job` for its function. Raises OSError, JobError."""
        path = self._path(identity(job))
        if path is not None:
            inputs = Inputs() if len(job.inputs.values) > MOST_VALUES else job.inputs
            _keep(job.with_(inputs=inputs), path)

    def of(self, key: str) -> Job | None:
        """The job that the function with this identity was last run with."""
        path = self._path(key)
        try:
            return _unfolded(path) if path is not None and path.is_file() else None
        except JobError:  # written by another version: only a convenience is lost
            return None

    def _path(self, key: str) -> Path | None:
        import hashlib

        return self.folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.pool" if key else None


def identity(job: Job) -> str:
    """Distinguishes functions: file and name, or import path. Empty for typed source."""
    function = job.function
    if function.import_path:
        return function.import_path
    return f"{job.resolve(function.file)}:{function.name}" if function.file and function.name else ""


def untouched(job: Job) -> bool:
    """Whether everything but the function is as in a new job, of the window or of a file.

    An empty list is what the window offers for a function that needs an argument.
    """
    is_new = (job.run, job.parameters, job.setup) == (Run(), {}, {})
    return is_new and job.log in (Log(), new_job().log) and job.inputs in (Inputs(), Inputs("list"))


def restored(last: Job, now: Job) -> Job | None:
    """`now`, whose function was just chosen, with the values and the interpreter of its last run.

    None if the functions differ, if something is set in `now`, or if nothing would change.
    """
    if identity(now) != identity(last) or not untouched(now):
        return None
    function = replace(now.function, python=last.function.python or now.function.python)
    made = last.with_(function=function, folder=now.folder)
    return None if untouched(last) and function == now.function else made


def _keep(job: Job, path: Path) -> None:
    """Save a job completely or not at all, so that it means the same from this other folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = dumps(pinned(job), path.parent)
    draft = path.with_suffix(".draft")
    draft.write_text(f"{_FOLDER}{json.dumps(str(job.folder.absolute()))}\n\n{text}", "utf-8", newline="\n")
    draft.replace(path)


def _unfolded(path: Path) -> Job:
    """The job in a file of ours, in the folder that it was saved from. Raises JobError."""
    job = load(path)
    first = path.read_text("utf-8").partition("\n")[0]
    try:
        folder = json.loads(first.removeprefix(_FOLDER)) if first.startswith(_FOLDER) else ""
    except ValueError:  # written by hand
        folder = ""
    if isinstance(folder, str) and Path(folder).is_absolute():
        return job.with_(folder=Path(folder))
    return job.with_(folder=Path(job.function.file).parent if job.function.file else Path.home())
