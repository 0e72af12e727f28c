"""What columns and statuses are called."""

from __future__ import annotations

from engine.host.record import schema

STATUSES = (*schema.STATUSES, schema.CANCELLED, "missing")
"""Of tasks; the last two have no outcome."""
CANCELLED, MISSING = len(schema.STATUSES), len(schema.STATUSES) + 1
NUMBERS = ("index", "seconds", "worker", "attempts", "started", "stage")
"""Columns of numbers."""
COLUMNS = ("index", "input", "status", "value", "error", "seconds", "worker", "attempts", "started", "stage")
SPREAD = ("input", "value")
"""Columns whose values may have fields, as in `value.score`."""
