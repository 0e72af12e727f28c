"""What ends a run before its end."""

from __future__ import annotations


class BrokenRun(Exception):
    """The run cannot go on. `key` is the field of the job at fault, `details` a traceback or empty."""

    def __init__(self, reason: str, key: str = "", details: str = "") -> None:
        super().__init__(reason)
        self.key = key
        self.details = details
