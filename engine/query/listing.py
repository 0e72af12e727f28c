"""All runs below a folder. Their summaries are cached between listings, and for the next start."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from platformdirs import user_cache_path

from engine.query.codec import travels
from engine.query.request import Request, Steps, Urgency, Work
from engine.query.run import CHUNK
from engine.query.sources import Sources
from engine.runs import DB, LABEL, RunSummary, UnreadableRun, open_run
from engine.runs.listing import summary_of, unreadable

travels(RunSummary)

NEWS_SECONDS = 0.1
"""Seconds until the first partial answer; the next one comes after twice that time."""
FORMAT = 3
"""Version of the cache file."""

Stamp = tuple[int, int, int, int, int]
"""Times and sizes of run.db and SQLite's files beside it, and the time of the label."""


def summary(folder: Path) -> Work[RunSummary]:
    """A summary of the run in `folder`; in steps if its counts are not recorded."""
    try:
        with open_run(folder) as run:
            if not run.has_counts():
                after, ok, failed = 0, 0, 0
                while rows := run.outcomes(after, CHUNK):
                    after = rows[-1][0].id
                    failed += sum(count for _, count in rows)
                    ok += sum(ref.count - count for ref, count in rows)
                    yield
                return summary_of(folder, run.facts((ok, failed)))
            return summary_of(folder, run.facts())
    except (UnreadableRun, sqlite3.Error, ValueError, KeyError, TypeError):
        return unreadable(folder)


class Summaries:
    """The summaries of the runs below one folder, by the stamps of their run.db."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._kept: dict[str, tuple[Stamp, RunSummary]] = {}
        self._has_changed = False
        name = hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
        self._file = user_cache_path("poolhouse", False) / f"runs-{name}.json"
        with suppress(OSError, ValueError, TypeError, KeyError):  # read all of them again
            self._read()

    def _read(self) -> None:
        kept: dict[str, Any] = json.loads(self._file.read_text("utf-8"))
        if kept["format"] == FORMAT:
            for name, stamp, values in kept["runs"]:
                self._kept[name] = tuple(stamp), RunSummary(self.root / name, *values)

    def close(self) -> None:
        """Save the cache for the next start."""
        if not self._has_changed:
            return
        names = [field.name for field in fields(RunSummary)][1:]  # astuple makes deep copies, which is slow
        runs = [
            [name, stamp, [getattr(run, field) for field in names]]
            for name, (stamp, run) in self._kept.items()
        ]
        draft = self._file.with_suffix(f".{os.getpid()}")
        with suppress(OSError):  # it is only a cache
            self._file.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps({"format": FORMAT, "runs": runs}), "utf-8")
            draft.replace(self._file)
        self._has_changed = False

    def get(self, name: str, stamp: Stamp) -> Work[RunSummary]:
        """One run, read only if its run.db has changed. Active runs are not cached."""
        kept = self._kept.get(name)
        if kept and kept[0] == stamp:
            return kept[1]
        found = yield from summary(self.root / name)
        if found.state == "running":
            self._kept.pop(name, None)
        else:
            self._kept[name] = stamp, found
        self._has_changed = True
        return found

    def forget_others(self, names: set[str]) -> None:
        """Forget all other runs."""
        gone = self._kept.keys() - names
        for name in gone:
            del self._kept[name]
        self._has_changed |= bool(gone)


@travels
@dataclass(frozen=True)
class Listing:
    """The content of the runs folder."""

    runs: tuple[RunSummary, ...]
    """Newest first."""
    unborn: tuple[Path, ...]
    """Folders without a run.db, or not yet with one."""
    complete: bool
    """Whether the list is complete."""


@travels
@dataclass(frozen=True)
class ListRuns(Request[Listing]):
    """All runs below a folder; partial answers have the newest so far."""

    root: Path

    @property
    def source(self) -> Path:
        return self.root

    def steps(self, sources: Sources) -> Steps[Listing]:
        summaries = sources.get(Summaries, self.root)
        names: list[tuple[str, Stamp]] = []
        unborn: list[Path] = []
        for at, name in enumerate(_folders(self.root)):
            stamp = _stamp(f"{self.root}{os.sep}{name}{os.sep}")
            if stamp:
                names.append((name, stamp))
            else:
                unborn.append(self.root / name)
            if at % 256 == 255:
                yield
        told_at, patience = time.monotonic(), NEWS_SECONDS
        runs: list[RunSummary] = []
        for at, (name, stamp) in enumerate(sorted(names, reverse=True)):
            runs.append((yield from summaries.get(name, stamp)))
            if time.monotonic() > told_at + patience:
                yield Listing(tuple(runs), (), False)
                told_at, patience = time.monotonic(), 2 * patience
            elif at % 8 == 7:
                yield
        summaries.forget_others({name for name, _ in names})
        summaries.close()
        written = {name: stamp[0] for name, stamp in names}
        runs.sort(key=lambda run: (_began(run, written[run.folder.name]), run.folder.name), reverse=True)
        return Listing(tuple(runs), tuple(unborn), True)


@travels
@dataclass(frozen=True)
class Summarize(Request[tuple[RunSummary, ...]]):
    """The current state of some runs."""

    urgency: ClassVar[Urgency] = Urgency.ROWS
    root: Path
    folders: tuple[Path, ...]

    @property
    def source(self) -> Path:
        return self.root

    def steps(self, sources: Sources) -> Steps[tuple[RunSummary, ...]]:
        runs: list[RunSummary] = []
        for folder in self.folders:
            runs.append((yield from summary(folder)))
            yield
        return tuple(runs)


def _folders(root: Path) -> Iterator[str]:
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(root) as entries:
        yield from (entry.name for entry in entries if entry.is_dir())


def _stamp(folder: str) -> Stamp | None:
    """The stamps of the files from which a summary is made; None if there is no run.db."""
    status = _status(folder + DB)
    if status is None:
        return None
    ahead, label = _status(folder + DB + "-wal"), _status(folder + LABEL)
    return (
        status.st_mtime_ns,
        status.st_size,
        ahead.st_mtime_ns if ahead else 0,
        ahead.st_size if ahead else 0,
        label.st_mtime_ns if label else 0,
    )


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116  thousands of them
    except OSError:
        return None


def _began(run: RunSummary, written: int) -> float:
    """When a run began: by its facts, else by its folder's name, else by when its run.db was `written`."""
    if run.started is not None:
        return run.started
    with suppress(ValueError, OverflowError):
        return datetime.strptime(run.folder.name[:17], "%Y-%m-%d_%H%M%S").timestamp()
    return written / 1e9
