"""What tasks printed: where it is in the files of a run folder."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from engine.host.record.output import Cut, lane_file
from engine.host.record.schema import LANES, OUTPUT
from engine.host.record.stored import Stored, prints_from


@dataclass(frozen=True)
class Printed:
    """A part of a file that was printed by a task, or by several together."""

    file: Path
    offset: int
    length: int
    left_out: int
    """Bytes printed with it that were not kept, because the file became too long."""
    tasks: range
    """The tasks that may have printed it: several if there was no check between them."""


def prints_of(db: sqlite3.Connection, folder: Path, row: Stored | None, task: int) -> list[Printed]:
    """What a task printed, in order; `row` is the row that it may be in. Raises `ValueError`, `TypeError`."""
    told: list[tuple[int, tuple[int, int, int, int]]] = []
    for worker, prints in db.execute(
        "SELECT worker, prints FROM failure WHERE task = ? ORDER BY id", (task,)
    ):
        told += ((worker, span) for span in prints_from(prints, task))
    if row is not None:
        told += ((row.worker, span) for span in row.prints())
    found: list[Printed] = []
    for worker, (first, count, *place) in told:
        if first <= task < first + count:
            file = Path(lane_file(str(folder), _lane(db, worker)))
            found += _printed(file, first, count, *place)
    return found


def _lane(db: sqlite3.Connection, worker: int) -> int:
    found = db.execute("SELECT lane FROM worker WHERE id = ?", (worker,)).fetchone()
    if found is None or not isinstance(found[0], int):
        raise ValueError("a row has a worker without a file of its output")
    return found[0]


def _printed(file: Path, first: int, count: int, begin: int, length: int) -> list[Printed]:
    """What `count` tasks from `first` on printed, by the recorded place."""
    try:
        with file.open("rb") as stream:
            cut, size = Cut.of(stream), file.stat().st_size
    except FileNotFoundError:  # someone has freed space
        return [Printed(file, 0, 0, length, range(first, first + count))]
    parts = [(at, min(stop, size)) for at, stop in cut.parts(begin, begin + length) if at < size] or [(0, 0)]
    left_out = length - sum(stop - at for at, stop in parts)
    found: list[Printed] = []
    for at, stop in reversed(parts):
        found.insert(0, Printed(file, at, stop - at, left_out, range(first, first + count)))
        left_out = 0
    return found


def output_files(folder: Path) -> list[Path]:
    """The output files of a run: that of the host, and that of each lane."""
    lanes = (folder / LANES).glob("*.txt")
    return [folder / OUTPUT, *sorted(lanes, key=lambda path: (len(path.name), path.name))]
