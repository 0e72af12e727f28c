"""Where the inputs come in that are read while the run goes on: asked for ahead, taken in as they come."""

from __future__ import annotations

from collections.abc import Iterable
from multiprocessing.connection import Connection

from .. import system
from ..errors import BrokenRun
from ..plan import Plan
from ..record import output, wire
from ..record.store import Store
from .queue import InputQueue
from .reader_process import Reader
from .streamed import StreamedQueue


class Intake:
    """The process that reads the inputs, while there is one: never, where the job tells them."""

    def __init__(self, plan: Plan, feed: InputQueue | StreamedQueue, store: Store) -> None:
        self._plan = plan
        self._stream = feed if isinstance(feed, StreamedQueue) else None
        self._store = store
        self._reader: Reader | None = None
        self._is_leaving = False

    @property
    def conn(self) -> Connection | None:
        """What to listen to."""
        return None if self._reader is None else self._reader.conn

    @property
    def is_missing(self) -> bool:
        """Whether there is something to read, and nobody who does."""
        return self._stream is not None and self._stream.more and self._reader is None

    @property
    def is_leaving(self) -> bool:
        """Whether all is read, and the process that did it is about to end."""
        return self._is_leaving and self._reader is not None

    def start(self, strangers: Iterable[Connection]) -> None:
        """Start to read. `strangers` are the ends of other pipes that a fork copies."""
        self._reader = Reader(self._plan.setup, self._plan.inputs, self._plan.start_method, strangers)

    def ask(self) -> None:
        """Ask for more, where that is due."""
        if self._stream is not None and self._reader is not None and (wanted := self._stream.wants())[0]:
            self._reader.ask(*wanted)

    def hear(self) -> None:
        """Take in what comes. Raises `BrokenRun`."""
        assert self._stream is not None
        assert self._reader is not None
        try:
            kind, *content = wire.receive(self._reader.conn)
        except (EOFError, OSError):
            if self._is_leaving:
                self.end()
                return
            how, _ = system.describe_exit(self.end())
            printed = output.last(self._plan.setup.output)
            raise BrokenRun(f"The process that reads the inputs {how}.", "inputs.kind", printed) from None
        if kind == wire.REFUSED:
            key, message, details = content
            raise BrokenRun(message, key, details)
        known = self._stream.total
        self._stream.receive(*content)
        if self._stream.total != known:
            self._store.facts(total=self._stream.total)
        if not self._stream.more:
            self._reader.leave()
            self._is_leaving = True

    def end(self) -> int:
        """End the reader, if there is one; gives its exit code."""
        reader, self._reader = self._reader, None
        return 0 if reader is None else reader.close()
