"""The process that reads the inputs that come as a stream, and the host's handle on it."""

from __future__ import annotations

import os
import struct
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from . import function, schema, system, wire
from .inputs import BadInput, Source, Unreadable, open_source
from .objects import ObjectFile
from .surroundings import flush_output
from .tasks import IDLE, STRIDE
from .values import MAX_TEXT, SCALARS, TEXTS, Unpicklable, Values
from .worker import Setup, begin, enter

ANSWER_SECONDS = 0.05
"""The inputs of a slow source go out after so long, fewer than were asked for."""
ANSWER_BYTES = 4 << 20
_WANTED = struct.Struct("<qq")


class Reader:
    """The reading process as the host sees it."""

    def __init__(
        self, setup: Setup, inputs: dict[str, Any], method: str, strangers: Iterable[Connection]
    ) -> None:
        context: Any = get_context(method)
        self.conn, theirs = context.Pipe()
        copied = [self.conn, *strangers] if method == "fork" else []
        self.process = context.Process(target=main, args=(theirs, setup, inputs, copied), name="Inputs")
        self.process.start()
        theirs.close()

    def ask(self, count: int, together: int) -> None:
        """Ask for so many inputs, in packs of so many. Where the reader is gone, its pipe says so next."""
        with suppress(OSError):
            self.conn.send_bytes(_WANTED.pack(count, together))

    def close(self) -> int:
        """End it; gives its exit code."""
        self.process.kill()
        self.process.join()
        code: int = self.process.exitcode
        system.end_group(self.process.pid)
        self.conn.close()
        self.process.close()
        return code


def main(conn: Connection, setup: Setup, inputs: dict[str, Any], strangers: Sequence[Connection]) -> None:
    """The life of the reader: open what there is to read, send what is asked for."""
    conn, log = begin(conn, setup, strangers, lambda: IDLE)
    try:
        source = _open(setup, inputs)
        items = iter(source)
    except (function.LoadError, Unreadable) as error:
        details = error.details if isinstance(error, function.LoadError) else ""
        wire.send(conn, wire.REFUSED, error.key, str(error), details)
    else:
        answers = _Answers(conn, source, items, setup.run_folder)
        with suppress(EOFError, ConnectionError):  # the host is gone, and who else could want more
            while True:
                count, together = _WANTED.unpack(conn.recv_bytes())
                log.open_own_file()
                answers.give(count, together)
    flush_output()
    os._exit(0)


class _Generated(Source):
    """What the user's generator function yields."""

    key = "inputs.generator"
    plain = False

    def __init__(self, items: Iterator[Any]) -> None:
        self._items = items

    def __iter__(self) -> Iterator[Any]:
        return self._items


def _open(setup: Setup, inputs: dict[str, Any]) -> Source:
    if inputs["kind"] == "generator":
        enter(setup)
        return _Generated(function.load_inputs(setup.function, inputs["generator"]))
    return open_source(inputs)


