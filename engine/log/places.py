"""Finds bytes in the lines of a block, all at once by numpy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.log.lines import Positions

    Bytes = NDArray[np.uint8]
    Mask = NDArray[np.bool_]

_STEP = 1 << 17
"""Bytes that are compared at once: arrays of this size stay in the cache."""
_SAMPLE = 1 << 13
"""Bytes that show which bytes are rare."""
_FEW = 200
"""Places up to which line ends are counted between them, without finding each."""
_CASE = 0x20
"""What differs between a capital ASCII letter and a small one."""


def places_of(data: bytes, needed: bytes, *, any_case: bool = False) -> Positions:
    """Where these bytes are, in order, also where they overlap. `any_case` is about ASCII letters."""
    import numpy as np

    view = np.frombuffer(data, np.uint8)
    count = len(data) - len(needed) + 1
    if count < 1:
        return np.empty(0, np.int64)
    first, *others = _rare_first(view[:_SAMPLE], needed, any_case)
    found: list[Positions] = []
    for at in range(0, count, _STEP):
        end = min(at + _STEP, count)
        mask = _equals(view[at + first : end + first], needed[first], any_case)
        for other in others[:1]:
            mask &= _equals(view[at + other : end + other], needed[other], any_case)
        if len(here := np.flatnonzero(mask)):
            found.append(here + at)
    places = np.concatenate(found) if found else np.empty(0, np.int64)
    for other in others[1:]:
        places = places[_equals(view[places + other], needed[other], any_case)]
    return places


def _rare_first(sample: Bytes, needed: bytes, any_case: bool) -> list[int]:
    """The positions in the needed bytes, those of rare bytes first."""
    import numpy as np

    counts = np.bincount(sample, minlength=256)
    if any_case:
        for small in b"abcdefghijklmnopqrstuvwxyz":
            counts[small] = counts[small - _CASE] = counts[small] + counts[small - _CASE]
    return sorted(range(len(needed)), key=lambda n: int(counts[needed[n]]))


def _equals(values: Bytes, byte: int, any_case: bool) -> Mask:
    if any_case and bytes([byte]).isalpha():
        return (values | _CASE) == byte | _CASE
    return values == byte


def in_words(data: bytes, places: Positions, size: int) -> tuple[Mask, Mask]:
    """Which of the places have no letter, digit or underscore beside them, and which of the others may
    have none: a byte that is not ASCII stands there."""
    import numpy as np

    view = np.frombuffer(data, np.uint8)
    kinds = np.concatenate([_kinds(), np.zeros(1, np.uint8)])
    before = np.where(places > 0, view[places - 1], 256)
    after = np.where(places + size < len(view), view[np.minimum(places + size, len(view) - 1)], 256)
    kind = kinds[before.astype(np.int64)] | kinds[after.astype(np.int64)]
    return kind == 0, (kind & _LETTER == 0) & (kind != 0)


_LETTER, _UNSURE = 1, 2


def _kinds() -> Bytes:
    """For each byte, whether it is part of a word. Encodings differ in what is behind some ASCII, too."""
    import numpy as np

    kinds = np.zeros(256, np.uint8)
    kinds[0x80:] = _UNSURE
    kinds[list(b"\\~")] = _UNSURE
    letters = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
    kinds[list(letters)] = _LETTER
    return kinds


def lines_of(data: bytes, places: Positions) -> Positions:
    """The index of the line of each place; places are in order."""
    import numpy as np

    if not len(places):
        return places
    if len(places) <= _FEW:
        spans = zip([0, *places.tolist()], places.tolist(), strict=False)
        return np.cumsum([data.count(b"\n", begin, end) for begin, end in spans])
    return np.searchsorted(places_of(data, b"\n"), places)


def first_of_each(lines: Positions) -> Mask:
    """Which of the ordered lines are not the same as the one before."""
    import numpy as np

    return np.diff(lines, prepend=-1) > 0


def as_positions(numbers: list[int]) -> Positions:
    import numpy as np

    return np.array(numbers, np.int64)


def merged(parts: Sequence[Positions]) -> Positions:
    """Several ordered positions as one."""
    import numpy as np

    return parts[0] if len(parts) == 1 else np.sort(np.concatenate(parts))
