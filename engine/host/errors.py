"""Errors that name the field of the job at fault, those that end a run early, and what the system may lack."""

from __future__ import annotations

import errno

SHORT = (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE)
"""Errors at the start of a program that say what the system lacks, and nothing about the program."""


class FieldError(Exception):
    """For the user: the reason, the faulty field of the job (or empty), and a traceback (or empty)."""

    def __init__(self, reason: str, key: str = "", details: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.key = key
        self.details = details


class BrokenRun(FieldError):
    """The run cannot continue."""
