"""How values of a run read on screen: times, statuses, texts on one line."""

from __future__ import annotations

from datetime import datetime

from engine.sizes import size, three_digits

__all__ = [
    "cause", "clock", "date_and_clock", "duration", "one_line", "seconds", "size", "status", "took",
]  # fmt: skip
LINE = 400
"""Characters of a cell that are laid out; the rest is in the details."""

STATUSES = {
    "ok": "OK",
    "error": "Error",
    "timeout": "Timed out",
    "died": "Worker died",
    "memory": "Out of memory",
    "unpicklable": "Not picklable",
    "cancelled": "Cancelled",
    "missing": "Missing",
    "running": "Running",
    "waiting": "Waiting",
}


def status(name: str) -> str:
    """The word for a task's status."""
    return STATUSES.get(name, name)


def one_line(text: str) -> str:
    """A text on one line, for a cell."""
    return text[:LINE].replace("\r\n", "\n").replace("\n", " ↵ ").replace("\t", " ")


def seconds(start: float, end: float) -> str:
    """A duration in seconds, as a plain number for tables."""
    return f"{max(end - start, 0.0):.6f}" if start and end else ""


def took(start: float, end: float) -> str:
    """A duration for people to read."""
    return duration(end - start) if start and end else ""


def duration(seconds: float) -> str:
    """A duration in the unit that fits it, to three digits: the clock has a resolution of microseconds."""
    micros = round(seconds * 1e6)
    if micros < 1:
        return "< 1 µs"
    if micros < 1000:
        return f"{micros} µs"
    if micros < 999_500:
        return f"{three_digits(micros / 1e3)} ms"
    if seconds < 59.95:
        return f"{three_digits(seconds)} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def clock(time: float) -> str:
    """The local time."""
    return datetime.fromtimestamp(time).strftime("%H:%M:%S") if time else ""


def date_and_clock(time: float) -> str:
    """Local date and time, to the millisecond."""
    return datetime.fromtimestamp(time).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] if time else ""


def cause(error: object) -> str:
    """Why something could not be read, without the error number and the path, which the caller names."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
