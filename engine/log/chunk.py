"""What is kept of a block of lines: a byte a line, packed, and the span of its times."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NO_TIME = -(1 << 63)


@dataclass(slots=True)
class Chunk:
    """The lines of one block."""

    offset: int
    end: int
    first: int
    count: int
    records: int
    """Records that start before its first line."""
    packed: bytes
    by_level: tuple[int, ...]
    earliest: int
    latest: int
    """The span of the times in it, in microseconds; `NO_TIME` if it has none."""
    last_time: int
    """The time of the last record up to its end that has one."""

    @property
    def starts(self) -> int:
        """Records that start in it."""
        return sum(self.by_level)


def packed(codes: NDArray[np.uint8]) -> bytes:
    """Codes as they are kept."""
    return zlib.compress(codes.tobytes(), 1)


@lru_cache(maxsize=64)
def unpacked(kept: bytes) -> bytes:
    """The codes again, a byte each."""
    return zlib.decompress(kept)
