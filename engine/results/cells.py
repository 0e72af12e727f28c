"""Times of a task as texts, as they are copied."""

from __future__ import annotations

from datetime import datetime


def seconds(start: float, end: float) -> str:
    """How long a task ran, in seconds and nothing else: for a table of numbers."""
    return f"{max(end - start, 0.0):.6f}" if start and end else ""


def date_and_clock(time: float) -> str:
    """Local date and time, to the millisecond."""
    return datetime.fromtimestamp(time).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] if time else ""
