"""The saved runs below a folder, in a line each."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from engine.host.record.schema import DB
from engine.runs.reader import RunFacts, UnreadableRun, open_run


@dataclass(frozen=True)
class RunSummary:
    """One run folder. `state` is `unreadable` where its run.db cannot be read."""

    folder: Path
    name: str
    state: str
    started: float | None = None
    """Seconds since the epoch."""
    total: int | None = None
    ok: int = 0
    failed: int = 0
    paused: bool = False
    kept: bool = False
    """Whether it goes on and may do so without an app."""


def summarize(folder: Path) -> RunSummary:
    """The run in `folder`, in short."""
    try:
        with open_run(folder) as run:
            facts: RunFacts = run.facts()
    except (UnreadableRun, sqlite3.Error, ValueError, KeyError):
        return RunSummary(folder, folder.name, "unreadable")
    return summary_of(folder, facts)


def summary_of(folder: Path, facts: RunFacts) -> RunSummary:
    """The run in `folder` as its facts have it."""
    return RunSummary(
        folder,
        facts.name,
        facts.state,
        facts.started,
        facts.total,
        facts.ok,
        facts.failed,
        facts.paused,
        facts.kept,
    )


def list_runs(root: Path) -> list[RunSummary]:
    """All run folders below `root`, the newest first. The names begin with the time."""
    if not root.is_dir():
        return []
    folders = [path for path in root.iterdir() if (path / DB).is_file()]
    return [summarize(folder) for folder in sorted(folders, key=lambda path: path.name, reverse=True)]
