"""Inputs that come as a stream: handed out once each, and again if their tasks are retried."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.host.incoming.streamed import StreamedQueue
from engine.host.inputs import Pickled
from engine.host.record.packs import column
from engine.host.record.past import Past
from engine.host.record.rows import Row
from engine.host.record.schema import DB, DIED, ERROR, OK
from engine.host.record.store import Store
from engine.host.work.batch import Batch
from tests.rows import row as made_row


def row(first: int, statuses: list[int], opaque: list[int] | None = None) -> Row:
    """Tasks from `first` on, whose results are their indexes, some of them in a list."""
    values = [[first + n] if n in (opaque or []) else first + n for n in range(len(statuses))]
    return made_row(first, values, bytes(statuses))


@pytest.fixture
def store(tmp_path: Path) -> Any:
    store = Store(str(tmp_path / DB))
    yield store
    store.close()


def receive(stream: StreamedQueue, inputs: list[Any], last: bool, total: int | None) -> None:
    """What a reader would send for these inputs."""
    stream.receive(last, total, None, "", 100, len(inputs), column(inputs), None)


def items(stream: StreamedQueue, size: int = 2) -> list[tuple[int, Any]]:
    """All that a stream hands out now, by index."""
    found: list[tuple[int, Any]] = []
    while batch := stream.take(size):
        found += enumerate(batch.items, batch.first)
    return found


def test_failed_tasks_are_handed_out_again_before_those_that_come(store: Store) -> None:
    past = Past(store)
    stream = StreamedQueue([], past.inputs_again)
    receive(stream, ["a", "b", "c", "d", "e", "f"], False, None)
    assert items(stream)[0] == (0, "a")
    store.results(1, row(0, [OK, ERROR, DIED]), column(["a", "b", "c"]))
    store.results(1, row(3, [ERROR, OK, ERROR], opaque=[1]), column(["d", "e", "f"]))
    receive(stream, ["g"], False, None)

    again = past.forget_failed(live=True)
    assert again == [(1, 3), (3, 4), (5, 6)]
    stream.again(again)
    assert stream.left == 5
    assert stream.take(1) == Batch(1, ["b"])
    assert items(stream) == [(2, "c"), (3, "d"), (5, "f"), (6, "g")]
    assert stream.left == 0
    assert past.done() == [(0, 1), (4, 5)]
    assert (store.ok, store.failed) == (2, 0)
    assert past.displayed_results() == ["0", "[4]"]


def test_tasks_that_fail_again_are_handed_out_again(store: Store) -> None:
    stream = StreamedQueue([], Past(store).inputs_again)
    for _ in range(3):
        store.results(1, row(4, [ERROR]), column([{"n": 1}]))
        stream.again(Past(store).forget_failed(live=True))
        assert items(stream) == [(4, {"n": 1})]


def test_inputs_that_are_kept_as_text_stay_failed(store: Store) -> None:
    kept = [1, Pickled(b"", "<Own>"), [2]]
    store.results(1, row(0, [ERROR, ERROR, OK]), column(kept))
    store.results(1, row(3, [ERROR]), column([Pickled(b"", "<Own>")]))
    past = Past(store)
    assert past.forget_failed(live=True) == [(0, 1)]
    assert past.inputs_again(0) == [1]
    assert (store.ok, store.failed) == (1, 2)
    assert past.forget_failed() == [(1, 2), (3, 4)], "a run that is resumed reads its inputs again"
    assert (store.ok, store.failed) == (1, 0)


def test_where_the_job_tells_the_inputs_none_are_set_aside(store: Store) -> None:
    store.results(1, row(0, [ERROR, OK, ERROR]))
    assert Past(store).forget_failed(live=True) == [(0, 1), (2, 3)]


def test_what_comes_back_goes_out_first() -> None:
    stream = StreamedQueue([], lambda first: [])
    receive(stream, [*range(6)], True, 6)
    first = stream.take(4)
    assert first is not None
    stream.give_back(first)
    assert [index for index, _ in items(stream, 3)] == [*range(6)]
    assert stream.left == 0


def test_batches_of_a_pack_leave_no_few_over() -> None:
    stream = StreamedQueue([], lambda first: [])
    receive(stream, [*range(4352)], True, None)
    taken = iter(lambda: stream.take(2057), None)
    assert [len(batch.items) for batch in taken] == [1536, 1536, 1280]
    receive(stream, [*range(10)], True, None)
    assert [len(batch.items) for batch in iter(lambda: stream.take(4), None)] == [4, 3, 3]


def test_the_share_that_is_done_goes_by_bytes_until_the_total_is_known() -> None:
    stream = StreamedQueue([], lambda _: [])
    assert stream.share(0) is None
    stream.receive(False, None, 0.5, "", 100, 4, column([1, 2, 3, 4]), None)
    assert stream.share(2) == 0.25
    stream.receive(False, 10, None, "", 100, 1, column([5]), None)
    assert stream.share(4) is None
