"""`poolhouse export`: the tasks of a run as CSV, JSON lines, Parquet or a trace."""

from __future__ import annotations

import argparse
import sqlite3
from collections import deque
from pathlib import Path

from engine.cli import status
from engine.cli.status import complain
from engine.job import JobError
from engine.results.conditions import ConditionError, conditions_of
from engine.results.export import ENDINGS, Choice, ExportError, write
from engine.runs import UnreadableRun, open_run


def export(options: argparse.Namespace) -> int:
    """Write the records of a run to a file or to the terminal."""
    output: Path | None = options.output
    try:
        choice = Choice(
            options.format or ENDINGS.get(output.suffix if output else "", "csv"),
            conditions_of(options.where),
            options.sort or "",
            -1 if options.limit is None else options.limit,
            options.spread,
        )
        with open_run(options.folder) as run:
            deque(write(run, choice, output), maxlen=0)
    except (UnreadableRun, ExportError, ConditionError, JobError, sqlite3.Error) as error:
        complain(str(error))
        return status.NOT_VALID
    except BrokenPipeError:
        raise
    except OSError as error:
        complain(f"{output or 'The output'} cannot be written: {error.strerror or error}.")
        return status.NOT_VALID
    return status.FINISHED
