"""What a run.db raises if a part of it is damaged or missing, turned into one error."""

from __future__ import annotations

import pickle
from collections.abc import Generator
from contextlib import contextmanager

from engine.runs.database import UnreadableRun

DAMAGED = (
    OSError,
    pickle.UnpicklingError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    OverflowError,
)
"""What a damaged column or a missing file raises."""


@contextmanager
def whole() -> Generator[None, None, None]:
    """Raises `UnreadableRun` if a column is damaged or its file is missing."""
    try:
        yield
    except DAMAGED as error:
        raise unreadable(error) from error


def unreadable(error: Exception) -> UnreadableRun:
    """The error that the user sees."""
    what = "missing" if isinstance(error, OSError) else "damaged"
    return UnreadableRun(f"A part of the run is {what}: {error}")
