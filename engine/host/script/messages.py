"""The messages between the processes of a script and its host, and the socket that carries them."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import marshal
import os
import socket
from collections.abc import Sequence
from multiprocessing.connection import Connection

from ..record.wire import LONG, Messages
from ..typed import Any, NamedTuple

FORMAT = 4
"""The version of marshal's format that all Pythons from 3.9 on read: the host may be of another one."""

# First message of a caller, which identifies it: (role, token, ...).
POOL = "pool"
"""(POOL, token, id, name): a pool was created."""
WORKER = "worker"
"""(WORKER, token, pool, pid, most): a worker of a pool; it runs at most `most` units, 0 is no limit."""
MAIN = "main"
"""(MAIN, token, traceback): the script ended with this exception."""

RECORDER = "recorder"
"""(RECORDER, token, pid): a process that reports what its threads and processes do."""

# Messages from a pool.
STAGE = "stage"
"""(STAGE, key, name, file, line): tasks of this key are calls of a function, made there."""
UNIT = "unit"
"""(UNIT, job, place, key, count, kind, function, call): a unit of `count` tasks, to run once."""
UNITS = "units"
"""(UNITS, units): several of them, each a tuple with the fields of UNIT."""
END = "end"
"""(END,): no more units come: workers leave once there is nothing left."""
ECHO = "echo"
"""(ECHO,): send END back, after all results so far."""
TERMINATE = "terminate"
"""(TERMINATE,): what has not ended is not wanted any more."""
EXITED = "exited"
"""(EXITED, pid, code): a worker has ended."""
STUCK = "stuck"
"""(STUCK, reason): no worker can be started any more."""

# Messages from a recorder; stages as from a pool.
RAN = "ran"
"""(RAN, thread, name, key, failures, inputs, *row): a thread has made calls; tasks are counted from 0."""
LEFT = "left"
"""(LEFT, thread): a thread runs no more calls."""
LOGGED = "logged"
"""(LOGGED, pid, places): this process, which is a task, wrote into run.log: an offset and a length each."""
PROCESS = "process"
"""(PROCESS, pid, name, key, inputs, time): a process was started. Its end is reported as EXITED."""

# Messages to a pool.
RESULTS = "results"
"""(RESULTS, answers): each is (job, place, begin, count, ok, form, payload): this many values of a unit from
`begin` on, or why it has none."""
BROKEN = "broken"
"""(BROKEN, reason): workers end before they are ready, so no others should be started."""

HERE = "here"
"""(HERE, pid): this worker is ready."""

GROW = "grow"
"""(GROW, workers): there should be this many workers, if there are fewer."""

# Messages to a worker.
WELCOME = "welcome"
"""(WELCOME, number, slot): its number in run.db, and the file of the memory that it shares with the host."""
FRAME = "frame"
"""(FRAME, number, first, begin, stop, careful, heads, *calls): units, the first of which has task `first`.
Each head is (job, place, count, kind, function). Of a single unit, the tasks `begin` to `stop` run. If it
is `careful`, the slot shows each task as it begins.
"""
LEAVE = "leave"
"""(LEAVE,): nothing more comes."""

# Messages from a worker.
READY = "ready"
"""(READY,): the initializer has run."""
UNFIT = "unfit"
"""(UNFIT, reason): the initializer failed, with this last line of its traceback."""
DONE = "done"
"""(DONE, number, units, answers, failures, written, inputs, *row): tasks of a frame that have ended.

`units` of the frame are over by now; `row` may be missing if nothing must be recorded. An answer without
payload has the column `vals` of the row.
"""
RETURNED = "returned"
"""(RETURNED, number, units): only this many units of a frame have begun; it was called back."""

# Kinds of units.
ONE = "one"
"""The call is (function, args, kwargs)."""
MAP = "map"
"""The call is (function, inputs): each input is an argument."""
PIECES = "pieces"
"""The same, with scalar inputs: the call is their column for run.db, or its location in `objects/` as a text,
and the function is separate.
"""
FIXED = "fixed"
"""The same, where some inputs are short tuples of scalars and texts; the column is not that of run.db."""
FIXED_STAR = "fixed star"
"""The same, where each input has the arguments."""
RANGE = "range"
"""The same, with the pickle of the range that has the inputs."""
STAR = "star"
"""The same, where each input is a tuple of arguments."""
BATCH = "batch"
"""The call is one of joblib's batches, which has calls: (function, args, kwargs) each."""

# Forms of answers.
PICKLE = "pickle"
"""The payload is the pickle of the value or of the exception, or its location in `objects/`."""
INTS = "ints"
"""A list of int as little-endian int64, or its location as a text;"""
SHORT_INTS = "short ints"
"""or as int32;"""
FLOATS = "floats"
"""or of float as float64."""
COLUMN = "column"
"""Scalars and short texts as a column of run.db, or its location as a text."""
NOTHING = "nothing"
"""A number of times None."""
VALUE = "value"
"""The payload is the value of a single call: a scalar or a short text."""
REFUSED = "refused"
"""A text that says why there is no result, for example that the worker died."""

# The memory that a worker shares with the host, as int64 values.
TASK, COUNT, CALLED_BACK, PRINTING, PRINTED, UNSENT, UNSENT_COUNT = range(7)
"""Its first current task, how many there may be, and up to which frame it was called back; the first task
that may have printed what its copy has from an offset on, and that offset; the first of the tasks that it
is reporting, and how many there are: 0 if it reports none at the moment."""
SLOT_SIZE = 7 * 8


class Call(NamedTuple):
    """Where a pool was called, and with which function."""

    name: str
    file: str
    line: int


def frames(message: Sequence[Any]) -> list[bytes]:
    """A message in the form that `wire.Messages` assembles again: its long parts travel separately."""
    long = [part for part in message if type(part) is bytes and len(part) > LONG]
    head = tuple(... if type(part) is bytes and len(part) > LONG else part for part in message)
    return [marshal.dumps(head, FORMAT), *long]


class Link:
    """An end of a connection to the host, in a process of the script."""

    def __init__(self, address: str) -> None:
        """Raises `OSError` if the host is gone."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dialled:
            dialled.connect(address)
            self._conn = Connection(dialled.detach())
        self._messages = Messages()
        self._waiting: list[list[Any]] = []

    def fileno(self) -> int:
        return self._conn.fileno()

    def send(self, *message: Any) -> None:
        """Send a message. Raises `OSError` if the host is gone."""
        for frame in frames(message):
            self._conn.send_bytes(frame)

    def receive(self) -> list[Any]:
        """Wait for the next message. Raises `EOFError` or `OSError` if the host is gone."""
        while not self._waiting:
            self._waiting += self._messages.take([self._conn.recv_bytes()])
        return self._waiting.pop(0)

    def close(self) -> None:
        if not self._conn.closed:
            self._conn.close()

    def close_in_children(self) -> None:
        """Processes that this one forks must not keep the connection open."""
        os.register_at_fork(after_in_child=self.close)
