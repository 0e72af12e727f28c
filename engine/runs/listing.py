"""The saved runs below a folder, one line each."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from engine.host.record.schema import DB
from engine.runs.database import UnreadableRun
from engine.runs.facts import RunFacts
from engine.runs.labels import one_line, read_label
from engine.runs.reader import open_run
from engine.runs.told import told

LAST_DAY = 253_402_128_000.0
"""The latest time that has a date."""


@dataclass(frozen=True)
class RunSummary:
    """One run folder. `state` is `unreadable` if its run.db cannot be read."""

    folder: Path
    name: str
    """The user's name for it, else that of its function."""
    state: str
    started: float | None = None
    """Seconds since the epoch."""
    total: int | None = None
    ok: int = 0
    failed: int = 0
    paused: bool = False
    kept: bool = False
    """Whether it is running and may do so without an app."""
    function: str = ""
    file: str = ""
    """The function's file, or the module of an import."""
    inputs: str = ""
    """The inputs in a few words."""
    mode: str = ""
    seconds: float | None = None
    """Seconds that it ran."""
    size: int = 0
    """Bytes of all files in its folder."""
    pinned: bool = False
    note: str = ""


def summarize(folder: Path) -> RunSummary:
    """A summary of the run in `folder`."""
    try:
        with open_run(folder) as run:
            facts: RunFacts = run.facts()
    except (UnreadableRun, sqlite3.Error, ValueError, KeyError, TypeError):
        return unreadable(folder)
    return summary_of(folder, facts)


def unreadable(folder: Path) -> RunSummary:
    """The run in `folder`, whose run.db cannot be read."""
    label = read_label(folder)
    return RunSummary(
        folder,
        label.name or one_line(folder.name),
        "unreadable",
        size=size_of(folder),
        pinned=label.pinned,
        note=label.note,
    )


def summary_of(folder: Path, facts: RunFacts) -> RunSummary:
    """A summary of the run in `folder` from its facts, its job and its label."""
    label, about = read_label(folder), told(folder)
    return RunSummary(
        folder,
        label.name or one_line(facts.name),
        facts.state,
        _dated(facts.started),
        facts.total,
        facts.ok,
        facts.failed,
        facts.paused,
        facts.kept,
        about.function,
        about.file,
        about.inputs,
        facts.mode,
        _seconds(facts),
        size_of(folder),
        label.pinned,
        label.note,
    )


def _dated(time: float | None) -> float | None:
    return time if time is not None and 0 <= time < LAST_DAY else None


def _seconds(facts: RunFacts) -> float | None:
    if facts.ran is not None:
        return max(0.0, facts.ran)
    if facts.started is None or facts.ended is None:
        return None
    return max(0.0, facts.ended - facts.started)


def size_of(folder: Path) -> int:
    """Bytes of all files below `folder`, links not followed."""
    size, left = 0, [os.fspath(folder)]
    while left:
        with suppress(OSError), os.scandir(left.pop()) as entries:
            for entry in entries:
                with suppress(OSError):  # deleted in the meantime
                    if entry.is_dir(follow_symlinks=False):
                        left.append(entry.path)
                    else:
                        size += entry.stat(follow_symlinks=False).st_size
    return size


def list_runs(root: Path) -> list[RunSummary]:
    """All run folders below `root`, newest first. Their names begin with the time."""
    if not root.is_dir():
        return []
    folders = [path for path in root.iterdir() if (path / DB).is_file()]
    return [summarize(folder) for folder in sorted(folders, key=lambda path: path.name, reverse=True)]
