"""A run folder that gets its results from a test."""

from __future__ import annotations

from pathlib import Path

from engine.host.record.store import Store
from engine.job import save
from engine.runs import DB, JOB
from tests.rows import row
from tests.running import make_job


class Growing:
    """The run folder, and the database that its host would write."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        save(make_job(folder, "def f(x): return x", inputs=range(10**9)), folder / JOB)
        self.store = Store(str(folder / DB))
        self.store.facts(folder=str(folder))
        self.store.commits.commit()

    def add(self, first: int, count: int, statuses: bytes = b"") -> None:
        values = range(first, first + count)
        self.store.results(1, row(first, values, statuses, starts=[1e9] * count, seconds=0.0))
        self.store.commits.commit()
