"""How values of a run read on screen: times, statuses, texts of one line."""

from __future__ import annotations

from datetime import datetime

LINE = 400
"""Characters of a cell that are worth laying out; the rest is in the details."""

STATUSES = {
    "ok": "OK",
    "error": "Error",
    "timeout": "Timed out",
    "died": "Worker died",
    "memory": "Out of memory",
    "unpicklable": "Not picklable",
    "cancelled": "Cancelled",
    "missing": "Missing",
}


def status(name: str) -> str:
    """The word for a task's status."""
    return STATUSES.get(name, name)


def one_line(text: str) -> str:
    """A text as one line that a cell can hold."""
    return text[:LINE].replace("\r\n", "\n").replace("\n", " ↵ ").replace("\t", " ")


def seconds(start: float, end: float) -> str:
    """How long a task ran; with a fixed number of decimals, so that a column of them lines up."""
    return f"{max(end - start, 0.0):.6f}" if start and end else ""


def clock(time: float) -> str:
    """The local time of day."""
    return datetime.fromtimestamp(time).strftime("%H:%M:%S") if time else ""


def date_and_clock(time: float) -> str:
    """Local date and time, to the millisecond."""
    return datetime.fromtimestamp(time).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] if time else ""


def cause(error: object) -> str:
    """Why something could not be read, without the number and the path that the caller names itself."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
