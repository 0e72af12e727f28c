"""Queued runs on disk: each with its job, and a copy of its function's file.

    FOLDER/order.json           the ids, the next one first
    FOLDER/ID/job.pool          the job as it was when Run was pressed
    FOLDER/ID/entry.json        name, origin, and the folder in which its tasks run
    FOLDER/ID/code/NAME.py      the function's file, if it is in one

All of this takes time: none of it is called in the GUI thread.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from engine.job import Job, JobError, load, pinned, save
from gui.run.queue import Waiting

_JOB, _ENTRY, _CODE, _ORDER = "job.pool", "entry.json", "code", "order.json"


class Shelf:
    """The folder of one queue. One app at a time uses it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, waiting: Waiting) -> None:
        """Save a run, completely or not at all. Raises OSError, JobError."""
        target, draft = self.folder / waiting.id, self.folder / f".{waiting.id}"
        job = pinned(waiting.job)
        try:
            draft.mkdir(parents=True)
            save(job, draft / _JOB)
            if file := job.function.file:
                (draft / _CODE).mkdir()
                shutil.copyfile(file, draft / _CODE / Path(file).name)
            entry = {"name": waiting.name, "origin": waiting.origin, "folder": str(job.folder.absolute())}
            (draft / _ENTRY).write_text(json.dumps(entry), "utf-8")
            draft.replace(target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def put_in_order(self, ids: Sequence[str]) -> None:
        """Save the order. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / f".{_ORDER}"
        draft.write_text(json.dumps(list(ids)), "utf-8")
        draft.replace(self.folder / _ORDER)

    def code(self, id_: str) -> Path | None:
        """The copy of the function's file; None if the function is not in a file."""
        folder = self.folder / id_ / _CODE
        return next(folder.iterdir(), None) if folder.is_dir() else None

    def drop(self, id_: str) -> None:
        """Forget a run; a run that was never saved is fine. Raises OSError."""
        if (folder := self.folder / id_).exists():
            shutil.rmtree(folder)

    def read(self) -> tuple[list[Waiting], list[str]]:
        """All runs in order, and what is wrong with those that cannot be read. Raises OSError."""
        if not self.folder.is_dir():
            return [], []
        there = sorted(entry.name for entry in self.folder.iterdir() if (entry / _ENTRY).is_file())
        order = {id_: place for place, id_ in enumerate(self._order())}
        found: list[Waiting] = []
        faults: list[str] = []
        for id_ in sorted(there, key=lambda id_: order.get(id_, len(order))):
            try:
                found.append(self._entry(id_))
            except (OSError, JobError, ValueError, KeyError, TypeError) as error:
                faults.append(f"{self.folder / id_}: {error}")
        return found, faults

    def take_over(self, other: Shelf) -> None:
        """Append all runs of another shelf. Raises OSError."""
        entries = [one.id for one in other.read()[0]]
        ids = [one.id for one in self.read()[0]]
        for id_ in entries:
            (other.folder / id_).replace(self.folder / id_)
        if entries:
            self.put_in_order([*ids, *entries])

    def _entry(self, id_: str) -> Waiting:
        entry = json.loads((self.folder / id_ / _ENTRY).read_text("utf-8"))
        job: Job = load(self.folder / id_ / _JOB)
        return Waiting(id_, str(entry["name"]), job.with_(folder=Path(entry["folder"])), str(entry["origin"]))

    def _order(self) -> list[str]:
        try:
            told = json.loads((self.folder / _ORDER).read_text("utf-8"))
        except (OSError, ValueError):  # the runs matter more; without this file they are in any order
            return []
        return [str(id_) for id_ in told] if isinstance(told, list) else []
