"""Rows of run.db made by hand, for tests."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

from engine.host.record.rows import Row, Times, pack
from engine.host.record.values import Values, is_scalar


def row(
    first: int,
    values: Sequence[Any],
    statuses: bytes | None = None,
    *,
    starts: Sequence[float] | None = None,
    seconds: float = 0.25,
    log: Sequence[int] = (),
    stride: int = 1,
) -> Row:
    """The row of tasks that returned `values`; without `starts`, one began each second."""
    kept = Values()
    for value in values:
        kept.items.append(value if is_scalar(value) else kept.encode(value))
    entries = len(values) // stride
    begins = [1000.0 + first + at * stride for at in range(entries)] if starts is None else list(starts)
    times = Times(stride, begins, array("f", [seconds]) * entries, max(begins) + seconds * stride)
    failed = statuses if statuses and any(statuses) else None
    return pack(first, failed, times, kept.columns(), array("q", log))