class _Counter:
    """Counts the inputs of a file beside the reading, where their number is not known at once."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._counted: int | None = None
        if source.total is None and not isinstance(source, _Generated):
            threading.Thread(target=self._count, daemon=True).start()

    def _count(self) -> None:
        with suppress(OSError):  # the reading meets it too, and says so
            *_, self._counted = self._source.count()

    @property
    def total(self) -> int | None:
        return self._counted if self._source.total is None else self._source.total


class _Answers:
    """Gives the host what it asks for. `folder` is that of the run."""

    def __init__(self, conn: Connection, source: Source, items: Iterator[Any], folder: str) -> None:
        self._conn = conn
        self._source = source
        self._items = items
        self._late: list[Any] = []
        """The input that came when its answer was already sent."""
        self._given = 0
        self._spool = os.path.join(folder, schema.SPOOL)
        self._columns = ObjectFile(os.path.join(folder, schema.OBJECTS), f"inputs-{os.getpid()}")
        self._counter = _Counter(source)

    def give(self, count: int, together: int) -> None:
        """Send up to `count` inputs in packs of `together`; fewer of a slow or large source."""
        self._given += 1
        file = ObjectFile(self._spool, str(self._given))
        answer = _Answer(self._conn, self._counter, _Packing(self._source, together, file, self._columns))
        timer = threading.Timer(ANSWER_SECONDS, answer.send)
        timer.daemon = True
        timer.start()
        try:
            last = self._gather(answer, count)
        except BaseException as error:
            answer.replace(_broken(self._source, error))
        else:
            answer.send(last)
        timer.cancel()
        file.close()

    def _gather(self, answer: _Answer, count: int) -> bool:
        """Add inputs to an answer; gives whether there are no more."""
        due = time.monotonic() + ANSWER_SECONDS
        late, self._late = self._late, []
        for taken, item in enumerate(chain(late, self._items), 1):
            if not answer.add(item):
                self._late = [item]
                return False
            if taken == count or answer.packing.size >= ANSWER_BYTES or time.monotonic() >= due:
                return False
        return True


class _Answer:
    """What the host is sent: when it is full, or after a while where the source does not come back."""

    def __init__(self, conn: Connection, counter: _Counter, packing: _Packing) -> None:
        self._conn = conn
        self._counter = counter
        self.packing = packing
        self._lock = threading.Lock()
        self._sent = False

    def add(self, item: Any) -> bool:
        """Take in the next input; False where the answer is sent."""
        with self._lock:
            if not self._sent:
                self.packing.add(item)
            return not self._sent

    def send(self, last: bool = False) -> None:
        """Send it, if it has something to say and was not sent."""
        with self._lock, suppress(ConnectionError):
            self.packing.close()
            if not self._sent and (self.packing.packs or last):
                self._sent = True
                packing = self.packing
                wire.send(
                    self._conn,
                    wire.INPUTS,
                    last,
                    self._counter.total,
                    packing.file.path,
                    packing.size,
                    *packing.packs,
                )

    def replace(self, message: tuple[Any, ...]) -> None:
        """Send this instead."""
        with self._lock:
            self._sent = True
            wire.send(self._conn, *message)


class _Packing:
    """Packs inputs as they come, each at once: a generator may yield the same list again and change it."""

    def __init__(self, source: Source, together: int, file: ObjectFile, columns: ObjectFile) -> None:
        self._plain = source.plain
        self._together = together
        self._columns = columns
        self.file = file
        """Has the large ones."""
        self._values = Values(file)
        self.packs: list[Any] = []
        self.size = 0
        """Bytes of those that are packed."""

    def add(self, item: Any) -> None:
        """Take in the next input."""
        values, kind = self._values, item.__class__
        if kind in TEXTS and len(item) <= MAX_TEXT:
            values.items.append(item)
            values.size += len(item)
        elif kind in SCALARS or (self._plain and kind is not BadInput and kind is not str):
            values.items.append(item)
        else:
            values.items.append(_encoded(item, values))
        have = len(values.items)
        if have >= self._together or (values.size >= ANSWER_BYTES and _is_even(have)):
            self.close()

    def close(self) -> None:
        """Make a pack of what has come."""
        values = self._values
        if values.items:
            column = values.vals()
            self.size += max(values.size, len(column))
            self.packs += (len(values.items), self._columns.moved(column), values.kept_objects())
            values.clear()


def _is_even(tasks: int) -> bool:
    """Whether so many quick tasks leave no rest, which would come back as a row of its own."""
    return tasks < STRIDE or tasks % STRIDE == 0


def _encoded(item: Any, values: Values) -> Any:
    """What stands in `packs.column` for an input that the host must not take up.

    One that cannot be pickled is a bad one.
    """
    before = len(values.objects)
    try:
        shown = values.encode(item)
    except Unpicklable as error:
        cause = function.describe(error.__cause__ or error)
        shown = values.encode(BadInput(f"The input cannot be pickled: {cause}", error.display))
    return shown if len(values.objects) == before else (shown,)


def _broken(source: Source, error: BaseException) -> tuple[Any, ...]:
    trace = function.format_trace(error, skip=os.path.dirname(__file__))
    what = "The generator of the inputs failed" if source.key == _Generated.key else "The inputs end here"
    return (wire.REFUSED, source.key, f"{what}: {function.describe(error)}.", trace)
