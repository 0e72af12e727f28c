"""Where the bytes of a log come from: files that change under the reader, and gzip of every kind."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

from engine.log import cache, gzipped
from engine.log.gzipped import GzipSource
from engine.log.kinds import open_source
from engine.log.lines import LONGEST
from engine.log.log import Log
from engine.log.recogniser import CONTINUATION
from engine.log.rotated import parts_of
from engine.log.source import Change, FileSource, Replaced

TEXT = "".join(f"2024-03-10 11:58:{n % 60:02},254 INFO shop: item {n}\n" for n in range(5000)).encode()
LATER = b"2024-03-11 00:00:00,000 ERROR shop: later\n"


def read_whole(source: GzipSource) -> bytes:
    return source.read(0, 10 * len(TEXT))


def test_gzip_of_several_members(tmp_path: Path) -> None:
    path = tmp_path / "a.log.gz"
    parts = [TEXT[at : at + 30_000] for at in range(0, len(TEXT), 30_000)]
    path.write_bytes(b"".join(gzip.compress(part) for part in parts) + b"\0" * 100)
    source = GzipSource(path)
    assert source.refresh() is Change.GREW
    assert source.end() is None
    assert read_whole(source) == TEXT
    assert (source.end(), source.notes()) == (len(TEXT), [])


def test_gzip_can_be_read_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gzipped, "SPACING", 10_000)
    path = tmp_path / "a.log.gz"
    path.write_bytes(gzip.compress(TEXT[:50_000]) + gzip.compress(TEXT[50_000:]))
    source = GzipSource(path)
    source.refresh()
    chance = random.Random(1)
    for _ in range(200):
        at, count = chance.randrange(len(TEXT) + 10), chance.randrange(5_000)
        assert source.read(at, count) == TEXT[at : at + count]


@pytest.mark.parametrize(
    ("spoiled", "note"),
    [
        (lambda raw: raw[:-300], "cut short"),
        (lambda raw: raw + b"not gzip", "something that is not gzip"),
        (lambda raw: raw[:2000] + bytes(50) + raw[2050:], "damaged"),
    ],
)
def test_gzip_that_is_broken_is_read_as_far_as_it_goes(spoiled, note: str, tmp_path: Path) -> None:
    path = tmp_path / "a.log.gz"
    path.write_bytes(spoiled(gzip.compress(TEXT)))
    log = Log(path)
    log.read_all()
    assert note in log.notes()[0]
    assert 100 < log.records.count <= 5000
    assert log.page(0, 1)[0].text == "2024-03-10 11:58:00,254 INFO shop: item 0"


def test_a_gzip_file_that_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.log.gz"
    path.write_bytes(gzip.compress(TEXT))
    log = Log(path)
    log.read_all()
    path.write_bytes(gzip.compress(LATER))
    assert log.refresh() is Change.REPLACED
    log.read_all()
    assert (log.records.count, log.generation) == (1, 1)


def test_what_becomes_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(TEXT)
    source = FileSource(path)
    assert source.refresh() is Change.GREW
    assert source.refresh() is Change.NONE
    with path.open("ab") as file:
        file.write(LATER)
    assert source.refresh() is Change.GREW
    path.write_bytes(LATER)
    with pytest.raises(Replaced):
        source.read(0, 10)
    assert source.refresh() is Change.REPLACED
    path.unlink()
    with pytest.raises(Replaced):
        source.read(0, 10)
    assert source.refresh() is Change.GONE


def test_a_file_cut_and_grown_past_its_old_size_is_another_one(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(TEXT)
    log = Log(path)
    log.read_all()
    with path.open("r+b") as file:
        file.truncate(0)
        file.write(LATER * 10_000)
    assert log.refresh() is Change.REPLACED
    log.read_all()
    assert log.records.by_level()[5] == log.records.count == 10_000


def test_a_log_that_goes_and_comes_again(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(TEXT)
    log = Log(path)
    log.read_all()
    path.unlink()
    assert log.refresh() is Change.GONE
    assert (log.lines.count, log.page(0, 5), log.refresh()) == (0, [], Change.NONE)
    path.write_bytes(LATER)
    assert log.refresh() is not Change.NONE
    log.read_all()
    assert log.records.count == 1


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_source(tmp_path / "a.log")


def test_a_line_of_50_mb(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    long = b"2024-03-10 11:58:57,254 ERROR shop: " + b"x" * (50 << 20) + b"the end"
    path.write_bytes(LATER + long + b"\n" + LATER)
    log = Log(path)
    log.read_all()
    assert (log.lines.count, log.records.count, log.records.by_level()[5]) == (3, 3, 3)
    page = log.page(0, 10)
    assert [line.cut for line in page] == [False, True, False]
    assert log.line(1, len(long) - 7) == "the end"


def test_a_hole_larger_than_what_is_held(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    with path.open("wb") as file:
        file.seek(LONGEST + (1 << 20))
        file.write(LATER * 2)
    log = Log(path)
    log.read_all()
    assert (log.lines.count, log.records.count) == (2, 2)
    assert [record.code & 7 for record in log.walk()] == [5, 5]


def test_the_end_is_shown_before_the_lines_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(TEXT * 5)
    log = Log(path)
    assert [line.code for line in log.last_lines(3)] == [CONTINUATION] * 3
    assert log.detection.formats
    assert [line.text.split(": ")[1] for line in log.first_lines(2)] == ["item 0", "item 1"]
    found = log.last_lines(3)
    assert [line.number for line in found] == [-3, -2, -1]
    assert [line.text.split(": ")[1] for line in found] == ["item 4997", "item 4998", "item 4999"]
    assert [line.code & 7 for line in found] == [3, 3, 3]
    assert len(log.last_lines(1_000_000)) == 25_000


def test_the_index_of_a_large_file_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "LARGE", 100_000)
    monkeypatch.setenv("POOLHOUSE_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "a.log"
    path.write_bytes(TEXT[:-20])
    first = Log(path)
    first.read_all()
    with path.open("ab") as file:
        file.write(TEXT[-20:] + LATER)
    again = Log(path)
    assert cache.load(again)
    assert again.records.lines == first.records.lines
    again = Log(path)
    again.read_all()
    fresh = Log(path)
    monkeypatch.setattr(cache, "load", lambda log: False)
    fresh.read_all()
    assert again.lines.state() == fresh.lines.state()
    assert again.records.codes(0, 10_000).tolist() == fresh.records.codes(0, 10_000).tolist()
    assert again.records.by_level() == fresh.records.by_level()


@pytest.mark.parametrize("what", ["another beginning", "another end", "cut", "spoiled", "another format"])
def test_an_index_of_another_file_is_not_taken(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "LARGE", 100_000)
    monkeypatch.setenv("POOLHOUSE_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "a.log"
    path.write_bytes(TEXT)
    Log(path).read_all()
    kept = next((tmp_path / "cache/logs").iterdir())
    changed = {
        "another beginning": b"2024-03-10 11:58:00,254 INFO shop: ITEM 0\n" + TEXT.split(b"\n", 1)[1],
        "another end": TEXT[:-5] + b"4990\n",
        "cut": TEXT[:120_000],
        "spoiled": TEXT,
        "another format": TEXT.replace(b" INFO shop:", b" [INFO] x -"),
    }
    path.write_bytes(changed[what])
    if what == "spoiled":
        kept.write_bytes(b"no index")
    log = Log(path)
    assert not cache.load(log)
    log.read_all()
    assert log.lines.count == changed[what].count(b"\n") + (what == "cut")


def test_indexes_that_are_not_used_are_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "LARGE", 100_000)
    monkeypatch.setattr(cache, "MOST_BYTES", 0)
    monkeypatch.setenv("POOLHOUSE_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "a.log"
    path.write_bytes(TEXT)
    Log(path).read_all()
    assert not list((tmp_path / "cache/logs").iterdir())


def test_the_parts_of_a_rotated_log(tmp_path: Path) -> None:
    names = ["a.log", "a.log.1", "a.log.2.gz", "a.log.10", "a.log-20240309", "a.log.2024-03-10", "a.log.bak"]
    for name in [*names, "b.log.1"]:
        (tmp_path / name).touch()
    assert [part.name for part in parts_of(tmp_path / "a.log")] == [
        "a.log-20240309",
        "a.log.2024-03-10",
        "a.log.10",
        "a.log.2.gz",
        "a.log.1",
        "a.log",
    ]
    assert parts_of(tmp_path / "none" / "x.log") == [tmp_path / "none" / "x.log"]


def test_index_of_gzip_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time, nothing is unpacked to know its lines, its levels and its end."""
    monkeypatch.setattr(cache, "LARGE", 100_000)
    monkeypatch.setattr(gzipped, "TAIL", 70_000)
    monkeypatch.setenv("POOLHOUSE_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "a.log.gz"
    lines = [f"2024-03-10 11:58:57,254 {('INFO', 'ERROR')[n % 2]} shop: item {n}" for n in range(5_000)]
    path.write_bytes(gzip.compress("\n".join(lines).encode())[:-8])  # cut short, which is reported again
    first = Log(path)
    first.read_all()
    again = Log(path)
    with monkeypatch.context() as patched:
        patched.setattr(gzipped.GzipSource, "_unpack", lambda *_: pytest.fail("it was unpacked"))
        again.read_all()
        assert [line.text for line in again.last_lines(3)] == lines[-3:]
    assert (again.lines.count, again.records.by_level()) == (5_000, first.records.by_level())
    assert again.notes() == first.notes()
    assert [line.text for line in again.page(2_000, 3)] == lines[2_000:2_003]
    path.write_bytes(gzip.compress(b"another"))
    other = Log(path)
    other.read_all()
    assert other.lines.count == 1
