"""`poolhouse debug`: one task of a run under Python's debugger."""

from __future__ import annotations

import argparse
import sqlite3

from engine.cli import status
from engine.cli.status import complain
from engine.job import JobError
from engine.launch.debug import debug_task
from engine.launch.script import SCRIPT
from engine.query.parts import Parts
from engine.runs import RunReader, UnreadableRun, open_run


def debug(options: argparse.Namespace) -> int:
    """Run a task in the run's interpreter, stopping at the first line of its function."""
    try:
        with open_run(options.folder) as run:
            facts, job = run.facts(), run.job
            if facts.mode == SCRIPT:
                complain("Single tasks of a script cannot be debugged: run the script under pdb.")
                return status.NOT_VALID
            if facts.total is not None and options.task >= facts.total:
                complain(f"There is no task {options.task:,}: this run has {facts.total:,}, from 0 on.")
                return status.NOT_VALID
            item = _kept_input(run, options.task)
        return debug_task(job, options.folder.absolute(), options.task, item)
    except (UnreadableRun, JobError, sqlite3.Error) as error:
        complain(str(error))
    except OSError as error:
        complain(f"The task cannot be run: {error.strerror or error}. Is the interpreter still there?")
    return status.NOT_VALID


def _kept_input(run: RunReader, task: int) -> tuple[object] | None:
    """The input of the task, if the run has it as plain data."""
    kept = Parts(run, task).input()
    return None if kept.kind in ("display", "none", "long") else (kept.value,)
