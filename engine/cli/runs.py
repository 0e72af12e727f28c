"""`poolhouse runs`: the saved runs, newest first."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path

from engine.cli import status
from engine.cli.show import iso
from engine.cli.status import complain
from engine.query import answer
from engine.query.listing import ListRuns
from engine.results.words import duration
from engine.runs import RunSummary, runs_root
from engine.runs.labels import one_line
from engine.sizes import size

TITLES = (
    "STARTED", "STATE", "TASKS", "FAILED", "TOOK", "SIZE", "NAME", "FUNCTION", "INPUTS", "FOLDER",
)  # fmt: skip


def runs(options: argparse.Namespace) -> int:
    """List the runs."""
    root = runs_root(options.runs)
    if options.runs is not None and not root.is_dir():
        complain(f"There is no folder {root}.")
        return status.NOT_VALID
    try:
        found = answer(ListRuns(root)).runs
    except OSError as error:
        complain(f"{root} cannot be read: {error.strerror or error}.")
        return status.NOT_VALID
    if options.format == "jsonl":
        sys.stdout.writelines(json.dumps(_as_json(run)) + "\n" for run in found)
        return status.FINISHED
    if not found:
        sys.stdout.write(f"There are no runs in {one_line(str(root))}.\n")
        return status.FINISHED
    rows = [TITLES, *map(_cells, found)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]) - 1)]
    for *cells, folder in rows:
        padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=True)]
        sys.stdout.write("  ".join([*padded, folder]) + "\n")
    return status.FINISHED


def _cells(run: RunSummary) -> tuple[str, ...]:
    done = run.ok + run.failed
    readable = run.state != "unreadable"
    return (
        datetime.fromtimestamp(run.started).strftime("%Y-%m-%d %H:%M:%S") if run.started is not None else "",
        "paused" if run.paused else run.state,
        _tasks(done, run.total) if readable else "",
        f"{run.failed:,}" if run.failed else "",
        duration(run.seconds) if run.seconds is not None else "",
        size(run.size),
        f"* {run.name}" if run.pinned else run.name,
        f"{Path(run.file).name}:{run.function}" if run.file else run.function,
        run.inputs,
        one_line(str(run.folder)),
    )


def _tasks(done: int, total: int | None) -> str:
    return f"{done:,}" if total in (None, done) else f"{done:,} of {total:,}"


def _as_json(run: RunSummary) -> dict[str, object]:
    return {
        "folder": str(run.folder),
        "name": run.name,
        "state": run.state,
        "started": iso(run.started),
        "total": run.total,
        "ok": run.ok,
        "failed": run.failed,
        "paused": run.paused,
        "function": run.function,
        "file": run.file,
        "inputs": run.inputs,
        "mode": run.mode,
        "seconds": run.seconds,
        "size": run.size,
        "pinned": run.pinned,
        "note": run.note,
    }
