"""What travels between host and workers, and the packed columns it becomes in run.db."""

from __future__ import annotations

import io
import marshal
import pickle
import struct
import sys
from array import array
from collections.abc import Sequence
from typing import Any, NamedTuple

READY = "ready"
"""(READY,): the function is loaded."""
REFUSED = "refused"
"""(REFUSED, key, message, traceback): the function cannot be loaded; `key` is the field of the job."""
RESULTS = "results"
"""(RESULTS, *Results): tasks that ended."""

LEAVING = "leaving"
"""(LEAVING, bytes): a worker goes; so much memory it held at most, None where the system does not say."""
INPUTS = "inputs"
"""(INPUTS, vals, opaque, objects, last, total): inputs, encoded as results are, but plain data as it is;
whether they are the last; how many there are in all, where that is known."""


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
    vals: bytes
    opaque: bytes | None
    objects: bytes | None


_BATCH = struct.Struct("<q?")
"""Before the pickled inputs of a batch: index of its first task, and whether it is to be run exactly."""


def pack_batch(first: int, exact: bool, items: Sequence[Any]) -> bytes:
    """A batch as the message that gives it to a worker."""
    return _BATCH.pack(first, exact) + pickle.dumps(items, 5)


def unpack_batch(message: bytes) -> tuple[int, bool, Sequence[Any]]:
    """The first index, exactness and inputs of a batch."""
    first, exact = _BATCH.unpack_from(message)
    return first, exact, pickle.loads(memoryview(message)[_BATCH.size :])


def encode(message: tuple[Any, ...]) -> bytes:
    """A message as bytes. Marshal: reading one back runs nothing."""
    return marshal.dumps(message)


def decode(data: bytes) -> tuple[Any, ...]:
    """The message that `encode` made."""
    return marshal.loads(data)


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


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"not plain: {module}.{name}")


def plain_loads(data: bytes) -> Any:
    """Unpickle what needs no global, so that nothing can run; raises `pickle.UnpicklingError` otherwise."""
    return _PlainUnpickler(io.BytesIO(data)).load()
