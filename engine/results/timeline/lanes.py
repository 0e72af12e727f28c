"""The lane of each worker: a new worker takes the topmost lane whose worker has ended."""

from __future__ import annotations

from array import array
from collections.abc import Generator
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from engine.host.record import schema
from engine.results.timeline.answers import Lane
from engine.runs import RunReader, WorkerRecord
from engine.runs.damaged import whole

CHUNK = 2_000
"""Workers that are read at once."""
_ASKED = 500
_DIED = "signal IS NOT NULL OR coalesce(exit_code, 0) <> 0"


class Lanes:
    """All workers of a run in order of their numbers, kept up to date."""

    def __init__(self) -> None:
        self._numbers, self._lane = array("q"), array("q")
        self._started, self._ended = array("d"), array("d")
        """By index in `_numbers`; an unknown end is infinite."""
        self._before = array("q")
        """By index, the number of the lane's previous worker; 0 for none."""
        self._dead = array("q")
        """The indexes of those that did not end normally."""
        self._running: dict[int, int] = {}
        """The indexes of those with an unknown end, by number."""
        self._unlisted: dict[int, int] = {}
        """Lanes of workers that have rows, but no record yet."""
        self._free: list[int] = []
        self._ending: list[tuple[float, int]] = []
        """Heaps: free lanes, and lanes that will be free, by time."""
        self._workers: list[list[int]] = []
        """The first worker of each lane, the last, and their number."""
        self.main: WorkerRecord | None = None
        """The main process of a script, which has the first lane and is not a worker."""

    def __len__(self) -> int:
        return len(self._workers)

    def extend(self, run: RunReader) -> Generator[None]:
        """Find out who ended and who started."""
        launched = run.facts((0, 0)).launched or 0.0
        self._see_main(run)
        self._see_ends(run)
        yield
        while fresh := run.workers.after(self._numbers[-1] if self._numbers else 0, CHUNK):
            with whole():
                for record in fresh:
                    self._add(record, launched)
            yield

    def _see_main(self, run: RunReader) -> None:
        if self._workers if self.main is None else self.main.ended is not None:
            return
        for record in run.workers.after(schema.MAIN - 1, 1):
            if record.number == schema.MAIN:
                self._workers = self._workers or [[schema.MAIN, schema.MAIN, 1]]
                self.main = record

    def _see_ends(self, run: RunReader) -> None:
        waiting = list(self._running)
        for begin in range(0, len(waiting), _ASKED):
            numbers = waiting[begin : begin + _ASKED]
            query = f"SELECT id, ended, {_DIED} FROM worker WHERE id IN ({','.join('?' * len(numbers))})"
            with whole():
                for number, ended, died in run.select(query, numbers):
                    if ended is not None and number in self._running:
                        place = self._running.pop(number)
                        self._ended[place] = ended
                        if died:
                            self._dead.append(place)
                        heappush(self._ending, (self._ended[place], self._lane[place]))

    def _add(self, record: WorkerRecord, launched: float) -> None:
        while self._ending and self._ending[0][0] <= record.started:
            heappush(self._free, heappop(self._ending)[1])
        lane, before = self._take(record.number)
        place = len(self._numbers)
        if record.ended is not None and (record.signal is not None or record.exit_code):
            self._dead.append(place)
        self._before.append(before)
        ended = record.ended
        if ended is None and record.started < launched:  # its host did not live to see its end
            ended = launched
        self._numbers.append(record.number)
        self._lane.append(lane)
        self._started.append(record.started)
        self._ended.append(np.inf if ended is None else ended)
        if ended is None:
            self._running[record.number] = place
        else:
            heappush(self._ending, (ended, lane))

    def _take(self, number: int) -> tuple[int, int]:
        """The lane of a new worker, and its previous worker."""
        if self._free:
            lane = heappop(self._free)
            workers = self._workers[lane]
            before, workers[1], workers[2] = workers[1], number, workers[2] + 1
            return lane, before
        self._workers.append([number, number, 1])
        return len(self._workers) - 1, 0

    def of(self, workers: NDArray[np.int64]) -> NDArray[np.int64]:
        """The lanes of workers."""
        numbers = np.array(self._numbers, np.int64)
        if not len(numbers):
            return np.array([self._of_unlisted(number) for number in workers.tolist()], np.int64)
        place = np.minimum(np.searchsorted(numbers, workers), len(numbers) - 1)
        lanes = np.array(self._lane, np.int64)[place]
        for at in np.flatnonzero(numbers[place] != workers).tolist():
            lanes[at] = self._of_unlisted(int(workers[at]))
        return lanes

    def _of_unlisted(self, number: int) -> int:
        if number not in self._unlisted:
            self._workers.append([number, number, 1])
            self._unlisted[number] = len(self._workers) - 1
        return self._unlisted[number]

    def some(self, first: int, count: int) -> tuple[Lane, ...]:
        """The content of some lanes."""
        return tuple([Lane(*workers) for workers in self._workers[first : first + count]])

    @property
    def begin(self) -> float | None:
        """When the first of them started."""
        first = min(self._started, default=None)
        return self.main.started if self.main else first

    def present(self, begin: float, end: float, last: float) -> float:
        """Seconds of workers' presence in a time span; running ones are present until `last`."""
        started, ended = np.array(self._started), np.minimum(np.array(self._ended), last)
        return float(np.clip(np.minimum(ended, end) - np.maximum(started, begin), 0, None).sum())

    def died(self, begin: float, end: float) -> list[int]:
        """The numbers of workers that died in a time span, in order."""
        places = np.array(self._dead, np.int64)
        times = np.array(self._ended)[places]
        places = places[(times >= begin) & (times <= end)]
        return np.array(self._numbers, np.int64)[np.sort(places)].tolist()

    def replaced(self, begin: float, end: float) -> list[tuple[int, int, float]]:
        """Number, lane and start of workers that replaced a dead one in a time span."""
        started, numbers = np.array(self._started), np.array(self._numbers, np.int64)
        follows = np.isin(np.array(self._before, np.int64), numbers[np.array(self._dead, np.int64)])
        places = np.flatnonzero(follows & (started >= begin) & (started <= end)).tolist()
        return [(self._numbers[place], self._lane[place], self._started[place]) for place in places]
