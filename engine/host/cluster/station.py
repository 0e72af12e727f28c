"""The process with a run's workers on a machine of a cluster: a single loop that carries out requests."""

from __future__ import annotations

import json
import marshal
import os
import shutil
import sys
from collections.abc import Iterable
from contextlib import suppress
from multiprocessing.connection import Client

from .. import system
from ..processes.local import CannotStart, WorkerProcess
from ..processes.worker import WorkerHandle
from ..record import output, schema, wire
from ..record.rows import Row
from ..system import Channel, Orphans, Selector
from ..typed import Any, NamedTuple
from ..work.batch import Batch
from ..work.threads import limit_threads
from . import events
from .agent import END
from .events import Event
from .shipment import unpacked

WATCH_SECONDS = 0.2
HOLD_SECONDS = 0.02
BATCH_SECONDS = 1.0
"""A batch that takes longer is cut short: its results are sent, and the rest goes back to the host."""
MOST_KEPT = 4 << 20
"""A file of sent log lines or output is emptied when it is longer than this."""


def main() -> None:
    """Run the station until the Dask worker that started it is gone."""
    told = json.loads(sys.stdin.readline())
    conn = Client(told["address"], authkey=bytes.fromhex(told["key"]))
    folder = told["folder"]
    system.adopt_orphans()
    system.ignore_stack_requests()
    try:
        Station(conn, folder).run()
    finally:
        system.end_descendants()
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)


class Request(NamedTuple):
    """A request, to be answered under its number."""

    number: int
    worker: int = -1


class Waiting(NamedTuple):
    """A batch that its worker has not received yet."""

    request: Request
    batch: Batch
    frames: list[bytes]


class Lane:
    """One worker of the host: its process, its batches, and its unreported events."""

    def __init__(self, number: int, folder: str, lane: int) -> None:
        self.number = number
        self.lane = lane
        self.folder = folder
        self.process: WorkerProcess | None = None
        self.waiting: dict[int, Waiting] = {}
        """By the numbers of their batches, which may overtake each other on the way here."""
        self.next = 1
        """Number of the batch that is next."""
        self.request: Request | None = None
        """What is answered once the current batch, or the start, is over."""
        self.leaving: Request | None = None
        self.holds: list[Request] = []
        self.given_at = 0.0
        self.called_back = 0
        """Batches up to this number do not begin any more."""
        self.ended = False
        self._events: list[Event] = []
        self._told = 0
        self._sent: dict[str, int] = {}
        """How much of each file was sent."""

    @property
    def handle(self) -> WorkerHandle:
        """The worker on this side. There is a process."""
        assert self.process is not None
        return self.process.workers[0]

    def tell(self, kind: str, *content: Any, frame: bytes | None = None) -> None:
        """Add an event."""
        self._events.append(Event(self.number, self._told, kind, content, frame))
        self._told += 1

    @property
    def holds_frames(self) -> bool:
        """Whether large results are among the unreported events."""
        return any(event.frame is not None for event in self._events)

    def take(self) -> list[Event]:
        """The unreported events."""
        told, self._events = self._events, []
        return told

    def collect(self, files: Iterable[str] = ()) -> None:
        """Report what has been written: log lines and output, and these files of large results."""
        self._tell_growth(events.LOG, schema.LOG)
        self._tell_growth(events.PRINTS, os.path.relpath(self._printed, self.folder))
        for name in files:
            begin, data = self._growth(os.path.join(schema.OBJECTS, name))
            self.tell(events.OBJECT, name, begin, frame=data)

    @property
    def _printed(self) -> str:
        return output.lane_file(self.folder, self.lane)

    def _tell_growth(self, kind: str, name: str) -> None:
        begin, data = self._growth(name)
        if data:
            self.tell(kind, begin, data)

    def _growth(self, name: str) -> tuple[int, bytes]:
        begin = self._sent.get(name, 0)
        with suppress(FileNotFoundError), open(os.path.join(self.folder, name), "rb") as file:
            file.seek(begin)
            data = file.read()
            self._sent[name] = begin + len(data)
            return begin, data
        return begin, b""

    def make_room(self) -> None:
        """Empty what was sent while the worker is idle. Writers continue at their old offset."""
        for name, sent in list(self._sent.items()):
            path = os.path.join(self.folder, name)
            if name.startswith(schema.OBJECTS):
                os.truncate(path, 0)  # its writer keeps its offset: the file gets a hole up to there
            elif sent > MOST_KEPT and os.path.getsize(path) == sent:
                os.truncate(path, 0)
                self._sent[name] = 0


