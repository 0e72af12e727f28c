"""The picture that a task returned or got: bytes of an image file, or what its worker made of an object.

Nothing is decoded here.
"""

from __future__ import annotations

from engine.host.record import previews
from engine.host.record.objects import opened
from engine.query.parts import Kept, Parts
from engine.results.names import STATUSES
from engine.runs import UnreadableRun

BEGINNINGS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM")
"""The first bytes of PNG, JPEG, GIF and BMP."""
MOST = 16 << 20
"""The largest picture that is shown, in bytes."""


def picture_of(parts: Parts, argument: Kept, value: Kept) -> bytes:
    """The image file that is the value of a task, or else its input; empty if neither is one."""
    if value.kind == "long" and _may_be_long(parts, value):
        try:
            value = Parts(parts.run, parts.task, whole=True).value()
        except (OSError, UnreadableRun):
            return b""
    for kept in (value, argument):
        if kept.kind == "bytes" and len(kept.value) <= MOST and kept.value.startswith(BEGINNINGS):
            return kept.value
    return _made(parts) if value.kind in ("display", "long") else b""


def _made(parts: Parts) -> bytes:
    """The picture that the worker made of an object. Anything else in its place is ignored."""
    folder = parts.run.folder / previews.FOLDER
    try:
        with opened(str(folder), (previews.name_of(parts.task), 0, 0)) as file:
            data = file.read(previews.MOST_BYTES + 1)
    except OSError:
        return b""
    return data if len(data) <= previews.MOST_BYTES and data.startswith(BEGINNINGS[0]) else b""


def _may_be_long(parts: Parts, value: Kept) -> bool:
    """Whether a value that was not read is a picture, by the beginning of its text."""
    if parts.row is None or STATUSES[parts.status or 0] != "ok":
        return False
    size = parts.run.pickle_size(parts.row, parts.place)
    beginnings = tuple(repr(beginning)[:-1] for beginning in BEGINNINGS)
    return size is not None and size <= MOST and str(value.value).startswith(beginnings)
