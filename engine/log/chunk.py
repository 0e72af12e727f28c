"""The index data of a block of lines: a packed byte per line, and the span of its times."""

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
    """The time span in microseconds; `NO_TIME` if there is none."""
    last_time: int
    """The last known time up to its end."""
    continues: bool
    """Whether its first line continues the record above."""
    hides: bool
    """Whether it has NULs or escape sequences, which are not shown and may stand inside a text."""

    @property
    def starts(self) -> int:
        """The number of records that start in it."""
        return sum(self.by_level)


def packed(codes: NDArray[np.uint8]) -> bytes:
    """Codes in packed form."""
    return zlib.compress(codes.tobytes(), 1)


@lru_cache(maxsize=64)
def unpacked(kept: bytes) -> bytes:
    """The codes again, one byte per line."""
    return zlib.decompress(kept)
