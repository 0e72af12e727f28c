"""Errors that name the field of the job at fault, and those that end a run early."""

from __future__ import annotations


class FieldError(Exception):
    """For the user: the reason, the faulty field of the job (or empty), and a traceback (or empty)."""

    def __init__(self, reason: str, key: str = "", details: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.key = key
        self.details = details


class BrokenRun(FieldError):
    """The run cannot continue."""
