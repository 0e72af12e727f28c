"""Worker processes as the host sees them, wherever they are: the workers in each, one, or one per thread."""

from __future__ import annotations

import time
from array import array
from collections import deque
from collections.abc import Iterable

from .. import system
from ..record import output, wire
from ..record.display import display
from ..record.rows import Left
from ..record.schema import DIED, MEMORY
from ..typed import Any, Callable, Protocol
from ..work import slot
from ..work.batch import Batch
from ..work.slot import IDLE, spoken_of

INPUT_SHOWN = 400
"""Characters of an input that are reported while its task runs."""
GRACE_SECONDS = 0.5
"""Seconds that a worker process has to end after its pipe was closed."""
LEAVE_SECONDS = 10.0
"""Seconds that a worker has to end after it was asked to, or announced it: time to flush buffers."""
LONG_SECONDS = 0.05
"""A worker that has been on one task for this long gives up waiting tasks, if others can take them."""
SURE_SECONDS = 0.01
"""Seconds after which a write to shared memory is visible to everybody."""
STILL_SECONDS = 2.0
"""Seconds after which a process of threads without a heartbeat counts as blocked by one of them."""


class Line(Protocol):
    """A connection to a worker, like `Channel`."""

    closed: bool
    pending: int

    def send(self, messages: Iterable[bytes]) -> None: ...
    def receive(self) -> list[bytes]: ...
    def close(self) -> None: ...


class Life(Protocol):
    """A process from its start to its end, like `Process`."""

    pid: int
    exit_code: int | None

    def look(self) -> None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...
    def close(self) -> None: ...


