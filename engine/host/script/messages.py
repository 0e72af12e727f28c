"""What the processes of a script and its host say to each other, and the socket they say it through."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import marshal
import os
import signal
import socket
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from ..record.wire import LONG, Messages

ENVIRONMENT = "POOLHOUSE_SCRIPT"
"""The environment variable that tells the main process what it is to run; gone once that is read."""

# Whoever dials says first who he is: (role, token, ...).
POOL = "pool"
"""(POOL, token, id, name): a pool was made."""
WORKER = "worker"
"""(WORKER, token, pool, pid, most): a worker of a pool; it runs `most` units at most, 0 is any number."""
MAIN = "main"
"""(MAIN, token, traceback): the script ended with this exception."""

RECORDER = "recorder"
"""(RECORDER, token, pid): a process that tells what threads and processes of it do."""

# What a pool says.
STAGE = "stage"
"""(STAGE, key, name, file, line): tasks of this key are calls of a function, from there."""
UNIT = "unit"
"""(UNIT, job, place, key, count, kind, function, call): a unit of `count` tasks, to be run once."""
UNITS = "units"
"""(UNITS, units): several of them, each a tuple of what UNIT says."""
END = "end"
"""(END,): no more units come: workers go once there is nothing left."""
ECHO = "echo"
"""(ECHO,): say END back, behind all results so far."""
TERMINATE = "terminate"
"""(TERMINATE,): what has not ended is not wanted any more."""
EXITED = "exited"
"""(EXITED, pid, code): a worker has ended."""
STUCK = "stuck"
"""(STUCK, reason): no worker can be started any more."""

# What a recorder says; stages as a pool does.
RAN = "ran"
"""(RAN, thread, name, key, failures, inputs, *row): a thread has run calls; tasks are counted from 0 on."""
LEFT = "left"
"""(LEFT, thread): a thread runs no more calls."""
LOGGED = "logged"
"""(LOGGED, pid, places): this process, which is a task, wrote into run.log: an offset and a length each."""
PROCESS = "process"
"""(PROCESS, pid, name, key, inputs, time): a process was started. How it ended comes as EXITED."""

# What a pool is told.
RESULTS = "results"
"""(RESULTS, answers): each is (job, place, begin, count, ok, form, payload): this many values of a unit from
`begin` on, or why it has none."""
BROKEN = "broken"
"""(BROKEN, reason): workers end before they are ready, so no others are to be started."""

GROW = "grow"
"""(GROW, workers): there are to be this many workers, if there are fewer."""

# What a worker is told.
WELCOME = "welcome"
"""(WELCOME, number, slot): its number in run.db, and the file of the memory that it shares with the host."""
FRAME = "frame"
"""(FRAME, number, first, begin, stop, careful, heads, *calls): units, the first of which has task `first`.

Each head is (job, place, count, kind, function). Of a single unit, the tasks `begin` to `stop` are run. If
it is `careful`, the slot tells of each task that it begins.
"""
LEAVE = "leave"
"""(LEAVE,): nothing more comes."""

# What a worker says.
READY = "ready"
"""(READY,): the initializer has run."""
UNFIT = "unfit"
"""(UNFIT, reason): the initializer failed, with this last line of its traceback."""
DONE = "done"
"""(DONE, number, units, answers, failures, written, inputs, *row): tasks of a frame that have ended.

`units` of the frame are over by now, `row` may be missing if nothing is to be recorded. An answer whose
payload is missing has the column `vals` of the row.
"""
RETURNED = "returned"
"""(RETURNED, number, units): only this many units of a frame were begun; it was called back."""

# Kinds of units.
ONE = "one"
"""The call is (function, args, kwargs)."""
MAP = "map"
"""The call is (function, inputs): each input is an argument."""
PIECES = "pieces"
"""The same, with inputs that are scalars: the call is their column for run.db, the function by itself."""
STAR = "star"
"""The same, and each input is the arguments."""
BATCH = "batch"
"""The call is a batch of joblib's, which has calls: (function, args, kwargs) each."""

# Forms of answers.
PICKLE = "pickle"
"""The payload is the pickle of the value, or of the exception, or its place in `objects/`."""
INTS = "ints"
"""A list of int as little-endian int64, or its place as a text;"""
FLOATS = "floats"
"""or of float as float64."""
NOTHING = "nothing"
"""A number of times None."""
VALUE = "value"
"""The payload is the value of a single call: a scalar or a short text."""
REFUSED = "refused"
"""A text that says why there is no result: the worker died, say."""

# The memory that a worker shares with the host, by its int64.
TASK, COUNT, CALLED_BACK = range(3)
"""The first task that it is on, how many there may be, and up to which frame it was called back."""
SLOT_SIZE = 3 * 8

STACKS = "-stacks"
"""How the file is called that a worker writes its stacks to, behind the name of its slot,"""
STACK_SIGNAL: int = signal.SIGINFO if sys.platform == "darwin" else signal.SIGRTMAX - 1
"""when it gets this signal."""


class Call(NamedTuple):
    """Where a pool was called from, and with which function."""

    name: str
    file: str
    line: int


def frames(message: Sequence[Any]) -> list[bytes]:
    """A message as what `wire.Messages` puts together again: its long parts travel by themselves."""
    long = [part for part in message if type(part) is bytes and len(part) > LONG]
    head = tuple(... if type(part) is bytes and len(part) > LONG else part for part in message)
    return [marshal.dumps(head), *long]


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
        """Processes that this one forks must not hold the connection."""
        os.register_at_fork(after_in_child=self.close)
