"""The process that reads the inputs during the run, from inside."""

from __future__ import annotations

import os
import struct
import threading
from collections.abc import Generator, Iterator
from contextlib import suppress
from itertools import chain

from ..inputs import BadInput, Source, Unreadable, open_source
from ..record import schema, wire
from ..record.arrays import Encoded
from ..record.objects import ObjectFile, length
from ..record.pieces import cut, kept
from ..record.values import Unpicklable, Values, is_scalar, is_text
from ..system import Connection
from ..typed import Any
from ..work import function
from ..work.failures import describe, format_trace
from ..work.leaving import leave
from ..work.pace import STRIDE
from ..work.slot import IDLE
from ..work.worker import Setup, begin, enter

ANSWER_SECONDS = 0.05
"""Inputs of a slow source are sent after this many seconds, even if fewer than requested."""
ANSWER_BYTES = 4 << 20
GROUP = 64
"""The most inputs that are added at once."""
SHORT = 4096
"""Texts up to this length are small: like scalars, which do not change either, they can be taken in later."""
MOST_NAMES = 1_000
"""The most cells of an input whose names are reported."""
WANTED = struct.Struct("<qq")
"""The request for inputs: how many, and how many per pack."""
NOTHING_MORE = (0, 0)
"""The request to end."""


def main(conn: Connection, setup: Setup, inputs: dict[str, Any]) -> None:
    """Run the reader: open the source, send what is requested."""
    (conn,), log = begin([conn], setup, lambda: IDLE)
    items: Iterator[Any] = iter(())
    try:
        source = _open(setup, inputs)
        items = iter(source)
    except (function.LoadError, Unreadable) as error:
        details = error.details if isinstance(error, function.LoadError) else ""
        wire.send(conn, wire.REFUSED, error.key, str(error), details)
    else:
        if 0 < len(source.names) <= MOST_NAMES:
            wire.send(conn, wire.NAMES, list(source.names))
        answers = _Answers(conn, source, items, setup.run_folder)
        with suppress(EOFError, ConnectionError):  # the host is gone, and nobody else wants more
            while (wanted := WANTED.unpack(conn.recv_bytes())) != NOTHING_MORE:
                log.open_own_file()
                answers.give(*wanted)
    leave(*([items.close] if isinstance(items, Generator) else []))


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
    """Counts the inputs of a file in a second thread, if their number is not known at once."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._counted: int | None = None
        if source.total is None and not isinstance(source, _Generated):
            threading.Thread(target=self._count, daemon=True).start()

    def _count(self) -> None:
        with suppress(OSError):  # the reading thread meets it too, and reports it
            *_, self._counted = self._source.count()

    @property
    def share(self) -> float | None:
        """The share of the file that has been read, as long as its inputs are not counted."""
        return self._source.share if self.total is None else None

    @property
    def total(self) -> int | None:
        return self._counted if self._source.total is None else self._source.total


class _Answers:
    """Answers the requests of the host. `folder` is that of the run."""

    def __init__(self, conn: Connection, source: Source, items: Iterator[Any], folder: str) -> None:
        self._conn = conn
        self._source = source
        self._items = items
        self._late: Iterator[Any] = iter(())
        """The inputs that arrived after their answer was sent."""
        self._given = 0
        self._spool = os.path.join(folder, schema.SPOOL)
        self._columns = ObjectFile(os.path.join(folder, schema.OBJECTS), f"inputs-{os.getpid()}")
        self._counter = _Counter(source)

    def give(self, count: int, together: int) -> None:
        """Send up to `count` inputs in packs of `together`; fewer from a slow or large source."""
        self._given += 1
        file = ObjectFile(self._spool, str(self._given))
        answer = _Answer(self._conn, self._counter, _Packing(count, together, file, self._columns))
        timer = threading.Timer(ANSWER_SECONDS, answer.hurry)
        timer.daemon = True
        timer.start()
        try:
            last = self._gather(answer)
        except BaseException as error:
            answer.replace(_broken(self._source, error))
        else:
            answer.send(last)
        self._late = iter([*answer.fresh, *self._late])
        timer.cancel()
        file.close()

    def _gather(self, answer: _Answer) -> bool:
        """Add inputs to an answer; returns whether there are no more."""
        plain, fresh = self._source.plain, answer.fresh
        room, by_pattern = answer.take_in(), answer.by_pattern
        for item in chain(self._late, self._items):
            if is_text(item):
                small = len(item) <= SHORT
            elif plain:
                small = type(item) is not BadInput
            else:
                small = is_scalar(item) or type(item) is Encoded
            if small:
                fresh.append(item)
            elif encoded := by_pattern(item):
                fresh.append(encoded)
            else:
                room = answer.take_in_other(item)
            if len(fresh) >= room or answer.hurried:
                room = answer.take_in()
                if not room:
                    return False
        return True


class _Answer:
    """An answer to the host, sent when it is full, or after a while if the source does not return."""

    def __init__(self, conn: Connection, counter: _Counter, packing: _Packing) -> None:
        self._conn = conn
        self._counter = counter
        self._packing = packing
        self.by_pattern = packing.by_pattern
        self._lock = threading.Lock()
        self._sent = False
        self.hurried = False
        """Whether it has taken so long that it should be sent as it is."""
        self.fresh: list[Any] = []
        """New inputs that are immutable and small. Only the reading thread appends to it."""

    def take_in(self) -> int:
        """Add the new inputs; returns how many to collect until the next call, 0 if this is all.

        Once the answer is sent, new inputs stay in the list.
        """
        with self._lock:
            return 0 if self._sent else self._take_fresh()

    def take_in_other(self, item: Any) -> int:
        """The same, plus an input that is mutable or large."""
        with self._lock:
            if self._sent:
                self.fresh.append(item)
                return 0
            if self.fresh:
                self._take_fresh()
            self._packing.add_other(item)
            return self._room()

    def _take_fresh(self) -> int:
        have = len(self.fresh)  # more may arrive in the meantime
        self._packing.add(self.fresh[:have])
        del self.fresh[:have]
        return self._room()

    def _room(self) -> int:
        packing = self._packing
        return 0 if packing.size >= ANSWER_BYTES or (self.hurried and packing.count) else packing.room

    def hurry(self) -> None:
        """Send what there is; if there is nothing, send the next input as soon as it arrives."""
        self.hurried = True
        self.send()

    def send(self, last: bool = False) -> None:
        """Send it, if it has content and was not sent."""
        with self._lock, suppress(ConnectionError):
            if self._sent:
                return
            self._take_fresh()
            packing = self._packing
            packing.close()
            if packing.packs or last:
                self._sent = True
                total, share = self._counter.total, self._counter.share
                head = last, total, share, packing.file.path, packing.size
                wire.send(self._conn, wire.INPUTS, *head, *packing.packs)

    def replace(self, message: tuple[Any, ...]) -> None:
        """Send this instead."""
        with self._lock:
            self._sent = True
            wire.send(self._conn, *message)


class _Packing:
    """Packs inputs as they arrive: mutable ones at once, since a generator may yield the same list again."""

    def __init__(self, count: int, together: int, file: ObjectFile, columns: ObjectFile) -> None:
        self._wanted = count
        self._together = together
        self._columns = columns
        self.file = file
        """The file of large ones."""
        self._values = Values(file)
        self.by_pattern = self._values.arrays.by_pattern
        self.packs: list[Any] = []
        self.size = 0
        """The total size of the packed ones in bytes."""
        self.count = 0
        """Inputs so far."""
        self.room = min(GROUP, count, together)
        """How many inputs may be added together next; 0 if this is all."""

    def add(self, items: list[Any]) -> None:
        """Add the next inputs: those that need no pickle of their own, or already have it."""
        values, texts = self._values, sum(len(item) for item in items if is_text(item))
        if pickles := [item.pickle for item in items if type(item) is Encoded]:
            items = [(item.text,) if type(item) is Encoded else item for item in items]
            values.keep(pickles)
        values.items += items
        values.texts += texts
        values.size += texts
        self._added(len(items))

    def add_other(self, item: Any) -> None:
        """Add one that may need it."""
        self._values.items.append(_encoded(item, self._values))
        self._added(1)

    def _added(self, inputs: int) -> None:
        self.count += inputs
        have = len(self._values.items)
        if have >= self._together or (self._values.size >= ANSWER_BYTES and _is_even(have)):
            self.close()
            have = 0
        self.room = min(GROUP, self._together - have, self._wanted - self.count)

    def close(self) -> None:
        """Finish a pack."""
        values = self._values
        if values.items:
            column = kept(cut(values.items), values.texts, self._columns)
            self.size += max(values.size, length(column))
            self.packs += (len(values.items), column, values.kept_objects())
            values.clear()


def _is_even(tasks: int) -> bool:
    """Whether this many quick tasks leave no remainder, which would become a row of its own."""
    return tasks < STRIDE or tasks % STRIDE == 0


def _encoded(item: Any, values: Values) -> Any:
    """What `packs.column` gets for an input that the host must not unpickle.

    An input that cannot be pickled is a bad one.
    """
    try:
        return values.encode(item)
    except Unpicklable as error:
        cause = describe(error if error.__cause__ is None else error.__cause__)
        return values.encode(BadInput(f"The input cannot be pickled: {cause}", error.display))


def _broken(source: Source, error: BaseException) -> tuple[Any, ...]:
    trace = format_trace(error)
    what = "The generator of the inputs failed" if source.key == _Generated.key else "The inputs end here"
    return (wire.REFUSED, source.key, f"{what}: {describe(error)}.", trace)
