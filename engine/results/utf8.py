"""Many texts as one array of bytes: compared, sorted and searched without a Python object for each.

UTF-8 is ordered as code points are, so bytes give the order of the texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Keys = NDArray[np.uint64]

WIDTH = 7
"""Bytes of a text in one key."""
_MORE = WIDTH + 1
"""In the last byte of a key: the text goes on behind it."""
PADDING = bytes(8)
"""Is behind the last text, so that eight bytes can be read from the end of each."""
_MASKS = np.array([-1 << 8 * (8 - min(size, WIDTH)) & (1 << 64) - 1 for size in range(_MORE + 1)], np.uint64)
_LAST = np.uint64(0xFF)


@dataclass(frozen=True)
class Utf8:
    """Texts one after the other, then `PADDING`: number `n` is `data[bounds[n]:bounds[n + 1]]`."""

    data: Bytes
    bounds: NDArray[np.integer]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Utf8:
        """Put texts together."""
        together = "".join(texts)
        if together.isascii():
            data, lengths = together.encode(), map(len, texts)
        else:
            encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
            data, lengths = b"".join(encoded), map(len, encoded)
        bounds = np.fromiter(accumulate(lengths, initial=0), np.int64, len(texts) + 1)
        return cls(np.frombuffer(data + PADDING, np.uint8), bounds)

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def encoded(self, place: int) -> bytes:
        """The bytes of one text."""
        return self.data[self.bounds[place] : self.bounds[place + 1]].tobytes()

    def texts(self) -> list[str]:
        """All of them as Python's own."""
        data, bounds = self.data.tobytes(), self.bounds.tolist()
        parts = [data[first:stop] for first, stop in pairwise(bounds)]
        return [part.decode("utf-8", "surrogatepass") for part in parts]

    def chosen(self, mask: NDArray[np.bool_]) -> Utf8:
        """Those for which `mask` is true."""
        if mask.all():
            return self
        lengths = np.diff(self.bounds)
        bounds = np.zeros(int(mask.sum()) + 1, np.int64)
        np.cumsum(lengths[mask], out=bounds[1:])
        kept = np.append(mask, True)
        return Utf8(self.data[np.repeat(kept, np.append(lengths, len(PADDING)))], bounds)

    def keys(self, places: NDArray[np.integer] | slice, depth: int) -> Keys:
        """Keys for comparing texts from byte `depth` on, which none ends before: seven bytes,
        and how many there are, or that there are more.

        If keys of two texts are equal and `go_on` is false for them, so are the texts.
        """
        starts = self.bounds[:-1][places].astype(np.int64)
        left = self.bounds[1:][places] - starts
        if depth:
            starts += depth
            left -= depth
        np.minimum(left, _MORE, out=left)
        windows = np.ndarray((len(self.data) - 7,), "<u8", self.data, strides=(1,))
        found = windows[starts].astype(np.uint64, copy=False).byteswap(inplace=True)
        found &= _MASKS[left]
        found |= left.view(np.uint64)
        return found

    def beyond(self, limit: bytes, descending: bool) -> NDArray[np.int64]:
        """The places of the texts that come before `limit` in their order."""
        limits = Utf8(np.frombuffer(limit + PADDING, np.uint8), np.array([0, len(limit)]))
        found: list[NDArray[np.int64]] = []
        tied: NDArray[np.int64] | None = None
        depth = 0
        while tied is None or len(tied):
            keys = self.keys(slice(None) if tied is None else tied, depth)
            (own,) = limits.keys(slice(None), depth)
            before = np.flatnonzero(keys > own if descending else keys < own)
            same = np.flatnonzero(keys == own) if own & _LAST == _MORE else np.empty(0, np.int64)
            found.append(before if tied is None else tied[before])
            tied = same if tied is None else tied[same]
            depth += WIDTH
        return np.sort(np.concatenate(found))

    def containing(self, wanted: str) -> NDArray[np.bool_]:
        """Which texts contain another."""
        needle = wanted.encode("utf-8", "surrogatepass")
        mask = np.zeros(len(self), np.bool_)
        if not needle:
            return ~mask
        data = self.data[: int(self.bounds[-1])]
        at = np.flatnonzero(data[: max(len(data) - len(needle) + 1, 0)] == needle[0])
        for offset, byte in enumerate(needle[1:], 1):
            at = at[data[at + offset] == byte]
        text = np.searchsorted(self.bounds, at, "right") - 1
        is_within = at + len(needle) <= self.bounds[text + 1]  # the others end in the next text
        mask[text[is_within]] = True
        return mask


def go_on(keys: Keys) -> NDArray[np.bool_]:
    """Whether texts go on behind their keys."""
    return (keys & _LAST) == _MORE
