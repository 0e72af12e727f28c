r"""Columns of texts taken from their pickles as bytes, without reading these: several times quicker.

Python writes a list of short texts in one way: `\x8c`, the length in a byte, the text, `\x94`. So the places
of these are found at once, and each length must lead from one to the next: this proves that it is such a
list. Of anything else nothing is said here, and it is read in the usual way.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.results.utf8 import PADDING, Utf8

_FRAME = re.compile(rb"\x95(.{8})", re.DOTALL)
_HEADER = re.compile(rb"\x80[\x04\x05]")
_OPENING = b"]\x94("
_TEXT, _KEPT = 0x8C, 0x94
_BEFORE = np.zeros(256, np.bool_)
_BEFORE[[_KEPT, *b"(e"]] = True
"""What may stand before a text."""


def texts_in(columns: Sequence[tuple[Sequence[bytes], int]]) -> Utf8 | None:
    """The texts of columns, each as the pickles of its pieces and the number of its items.

    None if there is anything but short texts, none of which is kept by reference to another.
    """
    streams = [_without_frames(data) for pickles, _ in columns for data in pickles]
    if not streams or any(stream is None or not stream.startswith(_OPENING) for stream in streams):
        return None
    parts = [stream for stream in streams if stream is not None]
    joined = b"".join(parts)
    begins = np.cumsum([0, *map(len, parts)])
    firsts = _walked(joined, begins)
    if firsts is None:
        return None
    counts = np.diff(np.searchsorted(firsts, begins))
    pieces = np.cumsum([0, *(len(pickles) for pickles, _ in columns)])
    for (_, count), first, stop in zip(columns, pieces, pieces[1:], strict=False):
        if counts[first:stop].sum() != count:
            return None
    return _taken_out(joined, firsts)


def _without_frames(data: bytes) -> bytes | None:
    """The opcodes of a pickle; None if not all are in frames."""
    header = _HEADER.match(data)
    at = header.end() if header else len(data)
    parts: list[bytes] = []
    while frame := _FRAME.match(data, at):
        stop = frame.end() + int.from_bytes(frame.group(1), "little")
        if stop > len(data):
            return None
        parts.append(data[frame.end() : stop])
        at = stop
    return b"".join(parts) if header and at == len(data) else None


def _walked(joined: bytes, begins: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Where each text's opcode is, if nothing else is there."""
    data = np.frombuffer(joined, np.uint8)
    firsts = np.flatnonzero(data[1:] == _TEXT) + 1
    firsts = firsts[_BEFORE[data[firsts - 1]]]
    if not len(firsts) or firsts[0] != len(_OPENING) or firsts[-1] + 1 >= len(data):
        return None
    ends = firsts + 2 + data[firsts + 1]
    if ends[-1] >= len(data) or (data[np.minimum(ends, len(data) - 1)] != _KEPT).any():
        return None
    ends += 1
    piece, single = 1, -1
    ends_at: list[int] = begins.tolist()
    behind = np.append(firsts[1:], len(data))
    for at in np.flatnonzero(behind != ends).tolist():
        end = int(ends[at])
        between = joined[end : int(behind[at])]
        if single < 0 and between == b"e(":
            continue
        if single < 0 and between == b"e":
            single = at + 1
            continue
        closing = b"a." if single == at else b"e." if single < 0 else b""
        is_last = piece == len(ends_at) - 1
        if not closing or end + 2 != ends_at[piece] or between != closing + (b"" if is_last else _OPENING):
            return None
        piece, single = piece + 1, -1
    return firsts if piece == len(ends_at) else None


def _taken_out(joined: bytes, firsts: NDArray[np.int64]) -> Utf8 | None:
    data = np.frombuffer(joined + PADDING, np.uint8)
    lengths = data[firsts + 1].astype(np.int64)
    bounds = np.zeros(len(firsts) + 1, np.int64)
    np.cumsum(lengths, out=bounds[1:])
    ends = firsts + 2 + lengths
    is_text = np.ones(len(data), np.bool_)
    is_text[firsts] = is_text[firsts + 1] = is_text[ends] = False
    is_text[: len(_OPENING)] = False
    behind = np.append(firsts[1:], len(joined))
    for at in np.flatnonzero(behind != ends + 1).tolist():
        is_text[int(ends[at]) : int(behind[at])] = False
    texts = data[is_text]
    together = texts.tobytes()
    if not together.isascii():
        try:
            together.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return None
    return Utf8(texts, bounds)
