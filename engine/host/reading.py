"""The process that reads the user's generator of inputs, and the host's handle on it."""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from . import function, system, wire
from .surroundings import flush_output
from .tasks import IDLE
from .values import SCALARS, Unpicklable, Values
from .worker import Setup, begin, enter

ANSWER_SECONDS = 0.05
"""A slow generator's inputs go out after so long, fewer than were asked for."""
ANSWER_BYTES = 4 << 20
_COUNT = struct.Struct("<q")


class Reader:
    """The reading process as the host sees it."""

    def __init__(self, setup: Setup, name: str, method: str, strangers: Iterable[Connection]) -> None:
        context: Any = get_context(method)
        self.conn, theirs = context.Pipe()
        copied = [self.conn, *strangers] if method == "fork" else []
        self.process = context.Process(target=main, args=(theirs, setup, name, copied), name="Inputs")
        self.process.start()
        theirs.close()

    def ask(self, count: int) -> None:
        """Ask for so many inputs. Where the reader is gone, its pipe says so next."""
        with suppress(OSError):
            self.conn.send_bytes(_COUNT.pack(count))

    def close(self) -> int:
        """End it; gives its exit code."""
        self.process.kill()
        self.process.join()
        code: int = self.process.exitcode
        system.end_group(self.process.pid)
        self.conn.close()
        self.process.close()
        return code


def main(conn: Connection, setup: Setup, name: str, strangers: Sequence[Connection]) -> None:
    """The life of the reader: load the module, call the generator function, send what is asked for."""
    conn, log = begin(conn, setup, strangers, lambda: IDLE)
    try:
        enter(setup)
        inputs = function.load_inputs(setup.function, name)
    except function.LoadError as error:
        conn.send_bytes(wire.encode((wire.REFUSED, error.key, str(error), error.details)))
    else:
        with suppress(
            EOFError, ConnectionError
        ):  # the host is gone, and with it everyone who could want more
            while True:
                (count,) = _COUNT.unpack(conn.recv_bytes())
                log.open_own_file()
                conn.send_bytes(wire.encode(_answer(inputs, count)))
    flush_output()
    os._exit(0)


def _answer(inputs: Iterator[Any], count: int) -> tuple[Any, ...]:
    values = Values()
    last = False
    due = time.monotonic() + ANSWER_SECONDS
    while len(values.items) < count and values.size < ANSWER_BYTES:
        try:
            item = next(inputs)
            values.items.append(item if item.__class__ in SCALARS else values.encode(item))
        except StopIteration:
            last = True
            break
        except BaseException as error:
            return _broken(error)
        if time.monotonic() >= due:
            break
    return (wire.INPUTS, *values.columns(), last)


def _broken(error: BaseException) -> tuple[Any, ...]:
    if isinstance(error, Unpicklable) and error.__cause__ is not None:
        error = error.__cause__
    trace = function.format_trace(error, skip=os.path.dirname(__file__))
    message = f"The generator of the inputs failed: {function.describe(error)}."
    return (wire.REFUSED, "inputs.generator", message, trace)
