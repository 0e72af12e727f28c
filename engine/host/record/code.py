"""The code that a run began with, kept in its folder: workers that come later go on with it."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterable
from typing import NamedTuple

FOLDER = "code"
"""In the run folder: a copy of each file, and the index."""
INDEX = "index.json"
"""{"complete": whether the person's other modules are there too, "modules": [what `Kept` has, ...]}"""
MOST_FILES = 200
MOST_BYTES = 5 << 20
"""More files, or longer ones, are not kept."""


class Kept(NamedTuple):
    """A source file as it was."""

    name: str
    """Of the module; empty if only its path finds it."""
    path: str
    changed: int
    """When it was changed last, in nanoseconds, as the system had it."""
    size: int
    copy: str
    """Name of the copy in the folder; older ones, of hosts that the run had before, may be beside it."""

    def is_in_place(self) -> bool:
        """Whether the file is still what was kept, as far as its time and length tell."""
        return stamp(self.path) == (self.changed, self.size)


def stamp(path: str) -> tuple[int, int] | None:
    """What tells whether a file has changed; None if there is none."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return (status.st_mtime_ns, status.st_size) if stat.S_ISREG(status.st_mode) else None


def read_index(run_folder: str) -> tuple[bool, list[Kept]]:
    """Whether the index of a run is complete, and what it has."""
    try:
        with open(os.path.join(run_folder, FOLDER, INDEX), encoding="utf-8") as file:
            index = json.load(file)
        return index["complete"], [Kept(**entry) for entry in index["modules"]]
    except (OSError, ValueError, KeyError, TypeError):  # it could not be written
        return True, []


def read_copy(run_folder: str, kept: Kept) -> bytes:
    """The source as it was kept. Raises `OSError`."""
    with open(os.path.join(run_folder, FOLDER, kept.copy), "rb") as file:
        return file.read()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


class CodeKeeper:
    """Keeps code, on the host's side; what cannot be kept is done without, and `failure` says why."""

    def __init__(self, run_folder: str) -> None:
        self._folder = os.path.join(run_folder, FOLDER)
        self._modules: dict[str, Kept] = {}
        self._bytes = 0
        self.complete = False
        """Whether a worker has told which modules there are."""
        self.failure = ""

    def keep(self, modules: Iterable[tuple[str, str]], complete: bool) -> None:
        """Keep modules, given by name and path."""
        self.complete = complete
        try:
            os.makedirs(self._folder, exist_ok=True)
            for name, path in modules:
                if path not in self._modules and len(self._modules) < MOST_FILES:
                    self._keep(name, path)
            draft = os.path.join(self._folder, INDEX + ".draft")
            entries = [kept._asdict() for kept in self._modules.values()]
            with open(draft, "w", encoding="utf-8") as file:
                json.dump({"complete": complete, "modules": entries}, file, indent=1)
            os.replace(draft, os.path.join(self._folder, INDEX))
        except OSError as error:
            self.failure = str(error)

    def _keep(self, name: str, path: str) -> None:
        before = stamp(path)
        if before is None or self._bytes + before[1] > MOST_BYTES:
            return
        with open(path, "rb") as file:
            data = file.read(MOST_BYTES)
        if stamp(path) != before:  # it is being written
            return
        stem = (name or os.path.splitext(os.path.basename(path))[0])[:100]
        copy = f"{stem}.{_digest(data)}{os.path.splitext(path)[1]}"
        with open(os.path.join(self._folder, copy), "wb") as file:
            file.write(data)
        self._bytes += len(data)
        self._modules[path] = Kept(name, path, *before, copy)

    def has(self, path: str) -> bool:
        """Whether the file is kept."""
        return path in self._modules

    def differs(self, path: str) -> bool:
        """Whether what is in the file now is something else than what is kept."""
        kept = self._modules.get(path)
        if kept is None:
            return True
        try:
            with open(path, "rb") as file:
                return _digest(file.read(MOST_BYTES + 1)) not in kept.copy
        except OSError:
            return True