class WorkerHandle:
    """One worker: its pipe, its slot and its batches. Nothing here waits for it."""

    def __init__(
        self, number: int, home: Home, shared: memoryview, open_line: Callable[[WorkerHandle], Line]
    ) -> None:
        self.number = number
        self.home = home
        """The process that it is, or that it is a thread of."""
        self._slot = shared
        self.channel = open_line(self)
        self._messages = wire.Messages()
        self.ready = False
        """Whether it has loaded the function."""
        self.by_itself = False
        """Whether it is only for tasks that must run in a separate process."""
        self.leaving = False
        """Whether it gets nothing more."""
        self.batches: deque[Batch] = deque()
        """The batches that it has not finished, oldest first."""
        self._given = 0
        """The number of batches it ever got."""
        self._called_back = (IDLE, 0)
        """The last task that it was on when its batches were called back,"""
        self._called_back_at = 0.0
        """and when that was."""
        self.taken = 0
        """The number of tasks it ever got, without those it gave back."""
        self.answers = 0
        """How often it sent results."""
        self.verdict: tuple[int, str] | None = None
        """Status and cause, if the host itself ends it because of its task,"""
        self._sentenced = IDLE
        """which is this one."""
        self.last_stack = ""
        """What it was in when its time was up, as far as it could show that."""
        self.given_up = False
        """Whether its task has its outcome although it may still run, in a thread that cannot be ended."""
        self.busy_since = home.started_at
        """When it began its oldest batch or sent its last results, as exactly as the host can tell."""
        self._seen = (IDLE, home.started_at)
        self.shows_no_stack = IDLE
        """The task during which it did not answer a request for its stack."""

    @property
    def pid(self) -> int:
        """0 while the process that forks workers has not reported it yet."""
        return self.home.pid

    @property
    def thread(self) -> int:
        """Its thread if it is one of several in its process, else 0."""
        return self._slot[slot.THREAD]

    @property
    def task(self) -> int:
        """Index of its current task, or IDLE."""
        return spoken_of(self._slot[slot.TASK])

    @property
    def is_keeping(self) -> bool:
        """Whether the function has returned, and its result is being stored."""
        return self._slot[slot.TASK] < IDLE

    def shown_input(self, task: int) -> str:
        """The input of one of its tasks, as display text; empty if it does not hold that task any more."""
        batch = next((b for b in self.batches if b.first <= task < b.stop), None)
        return display(batch.items[task - batch.first])[:INPUT_SHOWN] if batch else ""

    def left_by(self, task: int) -> Left:
        """Where an unreported task wrote into run.log, and what it printed. The worker has ended."""
        known, end = slot.printed_from(self._slot, task), output.end(self.home.output)
        prints = array("q")
        if known is not None and end is not None and end > known[0]:
            prints.extend((known[1] - task, task - known[1] + 1, known[0], end - known[0]))
        return Left(slot.log_places(self._slot, task), prints)

    def running_for(self, now: float) -> float:
        """The least number of seconds that it has been on its task. Call it often: that makes it exact."""
        task = self.task
        if task == IDLE or task != self._seen[0]:
            self._seen = (task, now)
        return now - self._seen[1]

    def give(self, batch: Batch) -> None:
        """Give it a batch; it holds at most one ahead."""
        batch = batch._replace(number=self._given + 1)
        self.hand_on(batch, wire.pack_batch(*batch))

    def hand_on(self, batch: Batch, packed: list[bytes]) -> None:
        """Give it a batch that already has its number and is packed."""
        self._given = batch.number
        self.taken += len(batch.items)
        self.channel.send(packed)
        if not self.batches:
            self.busy_since = system.clock()
            self._seen = (IDLE, self.busy_since)
        self.batches.append(batch)

    def answered(self, stop: int) -> None:
        """Record that the tasks of its oldest batch before index `stop` have ended."""
        self.busy_since = system.clock()
        rest = self.batches[0].rest(stop)
        if rest is None:
            self.batches.popleft()
        else:
            self.batches[0] = rest

    def is_long_on_its_task(self) -> bool:
        """Whether it has been on one task for so long that others should not wait for it."""
        return self.task >= 0 and self.running_for(system.clock()) >= LONG_SECONDS

    @property
    def holds_others(self) -> bool:
        """Whether tasks wait in it behind the current one."""
        return len(self.batches) > 1 or any(
            batch.first <= self.task < batch.stop - 1 for batch in self.batches
        )

    def call_back(self) -> list[Batch]:
        """Tell it to begin none of its tasks. Returns those that it will certainly not begin: call again.

        It gives back by itself what it has not begun when it learns of that.
        """
        task = self._slot[slot.TASK]
        return self._give_up_behind(task) if task >= 0 and self.is_held() else []

    def is_held(self) -> bool:
        """Whether it will certainly begin no task after the current one. This calls it back: call again."""
        asked = self._slot[slot.TASK], self._given
        if self._called_back != asked:
            self._called_back, self._called_back_at = asked, system.clock()
            self._slot[slot.CALLED_BACK] = asked[1]
        return system.clock() - self._called_back_at >= SURE_SECONDS

    def _give_up_behind(self, task: int) -> list[Batch]:
        """Its tasks after the current one."""
        if not self.batches or not self.batches[0].first <= task < self.batches[0].stop:
            return []
        first, *others = self.batches
        if rest := first.rest(task + 1):
            others.insert(0, rest)
        self.batches = deque([first.up_to(task + 1)])
        self.taken -= sum(len(batch.items) for batch in others)
        return others

    def returned(self, number: int) -> Batch | None:
        """It will not run the rest of a batch. Returns that, unless it has already gone elsewhere."""
        if not self.batches or self.batches[0].number != number:
            return None
        batch = self.batches[0]
        self.taken -= len(batch.items)
        self.answered(batch.stop)
        return batch

    def end_for(self, status: int, cause: str) -> None:
        """End it because of its task: the task gets this status, and the words that say why.

        A thread cannot be ended: it is given up, once `is_condemned`.
        """
        self.condemn(status, cause)
        self.end()

    def condemn(self, status: int, cause: str) -> None:
        """It is to be ended for its task, by `end`."""
        self.verdict, self._sentenced = (status, cause), self.task

    def end(self) -> None:
        """End what is condemned."""
        if not self.home.is_shared:
            self.home.process.kill()

    def watch_memory(self, limit: int) -> None:
        """End it if it holds more than `limit` bytes, where the system itself does not prevent that."""
        if not limit or system.LIMITS_MEMORY or self.verdict is not None:
            return
        if self is not self.home.workers[0] or system.resident(self.pid) <= limit:
            return
        if self.home.is_shared:
            self.home.process.kill()
        else:
            self.end_for(MEMORY, f"The memory limit of {limit / (1 << 20):,.0f} MiB was reached")

    def is_condemned(self) -> bool:
        """Whether to give up a thread now: it is still on the task that it should be ended for."""
        if self.verdict is None or self.given_up or not self.home.is_shared:
            return False
        if self._sentenced == IDLE or self.task != self._sentenced:
            self.verdict = None  # the task has ended by itself
            return False
        return self.is_held() and self.task == self._sentenced

    def give_up(self) -> None:
        """Its task has its outcome, and the tasks after it run elsewhere."""
        self.given_up = self.leaving = True
        self.batches.clear()
        self.home.retire()

    def leave(self) -> None:
        """Ask it to leave once it has finished what it holds."""
        self.leaving = True
        self.channel.send([b""])

    def receive(self) -> list[list[Any]]:
        """The messages from it, as passed to `wire.send`."""
        messages: list[list[Any]] = []
        try:
            while frames := self.channel.receive():
                messages += self._messages.take(frames)
        except (ValueError, EOFError, TypeError):  # not a message: something else has written into the pipe
            if self.home.is_shared:
                self.home.process.kill()
            else:
                self.end_for(DIED, "The task wrote into the pipe between its worker and the run")
        return messages


