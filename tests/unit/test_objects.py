"""Large results: written to a worker's own file, found again, and stored in run.db if no file can be had."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.host.record import schema
from engine.host.record.objects import LARGE, ObjectFile, Syncer, column, told
from engine.host.record.pieces import Pieces
from engine.host.record.values import Unpicklable, Values

LONG = LARGE + 1
VALUES = [
    b"b" * LONG,
    bytearray(LONG),
    "ü" * LONG,
    list(range(LONG)),
    b"short" * 1_000,
    [1],
    {"a": "c" * LONG},
]


def object_file(folder: Path, worker: int) -> ObjectFile:
    return ObjectFile(str(folder / schema.OBJECTS), f"{worker}-{os.getpid()}")


def kept(values: Values, folder: Path) -> list[bytes]:
    """The pickles of a row, read back."""
    objects = values.columns().objects if values.items else None
    place = str(folder / schema.OBJECTS)
    items = [] if objects is None else Pieces(objects, place).all()
    return [item if isinstance(item, bytes) else column(place, told(item)) for item in items]


def encode(values: Values, *items: Any) -> None:
    for item in items:
        values.items.append(values.encode(item))


def test_large_results_are_in_the_file_and_small_ones_in_the_row(tmp_path: Path) -> None:
    values = Values(object_file(tmp_path, 3))
    encode(values, *VALUES)
    objects = kept(values, tmp_path)
    assert [pickle.loads(data) for data in objects] == [v for v in VALUES if v != b"short" * 1_000]
    assert values.written == f"3-{os.getpid()}"
    inside = [place for place in values.objects if isinstance(place, tuple)]
    assert len(inside) == 5
    assert sum(size for *_, size in inside) == (tmp_path / schema.OBJECTS / values.written).stat().st_size
    assert values.size >= 5 * LONG


def test_no_file_is_made_where_nothing_is_large(tmp_path: Path) -> None:
    values = Values(object_file(tmp_path, 1))
    encode(values, [1], {2})
    assert values.written == ""
    assert not (tmp_path / schema.OBJECTS).exists()


@given(st.lists(st.integers(0, 3 * LARGE), max_size=8))
def test_what_is_kept_is_found_again(tmp_path_factory: pytest.TempPathFactory, sizes: list[int]) -> None:
    folder = tmp_path_factory.mktemp("run")
    values = Values(object_file(folder, 1))
    items = [[os.urandom(size)] for size in sizes]
    encode(values, *items)
    assert [pickle.loads(data) for data in kept(values, folder)] == items


def test_a_second_row_goes_on_in_the_same_file(tmp_path: Path) -> None:
    values = Values(object_file(tmp_path, 1))
    encode(values, b"a" * LONG)
    values.clear()
    assert values.written == ""
    encode(values, b"b" * LONG)
    assert [pickle.loads(data) for data in kept(values, tmp_path)] == [b"b" * LONG]


def test_where_the_file_cannot_be_written_the_row_has_it_all(tmp_path: Path) -> None:
    (tmp_path / schema.OBJECTS).write_text("in the way")
    values = Values(object_file(tmp_path, 1))
    encode(values, b"a" * LONG, [b"b" * LONG])
    assert [pickle.loads(data) for data in kept(values, tmp_path)] == [b"a" * LONG, [b"b" * LONG]]
    assert values.written == ""


def test_a_row_takes_no_more_than_a_field_of_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.host.record.values.MAX_PICKLE", 2 * LARGE)
    with pytest.raises(Unpicklable) as caught:
        Values().encode(bytes(3 * LARGE))
    assert "at most" in str(caught.value.__cause__)
    encode(Values(object_file(tmp_path, 1)), bytes(3 * LARGE))


def test_a_descriptor_that_user_code_closed_and_used_again_is_left_alone(tmp_path: Path) -> None:
    values = Values(object_file(tmp_path, 1))
    encode(values, b"a" * LONG)
    assert values._file is not None
    ours = values._file._fd
    other = os.open(tmp_path / "theirs", os.O_RDWR | os.O_CREAT)
    os.dup2(other, ours)
    encode(values, b"b" * LONG)
    assert (tmp_path / "theirs").stat().st_size == 0
    assert [pickle.loads(data) for data in kept(values, tmp_path)] == [b"a" * LONG, b"b" * LONG]
    os.close(other)
    os.close(ours)


def test_a_large_value_that_cannot_be_pickled_says_so(tmp_path: Path) -> None:
    values = Values(object_file(tmp_path, 1))
    with pytest.raises(Unpicklable):
        values.encode([b"a" * LONG, lambda: 0])
    encode(values, b"after" * LONG)
    assert [pickle.loads(data) for data in kept(values, tmp_path)] == [b"after" * LONG]


def test_a_result_that_is_gone_or_cut_short(tmp_path: Path) -> None:
    values = Values(object_file(tmp_path, 1))
    encode(values, b"a" * LONG)
    file = tmp_path / schema.OBJECTS / values.written
    os.truncate(file, 100)
    with pytest.raises(OSError, match="cut short"):
        kept(values, tmp_path)
    file.unlink()
    with pytest.raises(FileNotFoundError):
        kept(values, tmp_path)


def test_files_are_synced_once_they_have_grown(tmp_path: Path) -> None:
    file = object_file(tmp_path, 1)
    place = file.keep(b"data")
    assert place is not None
    syncer = Syncer(str(tmp_path / schema.OBJECTS))
    syncer.note("")
    syncer.sync(syncer.take())
    syncer.note(place[0])
    syncer.sync(syncer.take())
    (tmp_path / schema.OBJECTS / place[0]).unlink()
    syncer.sync(syncer.take())
    syncer.note(place[0])
    with pytest.raises(FileNotFoundError):
        syncer.sync(syncer.take())


def test_a_long_column_is_in_the_file_too(tmp_path: Path) -> None:
    file = object_file(tmp_path, 1)
    texts = ["x" * 1_000 + str(n) for n in range(2_000)]
    values = Values(file)
    encode(values, *texts)
    vals = values.columns().vals
    assert isinstance(vals, str)
    folder = str(tmp_path / schema.OBJECTS)
    assert Pieces(vals, folder).all() == texts
    assert Pieces(vals, folder).items(1_500, 1_502) == texts[1_500:1_502]
    assert column(folder, b"itself") == b"itself"
    os.truncate(file.path, 1_000)
    with pytest.raises(OSError, match="cut short"):
        column(folder, vals)
    with pytest.raises(OSError, match="is not in"):
        column(str(tmp_path), f"../{Path(folder).name}/{vals}")


def test_a_long_column_stays_where_there_is_no_file(tmp_path: Path) -> None:
    (tmp_path / schema.OBJECTS).write_text("in the way")
    values = Values(object_file(tmp_path, 1))
    encode(values, *["x" * 1_000] * 2_000)
    assert Pieces(cast("bytes", values.columns().vals), "").all() == ["x" * 1_000] * 2_000


@pytest.mark.parametrize(
    "kept", ["", "1", "1:2", "a:b:c", "1:0:-1", "1:-1:3", "1:0:999999999999", 7, "1:5:99"]
)
def test_a_place_that_is_none(tmp_path: Path, kept: Any) -> None:
    (tmp_path / "1").write_bytes(b"0123456789")
    with pytest.raises(OSError, match=r"not a place|cut short"):
        column(str(tmp_path), kept)


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="this system has no such links")
def test_links_and_pipes_in_a_run_folder_are_not_followed(tmp_path: Path) -> None:
    secret, folder = tmp_path / "secret", tmp_path / "objects"
    secret.write_bytes(b"0123456789")
    folder.mkdir()
    (folder / "link").symlink_to(secret)
    os.mkfifo(folder / "pipe")
    (tmp_path / "elsewhere").symlink_to(tmp_path)
    for place in ((folder, "link:0:3"), (folder, "pipe:0:0"), (tmp_path / "elsewhere", "secret:0:3")):
        with pytest.raises(OSError, match=r"link|pipe|secret"):
            column(str(place[0]), place[1])


def test_a_run_folder_that_was_removed_stays_away(tmp_path: Path) -> None:
    file = ObjectFile(str(tmp_path / "run" / schema.OBJECTS), "1")
    assert file.keep(b"data") is None
    assert not (tmp_path / "run").exists()


def test_a_name_that_is_taken(tmp_path: Path) -> None:
    first, second = object_file(tmp_path, 1), object_file(tmp_path, 1)
    places = [file.keep(data) for file, data in ((first, b"one"), (second, b"two"), (first, b"three"))]
    folder = str(tmp_path / schema.OBJECTS)
    assert [column(folder, told(place)) for place in places if place] == [b"one", b"two", b"three"]


def test_what_could_not_be_written_whole_takes_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = object_file(tmp_path, 1)
    assert file.keep(b"before") is not None
    real = os.write

    def full(fd: int, data: memoryview) -> int:
        if len(data) < LARGE:
            raise OSError(28, "No space left on device")
        return real(fd, data[:LARGE])

    monkeypatch.setattr(os, "write", full)
    assert file.keep(b"x" * (LARGE + 10)) is None
    monkeypatch.undo()
    assert Path(file.path).read_bytes() == b"before"
    assert file.keep(b"after") is None, "it is not tried again"
