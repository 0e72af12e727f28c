"""What the benchmarks of large values pass around: bytes and arrays, each newly made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np


def make(kind: str, size: int, index: int) -> Any:
    """A value of `size` bytes that differs from all others."""
    array = np.full(size // 8, index, dtype=np.int64)
    return array if kind == "numpy" else array.tobytes()


def give(index: int, kind: str, size: int) -> Any:
    """A task with a large result."""
    return make(kind, size, index)


def take(value: Any) -> int:
    """A task with a large input."""
    return len(value)


def inputs(count: int, kind: str, size: int) -> Iterator[Any]:
    """Large inputs, one at a time."""
    return (make(kind, size, index) for index in range(count))


def numbers(count: int) -> Iterator[int]:
    """Small inputs, one at a time."""
    return iter(range(count))
