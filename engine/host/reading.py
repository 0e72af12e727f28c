"""The process that reads the inputs that come as a stream, and the host's handle on it."""

from __future__ import annotations

import os
import struct
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from . import function, schema, system, wire
from .inputs import BadInput, Source, Unreadable, open_source
from .objects import ObjectFile
from .surroundings import flush_output
from .tasks import IDLE, STRIDE
from .values import MAX_TEXT, SCALARS, Unpicklable, Values
from .worker import Setup, begin, enter

ANSWER_SECONDS = 0.05
"""The inputs of a slow source go out after so long, fewer than were asked for."""
ANSWER_BYTES = 4 << 20
CHUNK_SECONDS = 0.002
"""The clock is looked at about so often while inputs are read,"""
CHUNK_BYTES = 1 << 20
"""or after so much of them."""
TEXT_TYPES = {str, bytes}
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
        counter = _Counter(source)
        folder = os.path.dirname(setup.run_log)
        columns = ObjectFile(os.path.join(folder, schema.OBJECTS), f"inputs-{os.getpid()}")
        answers = 0
        with suppress(
            EOFError, ConnectionError
        ):  # the host is gone, and with it everyone who could want more
            while True:
                count, together = _WANTED.unpack(conn.recv_bytes())
                log.open_own_file()
                answers += 1
                file = ObjectFile(os.path.join(folder, schema.SPOOL), str(answers))
                wire.send(conn, *_answer(source, items, count, together, counter, file, columns))
                file.close()
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


def _answer(
    source: Source,
    items: Iterator[Any],
    count: int,
    together: int,
    counter: _Counter,
    file: ObjectFile,
    columns: ObjectFile,
) -> tuple[Any, ...]:
    """Up to `count` inputs in packs of `together`, as `wire.INPUTS` says; fewer of a slow or large source.

    Large inputs go to `file`, long columns to `columns`.
    """
    values = Values(file)
    packs: list[Any] = []
    size = 0
    ended = False
    due = time.monotonic() + ANSWER_SECONDS
    chunk = 1
    while count and not ended:
        have, bytes_before, began = len(values.items), values.size, time.monotonic()
        wanted = min(chunk, count, max(1, together - have), STRIDE - have % STRIDE)
        try:
            values.items.extend(islice(items, wanted))
        except BaseException as error:
            return _broken(source, error)
        got = len(values.items) - have
        ended = got < wanted
        count -= got
        _encode(values, have, source.plain)
        now = time.monotonic()
        light = now - began < CHUNK_SECONDS and values.size - bytes_before < CHUNK_BYTES
        chunk = min(2 * chunk, STRIDE) if light else max(1, chunk // 4)
        late = now >= due
        full = got + have >= together or (values.size >= ANSWER_BYTES and _is_even(got + have))
        if values.items and (ended or late or full or not count):
            column = values.vals()
            size += max(values.size, len(column))
            packs += (len(values.items), columns.moved(column), values.kept_objects())
            values.clear()
            late = late or size >= ANSWER_BYTES
        if late:
            break
    return (wire.INPUTS, ended, counter.total, file.path, size, *packs)


def _is_even(tasks: int) -> bool:
    """Whether so many quick tasks leave no rest, which would come back as a row of its own."""
    return tasks < STRIDE or tasks % STRIDE == 0


def _encode(values: Values, begin: int, plain: bool) -> None:
    """Make the inputs from place `begin` on what the host may take up; `plain` ones are, but for bad ones."""
    fresh = values.items[begin:]
    kinds = set(map(type, fresh))
    texts = kinds & TEXT_TYPES
    if texts == kinds and max(map(len, fresh), default=0) <= MAX_TEXT:
        values.size += sum(map(len, fresh))
    elif not (kinds <= SCALARS or (plain and not texts and BadInput not in kinds)):
        for place, item in enumerate(fresh, begin):
            values.items[place] = item if _travels(item, plain) else _encoded(item, values)


def _travels(item: Any, plain: bool) -> bool:
    """Whether the host may take up an input as it is."""
    kind = item.__class__
    return kind in SCALARS or (plain and kind is not BadInput and not (kind is str and len(item) > MAX_TEXT))


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
