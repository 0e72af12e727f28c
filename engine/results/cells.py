"""A row of results as texts, unabridged, as it is copied."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from engine.runs import Batch


def seconds(start: float, end: float) -> str:
    """How long a task ran, in seconds and nothing else: for a table of numbers."""
    return f"{max(end - start, 0.0):.6f}" if start and end else ""


def date_and_clock(time: float) -> str:
    """Local date and time, to the millisecond."""
    return datetime.fromtimestamp(time).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] if time else ""


def lines(batch: Batch) -> Iterator[str]:
    """Each task as a line: index, input, status, result, seconds, worker and start, tabs between them."""
    worker = str(batch.worker)
    columns = zip(batch.inputs, batch.statuses, batch.values, batch.starts, batch.ends, strict=True)
    for index, (shown, status, value, start, end) in enumerate(columns, batch.first):
        cells = (str(index), shown, status, value, seconds(start, end), worker, date_and_clock(start))
        yield "\t".join(map(_on_one_line, cells))


def _on_one_line(text: str) -> str:
    return text.replace("\t", " ").replace("\r", " ").replace("\n", " ")
