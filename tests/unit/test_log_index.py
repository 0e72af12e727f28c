from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import engine.log.index as module
from engine.log import LogIndex

BLOCK = 16

CONTENT = st.lists(
    st.one_of(
        st.binary(max_size=40), st.sampled_from([b"\n", b"\r\n", b"\r", b"a\nb\n", "ü€😀".encode(), b"\0"])
    ),
    max_size=12,
).map(b"".join)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "some.log"


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of some bytes, so that every border lies inside of the tests' lines."""
    monkeypatch.setattr(module, "BLOCK", BLOCK)
    monkeypatch.setattr(module, "READ", 4 * BLOCK)
    monkeypatch.setattr(module, "LINE_LIMIT", 3)
    monkeypatch.setattr(module, "_LINE_BYTES", 12)


def expected(content: bytes, limit: int) -> list[str]:
    lines = content.split(b"\n")
    if not lines[-1]:
        lines.pop()
    return [line.removesuffix(b"\r").decode("utf-8", "replace")[:limit] for line in lines]


def everything(index: LogIndex) -> list[str]:
    index.extend()
    while not index.complete:
        index.extend()
    return index.lines(0, len(index))


@pytest.mark.usefixtures("small_blocks")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
@given(parts=st.lists(CONTENT, min_size=1, max_size=4), limit=st.integers(1, 100), first=st.integers(0, 30))
def test_the_same_lines_as_splitting(path: Path, parts: list[bytes], limit: int, first: int) -> None:
    """Whatever the bytes, however the file grows, wherever blocks and reads are cut."""
    path.write_bytes(b"")
    index = LogIndex(path, read_limit=limit)
    for end in range(1, len(parts) + 1):
        with path.open("ab") as file:
            file.write(parts[end - 1])
        lines = expected(b"".join(parts[:end]), 3)
        assert everything(index) == lines
        assert index.extend() == len(lines)
        assert index.lines(first, 3) == lines[first : first + 3]
    assert index.generation == 0


def test_real_sizes(path: Path) -> None:
    lines = [f"line {number} " + "x" * (number % 200) for number in range(20_000)]
    lines[7_000] = "y" * 300_000
    path.write_text("\n".join(lines) + "\n", "utf-8")
    index = LogIndex(path)
    assert index.extend() == len(lines)
    assert index.complete
    assert index.lines(6_999, 3) == [lines[6_999], "y" * module.LINE_LIMIT, lines[7_001]]
    assert everything(index) == [line[: module.LINE_LIMIT] for line in lines]


def test_one_call_reads_a_bounded_part(path: Path) -> None:
    path.write_bytes(b"12345678\n" * 2_000_000)
    index = LogIndex(path)
    known = index.extend()
    assert 900_000 < known < 960_000
    assert not index.complete
    assert index.lines(known - 2, 5)[0] == "12345678"
    assert index.extend() > known


def test_no_file_yet(path: Path) -> None:
    index = LogIndex(path)
    assert index.extend() == 0
    assert index.complete
    assert index.lines(0, 10) == []
    path.write_bytes(b"now")
    assert index.extend() == 1
    assert index.lines(0, 10) == ["now"]
    assert index.generation == 0


def test_a_partial_last_line_is_shown_and_grows(path: Path) -> None:
    path.write_bytes(b"one\ntw")
    index = LogIndex(path)
    assert everything(index) == ["one", "tw"]
    with path.open("ab") as file:
        file.write(b"o\nthree")
    assert index.lines(0, 9) == ["one", "tw"]
    assert everything(index) == ["one", "two", "three"]
    assert index.generation == 0


@pytest.mark.parametrize(
    "after",
    [b"", b"one\n", b"1st\n2nd\n3rd\n", b"one\n2nd\n3rd\nfourth\n", b"one\ntwo\nTHREE\nfour\n"],
    ids=["emptied", "cut", "other beginning", "other end", "other last line"],
)
def test_a_file_that_is_written_anew(path: Path, after: bytes) -> None:
    path.write_bytes(b"one\ntwo\nthree\n")
    index = LogIndex(path)
    index.extend()
    path.write_bytes(after)
    assert index.lines(0, 9) == []
    assert index.generation == 1
    assert everything(index) == expected(after, 99)
    assert index.generation == 1


def test_a_file_that_is_replaced_or_removed(path: Path, tmp_path: Path) -> None:
    path.write_bytes(b"one\ntwo\n")
    index = LogIndex(path)
    index.extend()
    other = tmp_path / "other"
    other.write_bytes(b"one\ntwo\n")
    other.replace(path)
    assert everything(index) == ["one", "two"]
    assert index.generation == 1
    path.unlink()
    assert index.lines(0, 9) == []
    assert index.extend() == 0
    assert index.generation == 2
    path.write_bytes(b"new\n")
    assert everything(index) == ["new"]
    assert index.generation == 2


@pytest.mark.usefixtures("small_blocks")
def test_a_file_cut_between_check_and_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_bytes(b"line\n" * 50)
    index = LogIndex(path)
    everything(index)
    check = LogIndex._check

    def check_then_cut(self: LogIndex, file: object) -> None:
        check(self, file)  # type: ignore[arg-type]
        os.truncate(path, 7)

    monkeypatch.setattr(LogIndex, "_check", check_then_cut)
    assert index.lines(40, 5) == []
    assert index.generation == 1


def test_bytes_that_are_not_utf8(path: Path) -> None:
    path.write_bytes(b"caf\xe9 \xff\n\xf0\x9f\x98\n")
    assert everything(LogIndex(path)) == ["caf\ufffd \ufffd", "\ufffd"]