class Home:
    """The process of one or more workers, and when it should end. Nothing here waits for it."""

    is_remote = False
    """Whether it is on another machine, and is watched there, for example for time limits."""
    is_lost = False
    """Whether contact is lost, so that nobody knows what its tasks did."""

    def __init__(self, lane: int, printed: str, process: Life, memory: memoryview, workers: int) -> None:
        self.lane = lane
        """Its number among the run's processes, from 0. What it prints goes to the file of this lane.
        No other process has the number until this one is gone."""
        self.output = printed
        self.process = process
        self.stack_pipe: Any = None
        """The pipe for its stacks, if it can show any."""
        self.started = time.time()
        """On the wall clock, for the record."""
        self.started_at = system.clock()
        """On `system.clock`, like all other times here."""
        self.recorded = False
        """Whether run.db has a record of it: only once its process id is known."""
        self.group = 0
        """Its process group, once it is ready; what it leaves there ends with it."""
        self.prepares = False
        """Whether it has called the job's set-up."""
        self.retired = False
        """Whether its workers begin nothing more, so that others replace them."""
        self.is_shared = workers > 1
        """Whether it has several workers: then no single one is surely to blame for its death."""
        self._memory = memory
        self._beat = (0, self.started_at)
        self._must_end_at: float | None = None
        """When to kill it, unless it has ended by then."""
        self.workers: list[WorkerHandle] = []
        """Those that have not left."""

    @property
    def how_it_ended(self) -> tuple[str, str | None]:
        """Its exit code in words, and the name of the signal in it."""
        return system.describe_exit(self.process.exit_code or 0)

    @property
    def pid(self) -> int:
        """0 while the process that forks workers has not reported it yet."""
        return self.process.pid

    @property
    def ready(self) -> bool:
        """Whether it has loaded the function."""
        return any(worker.ready for worker in self.workers)

    def died_idle(self, worker: WorkerHandle) -> bool:
        """Whether it ended on no task at all; True means one of its workers only."""
        return worker is self.workers[0] and all(other.task == IDLE for other in self.workers)

    def why_hopeless(self, deaths: int, how: str, ran: bool) -> tuple[str, str]:
        """The reason to end a run if this many in a row died like this one, and the field at fault."""
        if self.prepares and not self.ready:
            reason = f"The set-up ends its worker: {deaths} in a row ended in it, and the last one {how}."
            return reason, "function.setup"
        reason = f"{deaths} workers in a row ended while on no task: the last one {how}."
        reason += " Look at what the file does when it is imported, and at what they printed."
        return reason, "" if ran else "function.file"

    def still_for(self, now: float) -> float:
        """Seconds since its last heartbeat, as exactly as the host can tell. Call it often."""
        beat = self._memory[-1]
        if beat != self._beat[0] or not self.is_shared:
            self._beat = (beat, now)
        return now - self._beat[1]

    def retire(self) -> None:
        """Let its workers begin nothing more, and dismiss it after that."""
        self.retired = True
        for worker in self.workers:
            if not worker.leaving:
                worker.leave()

    def ends_within(self, seconds: float) -> None:
        """Kill it unless it has ended after this long."""
        due = system.clock() + seconds
        self._must_end_at = due if self._must_end_at is None else min(due, self._must_end_at)

    def is_overdue(self, now: float) -> bool:
        """Whether it should have ended by now."""
        if self.workers and all(worker.given_up for worker in self.workers):
            return True  # only threads that cannot be ended are left in it
        if self.still_for(now) >= STILL_SECONDS and any(worker.given_up for worker in self.workers):
            return True  # such a thread holds up the others
        if self._must_end_at is None:
            if any(worker.channel.closed for worker in self.workers):
                self.ends_within(GRACE_SECONDS)
            elif all(worker.leaving and not worker.batches for worker in self.workers):
                self.ends_within(LEAVE_SECONDS)
        return self._must_end_at is not None and now >= self._must_end_at

    def close(self) -> None:
        """It has ended: release all its resources."""
        for worker in self.workers:
            worker.channel.close()
        if self.stack_pipe is not None:
            self.stack_pipe.close()
        self.process.close()
