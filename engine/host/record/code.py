"""The code that a run began with, kept in its folder: later workers use it."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterable

from ..typed import NamedTuple

FOLDER = "code"
"""In the run folder: a copy of each file, and the index."""
INDEX = "index.json"
"""{"complete": whether the user's other modules are there too, "modules": [the fields of `Kept`, ...]}"""
MOST_FILES = 200
MOST_BYTES = 5 << 20
"""Further or longer files are not kept."""


class Kept(NamedTuple):
    """A source file as it was."""

    name: str
    """The module's name; empty if only its path identifies it."""
    path: str
    changed: int
    """Its modification time in nanoseconds, as the system reports it."""
    size: int
    copy: str
    """Name of the copy in the folder, which may also have older copies, from earlier hosts of the run."""

    def is_in_place(self) -> bool:
        """Whether the file is unchanged, judging by its time and length."""
        return stamp(self.path) == (self.changed, self.size)


def stamp(path: str) -> tuple[int, int] | None:
    """A value that changes when the file does; None if there is no file."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return (status.st_mtime_ns, status.st_size) if stat.S_ISREG(status.st_mode) else None


def read_index(run_folder: str) -> tuple[bool, list[Kept]]:
    """Whether the index of a run is complete, and its entries."""
    try:
        with open(os.path.join(run_folder, FOLDER, INDEX), encoding="utf-8") as file:
            index = json.load(file)
        return index["complete"], [Kept(**entry) for entry in index["modules"]]
    except (OSError, ValueError, KeyError, TypeError):  # it could not be written
        return True, []


def read_copy(run_folder: str, kept: Kept) -> bytes:
    """The source as it was copied. Raises `OSError`."""
    with open(os.path.join(run_folder, FOLDER, kept.copy), "rb") as file:
        return file.read()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


class CodeKeeper:
    """Keeps code, on the host's side. What cannot be kept is skipped, and `failure` says why."""

    def __init__(self, run_folder: str) -> None:
        self._folder = os.path.join(run_folder, FOLDER)
        self._modules: dict[str, Kept] = {}
        self._bytes = 0
        self.complete = False
        """Whether a worker has reported its modules."""
        self.failure = ""

    def keep(self, modules: Iterable[tuple[str, str]], complete: bool) -> None:
        """Copy modules, given by name and path."""
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
        """Whether a copy of the file is kept."""
        return path in self._modules

    def differs(self, path: str) -> bool:
        """Whether the file now differs from the copy."""
        kept = self._modules.get(path)
        if kept is None:
            return True
        try:
            with open(path, "rb") as file:
                return _digest(file.read(MOST_BYTES + 1)) not in kept.copy
        except OSError:
            return True
