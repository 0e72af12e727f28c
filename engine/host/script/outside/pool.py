"""One pool of the script: its units, its workers, and which worker gets what next."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

from collections import deque
from collections.abc import Iterator
from itertools import islice

from ... import system
from ...loop.at_hand import Hand
from ...record.objects import Syncer
from ...record.rows import Row
from ...record.wire import Messages
from ...system import Channel
from ...typed import Any, Callable
from ...work.slot import IDLE
from .. import messages
from ..messages import Call
from .given import given
from .ledger import Ledger
from .unit import Frame, Unit
from .worker import Worker

MOST_UNREADY = 3
"""If this many workers in a row end before they are ready, no more are started."""
CALL_BACK_SECONDS = 0.02
"""Seconds between checks whether units wait behind a long task."""
PATIENT_SECONDS = 0.2


class Pool:
    """Units arrive from main in order, and go to whichever worker has room."""

    def __init__(self, key: str, name: str, channel: Channel, ledger: Ledger, objects: Syncer) -> None:
        self.key = key
        self.name = name
        self.channel = channel
        self.received = Messages()
        self.workers: list[Worker] = []
        self.size = 0
        """Only this many of its workers, the oldest, get units; 0 means all."""
        self.paused = False
        self.broken = ""
        self.is_wanted = True
        self._is_ending = False
        self._ledger = ledger
        self._objects = objects
        self._queue: deque[Unit] = deque()
        self._out: dict[tuple[int, int], int] = {}
        """How many frames contain each unit that workers have, by job and index."""
        self._stages: dict[int, int] = {}
        self._answers: list[tuple[Any, ...]] = []
        """Answers that go to main with the next message."""
        self._unready_deaths = 0
        self._cannot_start = ""
        """Why main cannot start more workers, if so."""
        self._pids: set[int] = set()
        """The number of all workers so far."""
        self._handlers: dict[str, Callable[..., object]] = {
            messages.STAGE: self._stage,
            messages.UNIT: self._add_unit,
            messages.UNITS: self._add_units,
            messages.END: self._end,
            messages.ECHO: self._echo,
            messages.TERMINATE: self._terminate,
            messages.EXITED: self._exited,
            messages.STUCK: self._stuck,
        }

    @property
    def _is_executor(self) -> bool:
        return self.name.endswith("Executor")

    def add(self, worker: Worker) -> None:
        """A worker has connected."""
        self.workers.append(worker)
        self._pids.add(worker.pid)

    # messages from main

    def hear(self, kind: str, content: list[Any]) -> None:
        self._handlers[kind](*content)

    def _stage(self, key: int, name: str, file: str, line: int) -> None:
        self._stages[key] = self._ledger.stage(Call(name, file, line))

    def _add_units(self, units: list[tuple[Any, ...]]) -> None:
        for unit in units:
            self._add_unit(*unit)

    def _add_unit(
        self, job: int, place: int, key: int, count: int, kind: str, function: bytes, call: bytes | str
    ) -> None:
        first = self._ledger.number(count)
        unit = Unit(job, place, self._stages[key], first, count, kind, function, call)
        if self.broken:
            self._refuse(unit, self.broken)
        elif self.is_wanted:
            self._queue.append(unit)

    def _end(self) -> None:
        self._is_ending = True

    def _echo(self) -> None:
        self.flush()
        self.channel.send(messages.frames((messages.ECHO,)))

    def _terminate(self) -> None:
        """Nothing is wanted any more: main ends the workers."""
        self.is_wanted = False
        self._queue.clear()
        self._cancel("The pool was terminated while it ran.")
        for worker in self.workers:
            if worker.ready and not worker.frames:
                worker.leave()

    def cancel(self) -> None:
        """The script is over: its running tasks have no result."""
        if self.is_wanted:
            self._cancel("The script ended while it ran.")

    def _cancel(self, why: str) -> None:
        """Record the tasks that go on as cancelled."""
        for worker in self.workers:
            if worker.frames and worker.task >= worker.frames[0].recorded:
                self._ledger.cancelled(worker.number, worker.task, why)

    def _exited(self, pid: int, code: int | None) -> None:
        for worker in self.workers:
            if worker.pid == pid:
                worker.exit_code = code
                return
        if pid not in self._pids and self.is_wanted:
            self._died_unready("", code)

    def _stuck(self, reason: str) -> None:
        """Main cannot start more workers: the existing ones do the rest."""
        self._cannot_start = reason
        self._give_up_if_alone()

    def _give_up_if_alone(self) -> None:
        if self._cannot_start and not self.workers and self.is_wanted and not self.broken:
            self._break(f"No worker of this pool is left, and none can be started: {self._cannot_start}.")

    def resize(self, workers: int) -> None:
        """Let this many workers get units."""
        if workers > (self.size or len(self.workers)):
            self.channel.send(messages.frames((messages.GROW, workers)))
        self.size = workers

    # assignment

    def feed(self) -> None:
        """Give workers as much as they have room for."""
        if self.paused:
            return
        for worker in self.workers[: self.size or None]:
            while room := worker.room:
                frame = self._next(room)
                if frame is None:
                    break
                worker.give(frame)
                for unit in frame.units:
                    key = unit.job, unit.place
                    self._out[key] = self._out.get(key, 0) + 1
        if self._is_ending and not self._queue:
            for worker in self.workers:
                if worker.ready and not worker.frames:
                    worker.leave()

    def _next(self, room: int) -> Frame | None:
        """The next units of the queue, as many as suit one worker."""
        if not self._queue:
            return None
        first = self._queue[0]
        if not first.is_whole:
            span = first.spans.pop(0)
            if not first.spans:
                self._queue.popleft()
            return Frame(0, [first], *span)
        most = min(room, 1 + len(self._queue) // (2 * max(1, len(self.workers))))
        units = list(self._following(most)) if first.count == 1 else [first]
        for unit in units:
            self._queue.popleft()
            unit.spans = []
        return Frame(0, units, 0, first.count, careful=False)

    def _following(self, most: int) -> Iterator[Unit]:
        """Single-task units at the head of the queue, with consecutive tasks, of one stage."""
        first = self._queue[0]
        for place, unit in enumerate(islice(self._queue, most)):
            is_next = unit.first == first.first + place and unit.stage == first.stage
            if not (unit.count == 1 and is_next and unit.is_whole):
                return
            yield unit

    def lacks_work(self) -> bool:
        """Whether a worker has nothing to do, while units wait behind others."""
        if self._queue or self.paused or not self.is_wanted:
            return False
        idle = any(w.ready and not w.frames for w in self.workers[: self.size or None])
        return idle and any(w.holds_others for w in self.workers)

    def call_back(self) -> None:
        """Take back units that wait behind a long task; if it is paused, all that wait."""
        if not self.paused and not self.lacks_work():
            return
        for worker in self.workers:
            if worker.holds_others and worker.is_long_on_its_task() and worker.call_back():
                self._take_behind(worker)

    def _take_behind(self, worker: Worker) -> None:
        """Take what a worker holds behind its current unit."""
        oldest = worker.frames[0]
        unit = oldest.unit_of(worker.task)
        if unit is None:
            return
        keep = oldest.units.index(unit) + 1
        taken = oldest.units[keep:]
        del oldest.units[keep:]
        while len(worker.frames) > 1:
            frame = worker.frames.pop()
            frame.units[0].spans += frame.part
            taken += frame.units
        self._put_back(taken)

    def _put_back(self, units: list[Unit]) -> None:
        """Units that no worker has begun are next."""
        for unit in sorted(units, key=lambda unit: unit.first, reverse=True):
            self._is_back(unit)
            unit.spans = unit.spans or [(0, unit.count, False)]
            if self.is_wanted and unit not in self._queue:
                self._queue.appendleft(unit)

    def _is_back(self, unit: Unit) -> int:
        """A frame with a unit is over, or was taken back. Returns how many other frames have the unit."""
        key = unit.job, unit.place
        left = self._out.pop(key, 1) - 1
        if left > 0:
            self._out[key] = left
        return left

    def hands(self) -> Iterator[Hand]:
        """The tasks that workers are on or about to begin."""
        for worker in self.workers if self.is_wanted else ():
            if worker.frames:
                first = worker.frames[0].recorded
                task = max(worker.task, first)  # what it has answered it may still seem to be on
                yield Hand(worker.number, task, worker.busy_since if task == first else None)

    # What workers say.

    def heard(self, worker: Worker, kind: str, content: list[Any]) -> None:
        if kind == messages.READY:
            worker.ready = True
            self.channel.send(messages.frames((messages.HERE, worker.pid)))
            if not self.is_wanted:
                worker.leave()
            self._unready_deaths = 0
        elif kind == messages.UNFIT:
            worker.failure = content[0]
            if self._is_executor:
                self._died_unready(worker.failure, None)
                worker.leave()
        elif kind == messages.DONE:
            self._done(worker, *content)
        elif kind == messages.RETURNED:
            self._returned(worker, *content)

    def _done(
        self,
        worker: Worker,
        number: int,
        units: int,
        answers: list[tuple[Any, ...]],
        failures: list[tuple[Any, ...]],
        written: str,
        inputs: bytes | str,
        *row: Any,
    ) -> None:
        frame = next((frame for frame in worker.frames if frame.number == number), None)
        if frame is None:
            return
        self._objects.note(written)
        if row:
            kept = Row(*row)
            answers = [(*answer[:-1], kept.vals) if answer[-1] is None else answer for answer in answers]
            self._ledger.keep(worker.number, frame.units[0].stage, kept, inputs, failures)
            frame.recorded = kept.first + kept.tasks
            worker.done += kept.tasks
        over = frame.units[frame.over : units]
        frame.over = max(frame.over, units)
        if frame.over == len(frame.units):
            worker.is_over(frame)
        self._answer(over, answers)

    def _answer(self, over: list[Unit], answers: list[tuple[Any, ...]]) -> None:
        """Pass answers on, and find units that are over in all their frames."""
        refused: set[tuple[int, int]] = set()
        for unit in over:
            left = self._is_back(unit)
            if unit.died:
                refused.add((unit.job, unit.place))
                if not left and not unit.spans:
                    self._refuse(unit, unit.died)
        self._answers += [answer for answer in answers if answer[:2] not in refused] if refused else answers

    def _refuse(self, unit: Unit, reason: str) -> None:
        self._answers.append((unit.job, unit.place, 0, unit.count, False, messages.REFUSED, reason))

    def _returned(self, worker: Worker, number: int, units: int) -> None:
        """A worker has begun only this many units of a frame, and no more."""
        frame = next((frame for frame in worker.frames if frame.number == number), None)
        if frame is None:
            return
        if not units:
            frame.units[0].spans += frame.part
        taken = frame.units[units:]
        del frame.units[units:]
        if frame.over == len(frame.units):
            worker.is_over(frame)
        self._put_back(taken)

    def flush(self) -> None:
        """Send answers to main."""
        if self._answers:
            answers, self._answers = self._answers, []
            if self.is_wanted:
                self.channel.send(messages.frames((messages.RESULTS, answers)))

    # ends of workers

    def bury(self, worker: Worker) -> int:
        """A worker is gone: its task failed, and the rest of its units go elsewhere.

        Returns its last task.
        """
        self.workers.remove(worker)
        task, tasks = worker.ended_on
        if not worker.ready and self.is_wanted:
            self._died_unready(worker.failure, worker.exit_code)
        if not self.is_wanted:
            return task
        how = describe(worker.exit_code)
        for frame in reversed(worker.frames):
            self._bury_frame(worker, frame, task, tasks, how)
        self._give_up_if_alone()
        return task

    def _bury_frame(self, worker: Worker, frame: Frame, task: int, tasks: int, how: str) -> None:
        hit = frame.unit_of(task) if task != IDLE else None
        for unit in reversed(frame.left):
            left = self._is_back(unit)
            if unit is hit:
                if tasks == 1:
                    unit.died = f"The worker that ran this task {how}. No other task was lost."
                    self._ledger.died(
                        worker.number,
                        unit.stage,
                        task,
                        worker.exit_code,
                        unit.died,
                        worker.busy_since,
                        worker.last_print(task),
                        given(unit, task, self._objects.folder),
                    )
                unit.spans += frame.spans_around(unit, task, tasks)
            elif unit is frame.units[0]:
                unit.spans += frame.part
            unit.spans = unit.spans or ([] if unit is hit else [(0, unit.count, False)])
            if unit.spans and unit not in self._queue:
                self._queue.appendleft(unit)
            elif not unit.spans and not left:
                self._refuse(unit, unit.died)

    def _died_unready(self, failure: str, code: int | None) -> None:
        """A worker has ended before it could run anything."""
        self._unready_deaths += 1
        is_hopeless = failure and self._is_executor  # it gives up at once, a Pool never
        if self.broken or not (is_hopeless or self._unready_deaths >= MOST_UNREADY):
            return
        why = failure or f"the last one {describe(code)}"
        self._break(f"The workers of this pool end before they are ready: {why}.")

    def _break(self, reason: str) -> None:
        """Nothing can run any more."""
        self.broken = reason
        self.channel.send(messages.frames((messages.BROKEN, self.broken)))
        for unit in self._queue:
            self._refuse(unit, self.broken)
        self._queue.clear()

    def patience(self) -> float:
        """Seconds until the next check."""
        return CALL_BACK_SECONDS if self.lacks_work() or self.paused else PATIENT_SECONDS

    @property
    def is_over(self) -> bool:
        """Whether main has released it, and all its workers are gone."""
        return self.channel.closed and not self.workers


def describe(code: int | None) -> str:
    """How a worker ended, in words."""
    return "has ended" if code is None else system.describe_exit(code)[0]
