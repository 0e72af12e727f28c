"""Pipes that never block, and waiting for many of them: Linux, macOS and the like."""

from __future__ import annotations

import os
import selectors
import struct
import sys
from collections import deque
from collections.abc import Iterable
from multiprocessing.connection import Connection

from ..typed import Any, Callable, NamedTuple

assert sys.platform != "win32"

CHUNK = 1 << 16
"""Bytes that are read at a time; a longer message is read straight into its buffer."""
MOST_READS = 64
"""The most reads from one pipe before the others get their turn."""
MOST_PARTS = 64
"""Parts that one call writes; systems accept about 1,000."""
LONGEST = 0x7FFFFFFF
"""A longer message has its length in 8 bytes, after a length of -1."""


class Selector:
    """Calls the listener of whatever can be read. Each source is registered once."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()

    def add(self, source: Any, heard: Callable[[], object]) -> None:
        """Call `heard` whenever `source`, a descriptor or what has one, can be read."""
        self._selector.register(source, selectors.EVENT_READ, _Heard(heard))

    def add_channel(self, channel: Channel) -> None:
        """Serve a channel, which says by `want_to_write` what it waits for."""
        self._selector.register(channel, selectors.EVENT_READ, channel.on_events)

    def want_to_write(self, channel: Channel, wanted: bool) -> None:
        events = selectors.EVENT_READ | selectors.EVENT_WRITE if wanted else selectors.EVENT_READ
        self._selector.modify(channel, events, channel.on_events)

    def remove(self, source: Any) -> None:
        """Stop listening; call this before the source is closed."""
        self._selector.unregister(source)

    def wait(self, timeout: float | None) -> None:
        """Serve whatever is ready, as soon as anything is, or return after `timeout` seconds."""
        for key, events in self._selector.select(timeout):
            if self._selector.get_map().get(key.fd) is key:  # unless one served earlier has removed it
                key.data(events)


class _Heard(NamedTuple):
    """Calls a listener that ignores the kind of event."""

    heard: Callable[[], object]

    def __call__(self, _events: int) -> None:
        self.heard()


class Channel:
    """One end of a duplex pipe whose other end is a `Connection`: neither reading nor writing ever blocks.

    `heard` is called when there may be something for `receive`. What the pipe does not take at once waits in
    `_out` and is written when it does.
    """

    def __init__(self, conn: Connection, selector: Selector, heard: Callable[[], object]) -> None:
        self._fd = os.dup(conn.fileno())
        conn.close()
        os.set_blocking(self._fd, False)
        self._selector = selector
        self._heard = heard
        self._in = bytearray()
        """Bytes of incomplete messages."""
        self._body: memoryview | None = None
        """The buffer of a long message that is being read,"""
        self._filled = 0
        """and how much of it is there."""
        self._out: deque[memoryview] = deque()
        self.pending = 0
        """Bytes in `_out`."""
        self.closed = False
        """Whether the other end is gone: nothing more arrives or is sent."""
        selector.add_channel(self)

    def fileno(self) -> int:
        return self._fd

    def on_events(self, events: int) -> None:
        """Called by the selector."""
        if events & selectors.EVENT_WRITE:
            self._flush()
        if events & selectors.EVENT_READ and self._fd >= 0:
            self._heard()

    def send(self, messages: Iterable[bytes]) -> None:
        """Send messages, each complete, as soon as the other end takes them."""
        if self.closed:
            return
        before = self.pending
        for message in messages:
            self._put(_header(len(message)))
            if message:
                self._put(message)
        if not before:
            self._flush()

    def _put(self, data: bytes) -> None:
        self._out.append(memoryview(data))
        self.pending += len(data)

    def _flush(self) -> None:
        waited = self.pending > 0 and self._waits
        while self._out:
            parts = [self._out[i] for i in range(min(len(self._out), MOST_PARTS))]
            try:
                written = os.writev(self._fd, parts)
            except BlockingIOError:
                break
            except OSError:  # the other end is gone, which reading reports
                self._out.clear()
                self.pending = 0
                break
            self._written(written)
        if bool(self._out) != waited:
            self._waits = bool(self._out)
            self._selector.want_to_write(self, self._waits)

    _waits = False
    """Whether the selector was asked to report when the pipe takes more."""

    def _written(self, size: int) -> None:
        self.pending -= size
        while size:
            first = self._out[0]
            if size < len(first):
                self._out[0] = first[size:]
                return
            size -= len(first)
            self._out.popleft()

    def receive(self) -> list[bytes]:
        """The complete messages that are there. Sets `closed` once no more can come."""
        messages: list[bytes] = []
        for _ in range(0 if self.closed else MOST_READS):
            try:
                if self._body is None:
                    data = os.read(self._fd, CHUNK)
                    size = len(data)
                    self._in += data
                else:
                    size = os.readv(self._fd, [self._body[self._filled :]])
                    self._filled += size
            except BlockingIOError:
                break
            except OSError:
                size = 0
            if not size:
                self._end()
                break
            self._take(messages)
            if size < CHUNK and self._body is None:
                break  # the pipe is empty; if more arrives, the selector reports it
        return messages

    def _take(self, messages: list[bytes]) -> None:
        """Move complete messages from `_in` and `_body` to `messages`."""
        if self._body is not None:
            if self._filled < len(self._body):
                return
            messages.append(bytes(self._body))
            self._body = None
        position, have = 0, len(self._in)
        while have - position >= 4:
            (length,) = struct.unpack_from("!i", self._in, position)
            begin = position + 4
            if length == -1:
                if have - begin < 8:
                    break
                (length,) = struct.unpack_from("!Q", self._in, begin)
                begin += 8
            if have - begin < length:
                if length > CHUNK:
                    self._body = memoryview(bytearray(length))
                    self._filled = have - begin
                    self._body[: self._filled] = self._in[begin:]
                    position = have
                break
            messages.append(bytes(self._in[begin : begin + length]))
            position = begin + length
        del self._in[:position]

    def _end(self) -> None:
        self.closed = True
        self._out.clear()
        self.pending = 0
        self._selector.remove(self)

    def close(self) -> None:
        """Close the pipe; unsent data is lost."""
        if self._fd < 0:
            return
        if not self.closed:
            self._end()
        os.close(self._fd)
        self._fd = -1


def _header(length: int) -> bytes:
    return struct.pack("!i", length) if length <= LONGEST else struct.pack("!iQ", -1, length)
