"""What travels between host and workers, and the packed columns it becomes in run.db."""

from __future__ import annotations

import marshal
import pickle
import sys
from array import array
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any, NamedTuple, cast

READY = "ready"
"""(READY, *lines): the function is loaded; log lines held back, where a server did it for all workers."""
REFUSED = "refused"
"""(REFUSED, key, message, traceback): the function cannot be loaded; `key` is the field of the job."""
UNFIT = "unfit"
"""(UNFIT, reason): the function is loaded, but in a process that must not be copied."""
RESULTS = "results"
"""(RESULTS, failures, file, *Results): tasks that ended; `file` has their large results, if there are any."""
RETURNED = "returned"
"""(RETURNED, number): the tasks of this batch that have no result yet were called back, and are not run."""
LEAVING = "leaving"
"""(LEAVING, bytes): a worker goes; so much memory it held at most, None where the system does not say."""
INPUTS = "inputs"
"""(INPUTS, last, total, file, bytes, *packs): whether they are the last; how many there are in all, where
that is known; file of the large ones, if any; size of all. Each pack is its count, column and objects."""

LONG = 1 << 15
"""Longer parts of a message travel by themselves, which spares two copies of them."""


class Failed(NamedTuple):
    """A task that the worker saw fail."""

    task: int
    status: int
    message: str
    traceback: str
    time: float


class Results(NamedTuple):
    """Outcomes of so many `tasks` from index `first` on, as the columns of run.db's table `batch`."""

    first: int
    tasks: int
    statuses: bytes
    stride: int
    """So many tasks share an entry of `starts` and `ends`."""
    starts: bytes
    ends: bytes
    vals: bytes | str
    opaque: bytes | None
    objects: bytes | str | None


def pack_batch(first: int, items: Sequence[Any], number: int) -> list[bytes]:
    """A batch as the messages that give it to a worker."""
    long: list[bytes] = []

    def keep(buffer: pickle.PickleBuffer) -> bool:
        part = cast("bytes", buffer.raw().obj)
        if len(part) > LONG:
            long.append(part)
        return len(part) <= LONG

    return [pickle.dumps((first, items, number), 5, buffer_callback=keep), *long]


def receive_batch(conn: Connection) -> tuple[int, Sequence[Any], int] | None:
    """The first index, the inputs and the number of the next batch; None where the worker is to go."""
    message = conn.recv_bytes()
    return pickle.loads(message, buffers=iter(conn.recv_bytes, None)) if message else None


def send(conn: Connection, *message: Any) -> None:
    """Send a message. Marshal: reading it runs nothing."""
    long = [part for part in message if type(part) is bytes and len(part) > LONG]
    if long:
        message = tuple(... if type(part) is bytes and len(part) > LONG else part for part in message)
    conn.send_bytes(marshal.dumps(message))
    for part in long:
        conn.send_bytes(part)


def receive(conn: Connection) -> list[Any]:
    """The next message that was given to `send`."""
    message = marshal.loads(conn.recv_bytes())
    return [conn.recv_bytes() if part is ... else part for part in message]


def packed(values: array[Any]) -> bytes:
    """The array's items as little-endian bytes."""
    if sys.byteorder == "big":
        values = values[:]
        values.byteswap()
    return values.tobytes()


def unpacked(code: str, data: bytes) -> array[Any]:
    """Little-endian bytes as an array of type `code`."""
    values: array[Any] = array(code)
    values.frombytes(data)
    if sys.byteorder == "big":
        values.byteswap()
    return values
