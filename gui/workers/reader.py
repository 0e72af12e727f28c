"""What the reader thread of the workers' table does: who came, who ended, what each did."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from engine.runs import DB, RunReader, WorkerRecord, open_run


@dataclass(frozen=True, slots=True)
class Row:
    """A worker as run.db knows it."""

    record: WorkerRecord
    done: int


@dataclass(frozen=True, slots=True)
class News:
    """Workers that are new or other than before; `live` says that the run goes on."""

    rows: list[Row]
    live: bool


class WorkersReader:
    """The workers of one run, read in one thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._run: RunReader | None = None
        self._rows: dict[int, Row] = {}
        self._running: set[int] = set()
        """Workers whose end was not seen."""
        self._batch = 0

    def close(self) -> None:
        if self._run:
            self._run.close()

    def news(self) -> News:
        """What changed since the last time; nothing while the run has not made its database yet."""
        if self._run is None:
            if not (self._folder / DB).exists():
                return News([], True)
            self._run = open_run(self._folder)
        run = self._run
        live = run.facts().state == "running"
        records = [run.worker(number) for number in sorted(self._running)]
        records += run.workers(max(self._rows, default=0))
        done, self._batch = run.done_by_worker(self._batch)
        changed: dict[int, Row] = {}
        for record in records:
            old = self._rows.get(record.number)
            changed[record.number] = Row(record, old.done if old else 0)
        for number, count in done.items():
            row = changed.get(number) or self._rows[number]
            changed[number] = replace(row, done=row.done + count)
        self._running.update(record.number for record in records)
        self._running -= {record.number for record in records if record.ended is not None}
        self._rows.update(changed)
        return News(list(changed.values()), live)
