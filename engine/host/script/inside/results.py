"""Results as they arrive in main: opened, or kept in a file until an iterator of `imap` gives them."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import os
import pickle
import tempfile
import threading
from collections import deque
from contextlib import suppress

from ...record import pieces, schema
from ...record.wire import unpacked
from ...typed import Any, Callable, NamedTuple
from .. import messages
from . import state
from .files import keep_high

CODES = {messages.INTS: "q", messages.SHORT_INTS: "i", messages.FLOATS: "d"}
SMALL = frozenset([int, float, bool, type(None)])
"""Types of payloads that are never worth keeping."""
LARGE = 512
"""Results of fewer bytes than this are opened as they arrive."""
MOST_BYTES = 16 << 20
"""The most bytes of unread results that stay in memory."""

Refusal = Callable[[str], Exception]
Part = tuple[int, int, str, Any]
"""Where it begins in its unit, how many tasks it has, and form and payload as in `messages.RESULTS`."""


def opened(ok: bool, parts: list[Part], refusal: Refusal) -> tuple[bool, Any]:
    """The result of a unit, in the form of `multiprocessing.pool`. Raises what unpickling raises."""
    if len(parts) == 1:
        _, many, form, payload = parts[0]
        if form == messages.REFUSED:
            return False, refusal(payload)
        return ok, _value(form, many, payload)
    values: list[Any] = []
    for _, many, form, payload in parts:
        values += _value(form, many, payload)
    return True, values


def _value(form: str, many: int, payload: Any) -> Any:
    if form == messages.VALUE:
        return payload
    if form == messages.PICKLE:
        return pickle.loads(_data(payload))
    if form == messages.NOTHING:
        return [None] * many
    data = _data(payload)
    return pieces.own_items(data) if form == messages.COLUMN else unpacked(CODES[form], data).tolist()


def _data(payload: Any) -> bytes:
    """Bytes, or the content at their location in `objects/`."""
    if isinstance(payload, bytes):
        return payload
    name, begin, size = payload.split(":") if isinstance(payload, str) else payload
    with open(os.path.join(state.host().folder, schema.OBJECTS, name), "rb") as file:
        file.seek(int(begin))
        return file.read(int(size))


class Stored(NamedTuple):
    """Where a payload is in the file."""

    begin: int
    size: int


class Unread:
    """Large results of a pool that its script has not read, in memory or in a file of the run folder."""

    def __init__(self, refusal: Refusal) -> None:
        self._refusal = refusal
        self._changing = threading.Lock()
        self._bytes = 0
        """In memory."""
        self._fd = -1
        self._stored = 0
        """How many payloads the file has that are still to be read; at none, it begins from the start."""
        self._end = 0
        self._pid = os.getpid()

    def keep(self, ok: bool, parts: list[Part]) -> Late | None:
        """Keep a result until it is read; None if it is small."""
        size = _size(parts[0][3]) if len(parts) == 1 else sum(_size(part[3]) for part in parts)
        if size < LARGE:
            return Late(self, 0, ok, parts) if any(map(_is_elsewhere, parts)) else None
        if self._bytes + size > MOST_BYTES:
            with suppress(OSError):  # there is no room in the run folder either
                return Late(self, 0, ok, [self._store(part) for part in parts])
        with self._changing:
            self._bytes += size
        return Late(self, size, ok, parts)

    def open(self, late: Late) -> tuple[bool, Any]:
        """A result that is read now."""
        with self._changing:
            self._bytes -= late.size
        try:
            parts = late.parts if late.size else [self._loaded(part) for part in late.parts]
            return opened(late.ok, parts, self._refusal)
        except Exception as error:  # it cannot be unpickled here
            return False, error

    def _store(self, part: Part) -> Part:
        begin, many, form, payload = part
        if not _size(payload):
            return part
        data = pickle.dumps(payload, 5)
        with self._changing:
            if self._fd < 0:
                fd, path = tempfile.mkstemp(dir=state.host().folder)
                os.unlink(path)
                self._fd = keep_high(fd)
            if os.pwrite(self._fd, data, self._end) < len(data):
                raise OSError("the file system is full")
            stored = Stored(self._end, len(data))
            self._end += len(data)
            self._stored += 1
        return begin, many, form, stored

    def _loaded(self, part: Part) -> Part:
        begin, many, form, stored = part
        if type(stored) is not Stored:
            return part
        data = os.pread(self._fd, stored.size, stored.begin)
        with self._changing:
            self._stored -= 1
            if not self._stored and os.getpid() == self._pid:  # a fork has the same file
                os.ftruncate(self._fd, 0)
                self._end = 0
        return begin, many, form, pickle.loads(data)

    def __del__(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)


class Late(NamedTuple):
    """A result that has not been read. `size` is how many bytes of it are in memory."""

    unread: Unread
    size: int
    ok: bool
    parts: list[Part]


class Backlog(deque[Any]):
    """The items that an iterator of `imap` has: opened when the script reads them."""

    def popleft(self) -> Any:
        item = super().popleft()
        return item.unread.open(item) if type(item) is Late else item


def _is_elsewhere(part: Part) -> bool:
    """Whether its payload is a location in `objects/`."""
    _, _, form, payload = part
    return type(payload) is tuple or (type(payload) is str and form not in (messages.VALUE, messages.REFUSED))


def _size(payload: Any) -> int:
    """About how many bytes of memory a payload takes, if these are worth storing."""
    if type(payload) is bytes or type(payload) is str:
        return len(payload)
    if type(payload) is list:
        return sum(len(item) for item in payload if type(item) is str)  # pyright: ignore
    return 0
