"""Times of a task as texts, for copying."""

from __future__ import annotations

from datetime import datetime


def seconds(start: float, end: float) -> str:
    """A duration in seconds, as a plain number for tables."""
    return f"{max(end - start, 0.0):.6f}" if start and end else ""


def date_and_clock(time: float) -> str:
    """Local date and time, to the millisecond."""
    return datetime.fromtimestamp(time).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] if time else ""
