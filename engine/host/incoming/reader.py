"""The process that reads the inputs during the run, as the host sees it."""

from __future__ import annotations

from multiprocessing import get_context

from .. import system
from ..errors import BrokenRun
from ..plan import Plan
from ..record import output, wire
from ..record.store import Store
from ..system import Channel, Process, Selector
from ..typed import Any
from . import reader_process
from .queue import InputQueue
from .streamed import StreamedQueue

RETRY_SECONDS = 1.0
"""If the system refuses to start a process, seconds until the next try,"""
MOST_RETRIES = 10
"""and the number of tries."""
LEAVE_SECONDS = 10.0
"""Seconds that a reader has to end after reading everything, to flush what user code has buffered."""


class ReaderHandle:
    """The reader process, if there is one: not if the job lists the inputs. Nothing waits for it."""

    def __init__(
        self, plan: Plan, queue: InputQueue | StreamedQueue, store: Store, selector: Selector
    ) -> None:
        self._plan = plan
        self._queue = queue if isinstance(queue, StreamedQueue) else None
        self._store = store
        self._selector = selector
        self._process: Process | None = None
        self._channel: Channel | None = None
        """None once there is nothing more to read."""
        self._messages = wire.Messages()
        self._leaves_by: float | None = None
        """When it is killed unless it has ended by then; set once everything is read."""
        self._failures = 0
        self._try_at = 0.0

    @property
    def is_missing(self) -> bool:
        """Whether there is something to read, and no process to read it."""
        if self._queue is None or not self._queue.more or self._process is not None:
            return False
        return system.clock() >= self._try_at

    @property
    def pids(self) -> set[int]:
        return set() if self._process is None else {self._process.pid}

    @property
    def is_leaving(self) -> bool:
        """Whether everything is read, and the process is about to end."""
        return self._leaves_by is not None and self._process is not None

    def start(self) -> None:
        """Start reading. Raises `BrokenRun` if no process can be started for a while."""
        context: Any = get_context(self._plan.start_method)
        ends: list[Any] = []
        try:
            ends += context.Pipe()
            arguments = (ends[1], self._plan.setup, self._plan.inputs)
            target = context.Process(target=reader_process.main, args=arguments, name="Inputs")
            self._process = Process(target, self._plan.start_method, self._selector, self.look)
        except (OSError, EOFError) as error:
            for end in ends:
                end.close()
            self._try_again(system.what_is_short(error))
            return
        ours, theirs = ends
        theirs.close()
        self._channel = Channel(ours, self._selector, self._hear)

    def _try_again(self, why: str) -> None:
        self._failures += 1
        self._try_at = system.clock() + RETRY_SECONDS
        if self._failures > MOST_RETRIES:
            raise BrokenRun(f"The process that reads the inputs could not be started: {why}.", "inputs.kind")

    def look(self) -> None:
        """Ask for more if that is due, and check whether the process has ended. Raises `BrokenRun`."""
        if self._process is None:
            return
        self._process.look()
        if self._process.exit_code is None:
            if self._leaves_by is not None and system.clock() >= self._leaves_by:
                self._process.kill()
            self._ask()
            return
        if self._channel is not None:
            self._hear()  # what it sent before it ended
        how, _ = system.describe_exit(self._process.exit_code)
        died = self._channel is not None and self._leaves_by is None
        self._close()
        if died:
            printed = output.last(self._plan.setup.output)
            raise BrokenRun(f"The process that reads the inputs {how}.", "inputs.kind", printed)

    def _ask(self) -> None:
        if self._queue is None or self._channel is None or self._leaves_by is not None:
            return
        count, together = self._queue.wants()
        if count:
            self._channel.send([reader_process.WANTED.pack(count, together)])

    def _hear(self) -> None:
        """Handle what arrives. Raises `BrokenRun`."""
        assert self._queue is not None
        if self._channel is None:
            return
        channel = self._channel
        while frames := channel.receive():
            for kind, *content in self._messages.take(frames):
                if kind == wire.REFUSED:
                    key, message, details = content
                    raise BrokenRun(message, key, details)
                if kind == wire.NAMES:
                    self._store.facts(input_names=content[0])
                else:
                    self._take(content)
        if channel.closed and self._process is not None and self._leaves_by is None:
            self._process.kill()  # it closed its pipe, but may still be running

    def _take(self, content: list[Any]) -> None:
        assert self._queue is not None
        known = self._queue.total
        self._queue.receive(*content)
        if self._queue.total != known:
            self._store.facts(total=self._queue.total)
        if not self._queue.more and self._channel is not None:
            self._channel.send([reader_process.WANTED.pack(*reader_process.NOTHING_MORE)])
            self._leaves_by = system.clock() + LEAVE_SECONDS

    def end(self) -> None:
        """End the reader, if there is one: it is no longer needed."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self._process is not None:
            self._process.kill()

    def _close(self) -> None:
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self._process is not None:
            self._process.close()
            self._process = None
