"""Packs: opened where they are split, else by the worker; a file of large ones goes with the last of them."""

from __future__ import annotations

import pickle
from collections import deque
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.host.incoming.streamed import StreamedQueue
from engine.host.inputs import InputError, Pickled
from engine.host.record import wire
from engine.host.record.objects import LONG_COLUMN, ObjectFile
from engine.host.record.packs import Column, Kept, Pack, Spool, column
from engine.host.record.pieces import Pieces, cut, dumps, kept


class Link(deque[bytes]):
    """Stands in for the pipe to a worker."""

    recv_bytes = deque.popleft


def to_worker(pack: Pack) -> list[Any]:
    """The inputs as the tasks of a worker get them."""
    link = Link(wire.pack_batch(7, pack, 1))
    received = wire.receive_batch(cast("Any", link))
    assert received is not None
    assert (received[:1], len(link)) == ((7,), 0)
    return [item.load() if type(item) is Pickled else item for item in received[1]]


@given(st.lists(st.integers() | st.text() | st.binary() | st.lists(st.integers()) | st.tuples(st.floats(0))))
def test_a_worker_gets_what_the_reader_packed(items: list[Any]) -> None:
    opaque = [item for item in items if type(item) in (list, tuple)]
    shown = [(repr(item),) if type(item) in (list, tuple) else item for item in items]
    objects = dumps([[pickle.dumps(item) for item in opaque]]) if opaque else None
    pack = Pack(Column(len(items), dumps(cut(shown)), objects))
    assert to_worker(pack) == items
    assert Pieces(column(pack), "").all() == shown
    assert to_worker(Pack(Column(len(items), column(pack), objects))) == items


ITEMS = st.one_of(st.integers(), st.text(max_size=3), st.lists(st.integers(), max_size=3))


@given(st.lists(ITEMS, max_size=40), st.sampled_from(["inside", "in files"]), st.data())
def test_any_part_of_a_pack_is_itself(
    tmp_path_factory: pytest.TempPathFactory, items: list[Any], where: str, data: st.DataObject
) -> None:
    """Whether others read the whole column for it or it is copied: to its worker, and in run.db."""
    folder = tmp_path_factory.mktemp("run")
    columns, spool = ObjectFile(str(folder / "objects"), "1"), ObjectFile(str(folder / "spool"), "1")
    shown = [(repr(item),) if type(item) is list else item for item in items]
    objects = [pickle.dumps(item) for item in items if type(item) is list]
    size = 0 if where == "inside" else LONG_COLUMN + 1
    inside, apart = kept(cut(shown), size, columns), kept([objects], size, spool) if objects else None
    part = Pack(Column(len(items), inside, apart, spool.path, str(folder / "objects")))
    for _ in range(2):
        begin = data.draw(st.integers(0, len(items)))
        stop = data.draw(st.integers(begin, len(items)))
        part, items, shown = part[begin:stop], items[begin:stop], shown[begin:stop]
        assert to_worker(part) == items
        assert Kept(str(folder / "objects"), part.kept).items(0, len(part)) == shown
        assert [repr(item) for item in part] == [repr(item) for item in items]
        assert [repr(part[place]) for place in range(len(part))] == [repr(item) for item in items]


def test_inputs_of_a_range_are_told_by_it() -> None:
    kept = Kept("", repr(range(5, -5, -2)))
    assert kept.items(0, 5) == [5, 3, 1, -1, -3]
    assert kept.items(1, 3) == [3, 1]
    with pytest.raises(ValueError, match="fewer items"):
        kept.items(3, 6)
    with pytest.raises(ValueError, match="zero"):
        Kept("", "range(1, 5, 0)")


def test_much_of_a_long_column_is_not_copied(tmp_path: Path) -> None:
    columns = ObjectFile(str(tmp_path), "1")
    place = kept([[*range(80)]], LONG_COLUMN + 1, columns)
    pack = Pack(Column(80, place, None, "", str(tmp_path)))
    assert pack.kept == place
    assert pack[10:21].kept == f"{place}:10"
    assert isinstance(pack[10:20].kept, bytes)


def spooled(folder: Path, *values: Any) -> tuple[Pack, Path]:
    path = folder / "1"
    places: list[tuple[str, int, int]] = []
    with path.open("wb") as file:
        for value in values:
            begin = file.tell()
            pickle.dump(value, file)
            places.append(("1", begin, file.tell() - begin))
    shown = column([Pickled(b"", f"<{n}>") for n in range(len(values))])
    return Pack(Column(len(values), shown, dumps([places]), str(path), "", Spool(str(path)))), path


def test_large_inputs_are_read_from_their_file(tmp_path: Path) -> None:
    pack, path = spooled(tmp_path, [1, 2], "three")
    assert to_worker(pack) == [[1, 2], "three"]
    assert path.exists(), "a worker leaves the file to the host"
    assert [repr(item) for item in pack] == ["<0>", "<1>"]


def test_their_file_goes_with_the_last_of_them(tmp_path: Path) -> None:
    pack, path = spooled(tmp_path, 1, 2, 3)
    last = pack[2]
    rest = pack[:1]
    del pack, rest
    assert path.exists()
    assert last.load() == 3
    del last
    assert not path.exists()


def test_an_input_whose_file_is_gone_is_a_bad_one(tmp_path: Path) -> None:
    pack, path = spooled(tmp_path, 1)
    path.unlink()
    with pytest.raises(InputError, match="FileNotFoundError"):
        pack[0].load()


def test_what_is_taken_whole_is_not_opened() -> None:
    stream = StreamedQueue([(2, 3)], lambda first: [])
    stream.receive(True, 6, None, "", 100, 2, b"never read", None, 4, column([2, 3, 4, 5]), None)
    whole = stream.take(10)
    assert whole is not None
    assert isinstance(whole.items, Pack)
    assert whole.items.kept == b"never read"
    rest = [(batch.first, list(batch.items)) for batch in (stream.take(2), stream.take(2)) if batch]
    assert rest == [(3, [3, 4]), (5, [5])]
    assert stream.take(2) is None


def test_packs_are_as_long_as_the_batches_that_are_asked_for() -> None:
    stream = StreamedQueue([], lambda first: [])
    assert stream.wants()[1] == 1
    stream.receive(False, None, None, "", 100, 2, column([0, 1]), None)
    for size in (1, 50):
        stream.take(size)
    assert stream.wants() == (400, 50)
