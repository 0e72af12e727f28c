"""`poolhouse runs`: the runs that are kept, the newest first."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime

from engine.cli import status
from engine.cli.show import iso
from engine.cli.status import complain
from engine.query import answer
from engine.query.listing import ListRuns
from engine.runs import RunSummary, runs_root


def runs(options: argparse.Namespace) -> int:
    """List the runs."""
    root = runs_root(options.runs)
    if options.runs is not None and not root.is_dir():
        complain(f"There is no folder {root}.")
        return status.NOT_VALID
    found = answer(ListRuns(root)).runs
    if options.format == "jsonl":
        sys.stdout.writelines(json.dumps(_as_json(run)) + "\n" for run in found)
        return status.FINISHED
    if not found:
        sys.stdout.write(f"There are no runs in {root}.\n")
        return status.FINISHED
    rows = [("STARTED", "STATE", "TASKS", "FAILED", "NAME", "FOLDER"), *map(_cells, found)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]) - 1)]
    for *cells, folder in rows:
        padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=True)]
        sys.stdout.write("  ".join([*padded, folder]) + "\n")
    return status.FINISHED


def _cells(run: RunSummary) -> tuple[str, ...]:
    done = run.ok + run.failed
    return (
        datetime.fromtimestamp(run.started).strftime("%Y-%m-%d %H:%M:%S") if run.started else "",
        "paused" if run.paused else run.state,
        f"{done:,}" if run.total in (None, done) else f"{done:,} of {run.total:,}",
        f"{run.failed:,}" if run.failed else "",
        run.name,
        str(run.folder),
    )


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
    }
