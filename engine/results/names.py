"""What columns and statuses are called."""

from __future__ import annotations

from engine.host.record import schema

ENDED = schema.STATUSES
"""Statuses of tasks that have an outcome."""
FAILURES = ENDED[1:]
UNENDED = (schema.CANCELLED, schema.MISSING, schema.RUNNING, schema.WAITING)
"""Of tasks that have none: the last two while the run goes on, the others if it does not."""
STATUSES = (*ENDED, *UNENDED)
CANCELLED, MISSING, RUNNING, WAITING = range(len(ENDED), len(STATUSES))
NUMBERS = ("index", "seconds", "worker", "attempts", "started", "stage")
"""Columns of numbers."""
COLUMNS = ("index", "input", "status", "value", "error", "seconds", "worker", "attempts", "started", "stage")
SPREAD = ("input", "value")
"""Columns whose values may have fields, as in `value.score`."""
