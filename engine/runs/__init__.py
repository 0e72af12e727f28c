"""Run folders: where they are, what they contain, and how to read them without running anything."""

from __future__ import annotations

from engine.host.record.schema import APPLICATION_ID, DB, JOB, LOG, OUTPUT, STDIN_FILE
from engine.host.record.stored import Stored
from engine.places import runs_root
from engine.runs.batch import Batch, BatchRef
from engine.runs.database import UnreadableRun
from engine.runs.facts import RunFacts
from engine.runs.failures import Failure
from engine.runs.folder import Target, amend, create, identify, same_code
from engine.runs.labels import LABEL, Label, read_label, write_label
from engine.runs.listing import RunSummary, list_runs, summarize
from engine.runs.printed import Printed, output_files
from engine.runs.reader import RunReader, open_run
from engine.runs.stand import Stand, stand
from engine.runs.workers import WorkerRecord

__all__ = [
    "APPLICATION_ID",
    "DB",
    "JOB",
    "LABEL",
    "LOG",
    "OUTPUT",
    "STDIN_FILE",
    "Batch",
    "BatchRef",
    "Failure",
    "Label",
    "Printed",
    "RunFacts",
    "RunReader",
    "RunSummary",
    "Stand",
    "Stored",
    "Target",
    "UnreadableRun",
    "WorkerRecord",
    "amend",
    "create",
    "identify",
    "list_runs",
    "open_run",
    "output_files",
    "read_label",
    "runs_root",
    "same_code",
    "stand",
    "summarize",
    "write_label",
]