class Station:
    """All workers of the run on this machine."""

    def __init__(self, conn: Any, folder: str) -> None:
        terms = unpacked(folder)
        limit_threads(terms.blas_threads)
        self._timeout = terms.timeout
        self._method = terms.start_method
        self._setup = terms.setup._replace(
            file_limit=system.raise_file_limit(),
            forked=terms.start_method == "fork",
            log={**terms.setup.log, "file": ""},  # the host writes it
        )
        self._folder = folder
        self._selector = Selector()
        self._channel = Channel(conn, self._selector, self._hear)
        self._frames: list[bytes] = []
        """For an incomplete request."""
        self._over = False
        self._lanes: dict[int, Lane] = {}
        self._orphans = Orphans(terms.leftovers == "end")

    def run(self) -> None:
        """Serve until the other end is gone."""
        while not (self._over or self._channel.closed):
            self._selector.wait(self._patience())
            now = system.clock()
            for lane in list(self._lanes.values()):
                self._look(lane, now)
            self._orphans.look({lane.process.pid for lane in self._lanes.values() if lane.process})
        for lane in self._lanes.values():
            if lane.process is not None:
                lane.process.process.kill()

    def _patience(self) -> float:
        if any(lane.holds for lane in self._lanes.values()):
            return HOLD_SECONDS
        return min(WATCH_SECONDS, self._timeout / 4) if self._timeout else WATCH_SECONDS

    # requests of the host

    def _hear(self) -> None:
        self._frames += self._channel.receive()
        while self._frames:
            number, count = marshal.loads(self._frames[0])
            if (number, count) == END:
                self._over = True
                return
            if len(self._frames) <= count:
                return
            head, *more = self._frames[1 : count + 1]
            del self._frames[: count + 1]
            self._obey(number, *marshal.loads(head), more)

    def _obey(self, number: int, kind: str, worker: int, *content: Any) -> None:
        request = Request(number, worker)
        if kind == events.START:
            self._start(request, content[0])
            return
        if kind == events.STATE:
            self._tell_state(request)
            return
        lane = self._lanes.get(worker)
        if lane is None or lane.process is None:  # it has ended, which was reported
            self._answer(request)
            return
        if kind == events.BATCH:
            first, count, batch_number, frames = content
            lane.waiting[batch_number] = Waiting(request, Batch(first, range(count), batch_number), frames)
            self._feed(lane)
        elif kind == events.HOLD:
            self._call_back(lane, content[0])
            lane.holds.append(request)
        elif kind == events.LEAVE:
            lane.leaving = request
            lane.handle.leave()
        else:
            if kind == events.KILL:
                lane.process.process.kill()
            else:
                lane.process.process.terminate()
            self._answer(request)

    def _start(self, request: Request, place: int) -> None:
        number = request.worker
        folder = os.path.join(self._folder, "workers", str(number))
        os.makedirs(os.path.join(folder, schema.LANES))
        lane = self._lanes[number] = Lane(number, folder, place)
        lane.request = request
        setup = self._setup._replace(run_log=os.path.join(folder, schema.LOG))
        name = f"Worker-{number}"
        try:
            lane.process = WorkerProcess(
                [number], place, setup, self._method, name, self._selector, self._hear_worker, self._changed
            )
        except CannotStart as error:
            lane.tell(events.ENDED, None, f"could not be started: {error}", None, -1, None, [], [])
            self._bury(lane)
            return
        lane.tell(events.STARTED, lane.process.pid, lane.process.started)

    def _tell_state(self, request: Request) -> None:
        for lane in self._lanes.values():
            if lane.process is not None:
                lane.tell(events.AT, lane.handle.task, False)
        # this answer passes the scheduler: large results go with the answer to their batch instead
        told = [lane for lane in self._lanes.values() if lane.request is None or not lane.holds_frames]
        self._answer(request, *told)
        for number in [n for n, lane in self._lanes.items() if lane.process is None]:
            self._remove(number)

    def _call_back(self, lane: Lane, number: int) -> None:
        """Begin none of the batches up to this one, which wait here or may still arrive."""
        lane.called_back = max(lane.called_back, number)
        self._feed(lane)

    def _answer(self, request: Request | None, *lanes: Lane) -> None:
        if request is None:
            return
        frames = events.pack([event for lane in lanes for event in lane.take()])
        self._channel.send([marshal.dumps((request.number, len(frames))), *frames])

    # messages of workers

    def _feed(self, lane: Lane) -> None:
        """Give a worker its next batch, if it has none. A batch that was called back returns in its turn."""
        while lane.request is None and (waiting := lane.waiting.pop(lane.next, None)):
            lane.next += 1
            if waiting.batch.number <= lane.called_back:
                lane.tell(events.MESSAGE, [wire.RETURNED, waiting.batch.number])
                self._answer(waiting.request, lane)
            else:
                lane.request, lane.given_at = waiting.request, system.clock()
                lane.handle.hand_on(waiting.batch, waiting.frames)

    def _lane_of(self, number: int) -> Lane | None:
        return self._lanes.get(number)

    def _hear_worker(self, worker: WorkerHandle) -> None:
        lane = self._lane_of(worker.number)
        if lane is None or lane.process is None:
            return
        for message in worker.receive():
            kind, *content = message
            if kind == wire.LOADED:  # the host knows what it has sent
                continue
            if kind == wire.RESULTS:
                _failed, written, *columns = content
                row = Row(*columns)
                lane.collect({written, *row.files} - {""})
                worker.answered(row.first + row.tasks)
            elif kind == wire.RETURNED:
                worker.returned(*content)
            elif kind in (wire.READY, wire.REFUSED):
                worker.ready = True
                lane.collect()
                lane.process.group = system.group_of(lane.process.pid)
            lane.tell(events.MESSAGE, message)
        if worker.ready and not worker.batches and lane.request is not None:
            self._settle(lane)

    def _settle(self, lane: Lane) -> None:
        """A worker has finished everything that it was given."""
        lane.collect()
        lane.make_room()
        request, lane.request = lane.request, None
        self._answer(request, lane)
        self._feed(lane)

    def _changed(self, process: WorkerProcess) -> None:
        process.process.look()
        lane = next((lane for lane in self._lanes.values() if lane.process is process), None)
        if lane is not None and process.process.exit_code is not None:
            self._has_ended(lane, process)

    def _has_ended(self, lane: Lane, process: WorkerProcess) -> None:
        worker = lane.handle
        self._hear_worker(worker)  # what it sent before it ended
        for group in (process.group, process.pid):
            self._orphans.end_group(group)
        task = worker.task
        how, signal_name = process.how_it_ended
        left = worker.left_by(task)
        lane.collect()
        lane.tell(
            events.ENDED,
            process.process.exit_code,
            how,
            signal_name,
            task,
            worker.verdict,
            left.log.tolist(),
            left.prints.tolist(),
        )
        process.close()
        self._bury(lane)

    def _bury(self, lane: Lane) -> None:
        """A worker is gone: answer whoever waits for it."""
        lane.process = None
        waiting = (waiting.request for waiting in lane.waiting.values())
        requests = [lane.request, lane.leaving, *lane.holds, *waiting]
        known = [request for request in requests if request is not None]
        lane.request = lane.leaving = None
        lane.holds.clear()
        lane.waiting.clear()
        for request in known:
            self._answer(request, lane)
        if known:
            self._remove(lane.number)

    def _remove(self, number: int) -> None:
        lane = self._lanes.pop(number)
        shutil.rmtree(lane.folder, ignore_errors=True)

    # timers

    def _look(self, lane: Lane, now: float) -> None:
        process = lane.process
        if process is None:
            return
        self._changed(process)
        if lane.process is None:
            return
        worker = lane.handle
        over = worker.running_for(now) - self._timeout
        if self._timeout and worker.verdict is None and over >= 0:
            worker.end_for(schema.TIMEOUT, f"The time limit of {self._timeout:g} s for a task was reached")
        worker.watch_memory(self._setup.memory_limit)
        if process.is_overdue(now):
            process.process.kill()
        takes_long = bool(worker.batches) and now > lane.given_at + BATCH_SECONDS
        if (lane.holds or takes_long) and worker.is_held() and lane.holds:
            lane.tell(events.AT, worker.task, worker.task >= 0)
            for request in lane.holds:
                self._answer(request, lane)
            lane.holds.clear()
