"""`poolhouse export`: the tasks of a run as CSV, JSON lines or Parquet."""

from __future__ import annotations

import argparse
import sqlite3

from engine.cli import status
from engine.cli.status import complain
from engine.job import JobError
from engine.runs import UnreadableRun, open_run
from engine.runs.export import FORMATS, ExportError, write


def export(options: argparse.Namespace) -> int:
    """Write the records of a run to a file or the terminal."""
    ending = options.output.suffix.lstrip(".") if options.output else ""
    kind = options.format or (ending if ending in FORMATS else "csv")
    try:
        with open_run(options.folder) as run:
            write(run, kind, options.output)
    except (UnreadableRun, ExportError, JobError, sqlite3.Error) as error:
        complain(str(error))
        return status.NOT_VALID
    except BrokenPipeError:
        raise
    except OSError as error:
        complain(f"{options.output or 'The output'} cannot be written: {error}.")
        return status.NOT_VALID
    return status.FINISHED
