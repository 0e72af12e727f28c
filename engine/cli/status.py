"""Exit statuses, and error messages."""

from __future__ import annotations

import sys

FINISHED = 0
"""Every task has a result."""
SOME_FAILED = 1
NOT_VALID = 2
"""The job is not valid, or its function or inputs cannot be loaded: nothing ran."""
STOPPED = 3
"""The run was stopped, or broke, before its end."""


def complain(message: str) -> None:
    """Print an error on stderr."""
    print(f"poolhouse: {message}", file=sys.stderr)
