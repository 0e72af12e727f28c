"""Batches run one by one or by the group: whatever the tasks do, each has its own outcome, once."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.host import schema, wire
from engine.host.tasks import IDLE, STRIDE, Slot, Tasks
from engine.host.wire import plain_loads, unpacked


class Link:
    """Stands in for the pipe to the host, and keeps the rows that are sent."""

    def __init__(self) -> None:
        self._sent: deque[bytes] = deque()
        self._rows: list[tuple[wire.Results, list[wire.Failed]]] = []

    def send_bytes(self, data: bytes) -> None:
        self._sent.append(data)

    def recv_bytes(self) -> bytes:
        return self._sent.popleft()

    @property
    def rows(self) -> list[tuple[wire.Results, list[wire.Failed]]]:
        while self._sent:
            kind, failed, _, *row = wire.receive(cast("Any", self))
            assert kind == wire.RESULTS
            self._rows.append((wire.Results(*row), [wire.Failed(*f) for f in failed]))
        return self._rows


class Undisturbed:
    """Stands in for surroundings that nothing changes."""

    worn = False

    def restore(self) -> None:
        """Nothing to put back."""


class Bench:
    """A `Tasks` that thinks of its function as quick from the start, where `quick`."""

    def __init__(self, call: Any, quick: bool, isolate: bool = False) -> None:
        self.link = Link()
        self.slot = Slot(bytearray(8))
        self.tasks = Tasks(
            cast("Any", self.link),
            call,
            self.slot,
            cast("Any", Undisturbed()),
            isolate,
            False,
            cast("Any", None),
        )
        self.tasks._quick = quick

    def outcomes(self) -> list[Any]:
        """A value or `(status, message)` for each task, in order; rows must be contiguous and well formed."""
        found: list[Any] = []
        for row, failed in self.link.rows:
            assert row.first == len(found)
            assert row.tasks == len(row.statuses) == len(plain_loads(cast("bytes", row.vals)))
            starts, ends = unpacked("d", row.starts), unpacked("d", row.ends)
            assert len(starts) == len(ends) == row.tasks / row.stride
            assert all(start <= end for start, end in zip(starts, ends, strict=True))
            outcomes: list[Any] = plain_loads(cast("bytes", row.vals))
            for offset, data in zip(
                unpacked("I", row.opaque or b""),
                plain_loads(cast("bytes", row.objects or b"\x80\x05].")),
                strict=True,
            ):
                outcomes[offset] = plain_loads(data)
            for f in failed:
                assert row.statuses[f.task - row.first] == f.status
                outcomes[f.task - row.first] = (schema.STATUSES[f.status], f.message)
            assert sum(map(bool, row.statuses)) == len(failed)
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


@settings(deadline=None)  # a busy machine is no fault
@given(
    st.lists(st.tuples(st.sampled_from(sorted(BEHAVIOURS)), st.integers(1, 3 * STRIDE)), max_size=6),
    st.booleans(),
    st.booleans(),
)
def test_every_task_has_its_own_outcome(plan: list[tuple[str, int]], quick: bool, isolate: bool) -> None:
    inputs = [name for name, times in plan for _ in range(times)] or ["int"]
    bench = Bench(lambda name: BEHAVIOURS[name](), quick, isolate)
    bench.tasks.run(0, False, inputs)
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
    monkeypatch.setattr("engine.host.tasks.QUICK_SECONDS", limit)
    bench = Bench(call, quick=False)
    bench.tasks.run(0, False, range(1000))
    assert bench.tasks._quick is quick


def test_an_exact_batch_tells_each_index() -> None:
    seen: list[int] = []
    bench = Bench(lambda x: seen.append(bench.slot.current()), quick=True)
    bench.tasks.run(0, True, range(200))
    assert seen == list(range(200))


def test_a_result_that_changes_later_is_kept_as_it_was() -> None:
    grown: list[int] = []

    def grow(x: int) -> list[int]:
        grown.append(x)
        return grown

    bench = Bench(grow, quick=False)
    bench.tasks.run(0, False, range(5))
    assert bench.outcomes() == [list(range(n + 1)) for n in range(5)]


def test_quick_tasks_share_their_time_fairly() -> None:
    bench = Bench(lambda x: x, quick=True)
    bench.tasks.run(0, False, range(10 * STRIDE + 7))
    shared, single = [row for row, _ in bench.link.rows]
    assert (shared.stride, single.stride) == (STRIDE, 1)
    assert shared.tasks % STRIDE == 0, "whole groups: all ten, unless the machine was held up meanwhile"
    assert shared.tasks + single.tasks == 10 * STRIDE + 7
