"""Batches run one task at a time or in groups: whatever the tasks do, each has its own outcome, once."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.host.record import schema, wire
from engine.host.record.plain import plain_loads
from engine.host.record.previews import Previews
from engine.host.record.rows import Row
from engine.host.record.store import COLUMNS
from engine.host.record.stored import READ, Stored
from engine.host.work.settled import Settler
from engine.host.work.slot import IDLE, SIZE, Slot, keeping
from engine.host.work.tasks import STRIDE, Tasks


class Link:
    """Stands in for the pipe to the host, and keeps the rows that are sent."""

    def __init__(self) -> None:
        self._sent: deque[bytes] = deque()
        self._rows: list[tuple[Row, list[wire.Failed]]] = []
        self.returned: list[int] = []
        """Numbers of the batches that were called back."""

    def send_bytes(self, data: bytes) -> None:
        self._sent.append(data)

    @property
    def rows(self) -> list[tuple[Row, list[wire.Failed]]]:
        sent = list(self._sent)
        self._sent.clear()
        for kind, *content in wire.Messages().take(sent):
            if kind == wire.RETURNED:
                self.returned += content
                continue
            assert kind == wire.RESULTS
            failed, _, *row = content
            self._rows.append((Row(*row), [wire.Failed(*f) for f in failed]))
        return self._rows


class Unlogged:
    """Stands in for the log: nothing is written."""

    def written(self, first: int, count: int) -> None:
        """No task wrote anything."""


class Silent:
    """Stands in for printed output: nothing is printed."""

    heard = False

    def begin(self, task: int) -> None:
        """Begin a batch."""

    def ended(self, task: int) -> None:
        """A task is over."""

    def of(self, first: int, count: int) -> None:
        """No task printed anything."""


def read_back(row: Row) -> Stored:
    """A row as it is read from run.db."""
    columns = dict(zip(COLUMNS, (1, 1, *row, None), strict=True))
    return Stored([1 if name == "id" else columns[name] for name in READ.split(", ")], "")


class Undisturbed:
    """Stands in for surroundings that nothing changes."""

    worn = False
    ran_out_of_memory = False

    def stop_timers(self) -> None:
        """No timer runs."""

    def restore(self) -> None:
        """Nothing to restore."""


class Bench:
    """A `Tasks` that treats its function as quick from the start, if `quick`."""

    def __init__(self, call: Any, quick: bool, isolate: bool = False) -> None:
        self.link = Link()
        self.slot = Slot(bytearray(8 * SIZE))
        self.tasks = Tasks(
            cast("Any", self.link),
            call,
            self.slot,
            cast("Any", Undisturbed()),
            isolate,
            cast("Any", None),
            cast("Any", Unlogged()),
            cast("Any", Silent()),
            Settler(),
            time.process_time,
            Previews(""),
        )
        self.tasks._quick = quick

    def outcomes(self) -> list[Any]:
        """A value or `(status, message)` for each task, in order; rows must be contiguous and well formed."""
        found: list[Any] = []
        for row, failed in self.link.rows:
            assert row.first == len(found)
            stored = read_back(row)
            seconds = stored.seconds(0, row.tasks)
            assert len(stored.starts(0, row.tasks)) == len(seconds) == row.tasks
            assert min(seconds) == row.shortest >= 0
            assert max(seconds) == row.longest == seconds[row.longest_task - row.first]
            assert row.start <= row.last_start <= row.end
            outcomes = stored.values(0, row.tasks)
            for offset, value in enumerate(outcomes):
                if type(value) is tuple:
                    outcomes[offset] = plain_loads(cast("bytes", stored.pickle(offset)))
            statuses = row.statuses or bytes(row.tasks)
            assert len(statuses) == row.tasks
            for f in failed:
                assert statuses[f.task - row.first] == f.status
                outcomes[f.task - row.first] = (schema.STATUSES[f.status], f.message)
            assert sum(map(bool, statuses)) == sum(row.failures) == len(failed)
            found += outcomes
        return found


@pytest.fixture(autouse=True)
def quiet() -> Any:
    """Failures are logged; here nobody listens."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


BEHAVIOURS = {
    "int": lambda: 5,
    "none": lambda: None,
    "text": lambda: "text",
    "list": lambda: [1],
    "error": lambda: 1 / 0,
    "exit": lambda: exec("raise SystemExit(2)"),
    "stop": lambda: next(iter(())),
    "lambda": lambda: lambda: 0,
}
EXPECTED = {
    "int": 5,
    "none": None,
    "text": "text",
    "list": [1],
    "error": ("error", "ZeroDivisionError: division by zero"),
    "exit": ("error", "SystemExit: 2"),
    "stop": ("error", "StopIteration"),
}


