"""Names of columns and statuses."""

from __future__ import annotations

from engine.host.record import schema

ENDED = schema.STATUSES
"""Statuses of finished tasks."""
FAILURES = ENDED[1:]
UNENDED = (schema.CANCELLED, schema.MISSING, schema.RUNNING, schema.WAITING)
"""Statuses of unfinished tasks: the last two during a run, the others after it."""
STATUSES = (*ENDED, *UNENDED)
CANCELLED, MISSING, RUNNING, WAITING = range(len(ENDED), len(STATUSES))
NUMBERS = ("index", "seconds", "worker", "attempts", "started", "stage")
"""Columns of numbers."""
COLUMNS = ("index", "input", "status", "value", "error", "seconds", "worker", "attempts", "started", "stage")
SPREAD = ("input", "value")
"""Columns whose values can have fields, as in `value.score`."""
STAGE = "stage"
"""The column of what a script called, and the key of its text."""
