"""The errors that end a run early."""

from __future__ import annotations

import errno

SHORT = (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE)
"""Errors at the start of a program that say what the system lacks, and nothing about the program."""


class BrokenRun(Exception):
    """The run cannot continue. `key` is the faulty field of the job, `details` a traceback or empty."""

    def __init__(self, reason: str, key: str = "", details: str = "") -> None:
        super().__init__(reason)
        self.key = key
        self.details = details
