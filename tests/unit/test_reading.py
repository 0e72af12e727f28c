"""What the reader answers: every input once and in order, unchanged, soon enough."""

from __future__ import annotations

import pickle
import threading
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.host.incoming.reader_process import GROUP, SHORT, _Answers, _Generated
from engine.host.inputs import Pickled
from engine.host.record import wire
from engine.host.record.packs import Column, Pack


class Link(deque[bytes]):
    """Stands in for the pipe to the host."""

    send_bytes = deque.append


class Asker:
    """Stands in for the host."""

    def __init__(self, items: Iterator[Any], folder: Path) -> None:
        self._link: Any = Link()
        self._folder = folder
        source = _Generated(items)
        self._answers = _Answers(self._link, source, iter(source), str(folder))
        self.last = False

    def ask(self, count: int, together: int) -> list[Any]:
        """The inputs of the next answer."""
        self._answers.give(count, together)
        return self.answered()

    def answered(self) -> list[Any]:
        """The inputs of an answer that has come."""
        ((kind, last, _, _, path, _, *packs),) = wire.Messages().take(self._link)
        self._link.clear()
        assert kind == wire.INPUTS
        self.last = last
        found: list[Any] = []
        for count, kept, objects in zip(packs[::3], packs[1::3], packs[2::3], strict=True):
            pack = Pack(Column(count, kept, objects, path, str(self._folder / "objects")))
            found += [item.load() if type(item) is Pickled else item for item in pack]
        return found


KINDS = [3, None, "text", b"bytes", "long" * SHORT, [1], {"a": 2}, (5,), np.arange(30), np.arange(4)]


def same(one: list[Any], other: list[Any]) -> bool:
    return [pickle.dumps(item) for item in one] == [pickle.dumps(item) for item in other]


@given(
    st.lists(st.tuples(st.integers(0, len(KINDS) - 1), st.integers(1, 2 * GROUP)), max_size=8),
    st.lists(st.tuples(st.integers(1, 500), st.integers(1, 200)), min_size=1, max_size=4),
)
def test_every_input_comes_once_and_in_order(
    tmp_path_factory: Any, runs: list[tuple[int, int]], asked: list[tuple[int, int]]
) -> None:
    items = [KINDS[kind] for kind, times in runs for _ in range(times)]
    asker = Asker(iter(items), tmp_path_factory.mktemp("run"))
    came: list[Any] = []
    while not asker.last:
        for count, together in asked:
            if not asker.last:
                answer = asker.ask(count, together)
                assert len(answer) <= count
                came += answer
    assert same(came, items)


def test_no_more_is_read_than_was_asked_for(tmp_path: Path) -> None:
    read: list[int] = []
    asker = Asker((read.append(n) or n for n in range(1_000)), tmp_path)
    assert asker.ask(3, 2) == [0, 1, 2]
    assert read == [0, 1, 2]


def test_a_thing_that_is_changed_and_yielded_again_is_kept_as_it_was(tmp_path: Path) -> None:
    def generated() -> Iterator[Any]:
        row, array = [0], np.zeros(20, int)
        for n in range(10):
            row[0] = array[:] = n
            yield row
            yield array

    came = Asker(generated(), tmp_path).ask(100, 64)
    assert [item[0] for item in came] == [n for n in range(10) for _ in range(2)]


def test_what_has_come_goes_out_while_the_source_waits(tmp_path: Path) -> None:
    """What comes after that belongs to the next answer."""
    sent, go_on = threading.Event(), threading.Event()

    class Watched(Link):
        def send_bytes(self, data: bytes) -> None:
            self.append(data)
            sent.set()

    def generated() -> Iterator[Any]:
        yield from [1, [2], np.arange(20), "three"]
        go_on.wait(60)
        yield from [[4], 5]

    asker = Asker(generated(), tmp_path)
    asker._link = asker._answers._conn = cast("Any", Watched())
    reading = threading.Thread(target=asker._answers.give, args=(100, 64))
    reading.start()
    assert sent.wait(60)
    assert same(asker.answered(), [1, [2], np.arange(20), "three"])
    go_on.set()
    reading.join(60)
    assert not asker.last
    assert asker.ask(100, 64) == [[4], 5]
    assert asker.last


def test_where_nothing_has_come_in_time_the_first_input_goes_out_alone(tmp_path: Path) -> None:
    def generated() -> Iterator[Any]:
        for thread in threading.enumerate():
            if isinstance(thread, threading.Timer):
                thread.join(60)
        yield from range(10)

    asker = Asker(generated(), tmp_path)
    assert asker.ask(100, 64) == [0]
    assert asker.ask(100, 64) == [*range(1, 10)]