@settings(deadline=None)  # a busy machine is not a fault
@given(
    st.lists(st.tuples(st.sampled_from(sorted(BEHAVIOURS)), st.integers(1, 3 * STRIDE)), max_size=6),
    st.booleans(),
    st.booleans(),
)
def test_every_task_has_its_own_outcome(plan: list[tuple[str, int]], quick: bool, isolate: bool) -> None:
    inputs = [name for name, times in plan for _ in range(times)] or ["int"]
    bench = Bench(lambda name: BEHAVIOURS[name](), quick, isolate)
    bench.tasks.run(0, inputs, 1)
    for name, outcome in zip(inputs, bench.outcomes(), strict=True):
        if name == "lambda":
            assert outcome[0] == "unpicklable"
        else:
            assert outcome == EXPECTED[name]
    assert bench.slot.current() == IDLE
    if isolate:
        assert all(row.tasks == 1 for row, failed in bench.link.rows if failed)


@pytest.mark.parametrize(
    ("call", "limit", "quick"),
    [(lambda x: x, 1.0, True), (lambda x: [x], 1.0, False), (lambda x: sum(range(2000)), 0.0, False)],
    ids=["scalar", "list", "slow"],
)
def test_scalar_functions_become_quick_and_others_do_not(
    monkeypatch: pytest.MonkeyPatch, call: Callable[[int], Any], limit: float, quick: bool
) -> None:
    monkeypatch.setattr("engine.host.work.tasks.QUICK_SECONDS", limit)
    bench = Bench(call, quick=False)
    bench.tasks.run(0, range(1000), 1)
    assert bench.tasks._quick is quick


@pytest.mark.parametrize("quick", [False, True])
def test_the_slot_tells_each_task(quick: bool) -> None:
    seen: list[int] = []
    bench = Bench(lambda x: seen.append(bench.slot.current()), quick)
    bench.tasks.run(0, range(200), 1)
    assert seen == list(range(200))


@pytest.mark.parametrize("quick", [False, True])
@pytest.mark.parametrize("last", [1, 2, 5], ids=["this batch", "the next one too", "others too"])
def test_no_task_is_begun_of_a_batch_that_is_called_back(quick: bool, last: int) -> None:
    done: list[int] = []

    def work(x: int) -> int:
        done.append(x)
        if x == STRIDE + 3:
            bench.slot.view[1] = last
        return x

    bench = Bench(work, quick)
    for number in (1, 2, 6):
        bench.tasks.run(1000 * number, range(1000 * (number - 1), 1000 * number), number)
    begun = [*range(STRIDE + 4), *(range(1000, 2000) if last == 1 else ()), *range(5000, 6000)]
    assert done == begun
    assert [value for row, _ in bench.link.rows for value in read_back(row).values(0, row.tasks)] == begun
    assert bench.link.returned == ([1] if last == 1 else [1, 2])
    assert bench.slot.current() == IDLE


@pytest.mark.parametrize("quick", [False, True])
@pytest.mark.parametrize("end", ["int", "text", "stop", "error"])
def test_the_last_task_of_a_batch_is_called_back_or_not(quick: bool, end: str) -> None:
    """What a task raises while the batch is called back is still its own outcome."""

    def work(x: int) -> Any:
        if x == 8:
            bench.slot.view[1] = 1
            return BEHAVIOURS[end]()
        return x

    bench = Bench(work, quick)
    bench.tasks.run(0, range(10), 1)
    assert bench.outcomes()[8:] == [EXPECTED[end]]
    assert bench.link.returned == [1]


def test_the_slot_tells_whose_result_is_kept_after_others_were_run() -> None:
    seen: list[tuple[int, int]] = []

    class Result:
        def __reduce__(self) -> Any:
            seen.append((bench.slot.current(), bench.slot.view[0]))
            return int, ()

    bench = Bench(lambda x: Result() if x == 7 else x, quick=True)
    bench.tasks.run(0, range(20), 1)
    assert seen == [(7, keeping(7))]
    assert keeping(7) < IDLE, "nothing can be called back that was run already"


def test_a_result_that_changes_later_is_kept_as_it_was() -> None:
    grown: list[int] = []

    def grow(x: int) -> list[int]:
        grown.append(x)
        return grown

    bench = Bench(grow, quick=False)
    bench.tasks.run(0, range(5), 1)
    assert bench.outcomes() == [list(range(n + 1)) for n in range(5)]


def test_quick_tasks_share_their_time_fairly() -> None:
    bench = Bench(lambda x: x, quick=True)
    bench.tasks.run(0, range(10 * STRIDE + 7), 1)
    shared, single = [row for row, _ in bench.link.rows]
    assert (shared.stride, single.stride) == (STRIDE, 1)
    assert shared.tasks % STRIDE == 0, "whole groups: all ten, unless the machine was held up meanwhile"
    assert shared.tasks + single.tasks == 10 * STRIDE + 7
