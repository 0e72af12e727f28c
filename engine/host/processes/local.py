"""Worker processes on this machine."""

from __future__ import annotations

from functools import partial
from multiprocessing import get_context

from .. import system
from ..record import output
from ..system import Channel, Process, Selector
from ..typed import Any, Callable
from ..work import slot
from ..work import worker as work
from .worker import Home, WorkerHandle


class CannotStart(Exception):
    """The system refuses a process, descriptors or memory; the text says which, as far as known."""


class WorkerProcess(Home):
    """A process on this machine.

    `heard` is called when one of its workers may have sent something, `changed` when the process may
    have started or ended.
    """

    def __init__(
        self,
        numbers: list[int],
        lane: int,
        setup: work.Setup,
        method: str,
        name: str,
        selector: Selector,
        heard: Callable[[WorkerHandle], object],
        changed: Callable[[WorkerProcess], object],
    ) -> None:
        """Raises `CannotStart`."""
        context: Any = get_context(method)
        printed = output.lane_file(setup.run_folder, lane)
        setup = setup._replace(output=printed)
        ends: list[Any] = []
        pipes: list[tuple[Any, Any]] = []
        try:
            for _ in numbers:
                pipes.append(context.Pipe())
                ends += pipes[-1]
            stack_pipe, stack_end = system.stack_pipe()
            ends += [end for end in (stack_pipe, stack_end) if end is not None]
            shared = context.RawArray("q", slot.fresh() * len(numbers) + [0])
            conns = [theirs for _, theirs in pipes]
            station = work.Station(lane, numbers, conns, shared, stack_end)
            target = context.Process(target=work.main, args=(station, setup), name=name)
            process = Process(target, method, selector, lambda: changed(self))
        except (OSError, EOFError) as error:
            for end in ends:
                end.close()
            raise CannotStart(system.what_is_short(error)) from error
        for conn in conns:
            conn.close()
        if stack_end is not None:
            stack_end.close()
        super().__init__(lane, printed, process, memoryview(shared).cast("B").cast("q"), len(numbers))
        self.stack_pipe = stack_pipe
        for at, number in enumerate(numbers):
            own = self._memory[slot.SIZE * at : slot.SIZE * (at + 1)]
            opened = partial(_channel, pipes[at][0], selector, heard)
            self.workers.append(WorkerHandle(number, self, own, opened))


def _channel(
    conn: Any, selector: Selector, heard: Callable[[WorkerHandle], object], worker: WorkerHandle
) -> Channel:
    return Channel(conn, selector, lambda: heard(worker))
