"""An output file that is too long is cut: its beginning and its latest part stay."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.host import system
from engine.host.record import output

NOTE = b"\n[%d bytes of output are left out here]\n"


def test_beginning_and_end_stay(tmp_path: Path) -> None:
    path = tmp_path / "output.txt"
    path.write_bytes(b"a" * 50 + b"b" * 100 + b"c" * 50)
    output.bound(str(path), 100, 50, 40)
    assert path.read_bytes() == b"a" * 50 + NOTE % 110 + b"c" * 40


def test_a_long_one_is_cut_in_one_step(tmp_path: Path) -> None:
    """If the file system can do that: nothing is lost that is written meanwhile."""
    path = tmp_path / "output.txt"
    block = output.BLOCK
    path.write_bytes(b"a" * block + b"b" * 3 * block + b"c" * block)
    output.bound(str(path), 4 * block, block, block)
    text = path.read_bytes()
    left_out = f"\n[{3 * block + 45:,} bytes of output are left out here]\n".encode()
    assert len(left_out) == 45, "the note itself stands in place of this many"
    assert text.startswith(b"a" * block + left_out)
    assert text.endswith(b"c" * (block - len(left_out)))
    assert len(text) <= 2 * block + len(left_out)


def test_a_short_one_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "output.txt"
    path.write_bytes(b"a" * 100)
    output.bound(str(path), 100, 50, 40)
    assert path.read_bytes() == b"a" * 100


def test_one_that_is_gone(tmp_path: Path) -> None:
    output.bound(str(tmp_path / "output.txt"))


def test_what_is_written_while_it_is_cut_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "output.txt"
    path.write_bytes(b"a" * 200)
    later = [b"b" * 60, b"the last line\n"]

    class Busy(io.FileIO):
        """A file that others write to after each look at it."""

        def read(self, *size: Any) -> Any:
            found = super().read(*size)
            if later:
                with path.open("ab") as file:
                    file.write(later.pop(0))
            return found

    monkeypatch.setattr(output, "open", lambda name, *_, **__: Busy(name, "r+"), raising=False)
    output.bound(str(path), 100, 50, 40)
    assert path.read_bytes() == b"a" * 50 + NOTE % 184 + b"b" * 26 + b"the last line\n"


PIECES = st.lists(st.integers(1, 3 * output.BLOCK), min_size=1, max_size=12)


@settings(max_examples=30)
@given(PIECES, st.booleans())
def test_what_is_kept_is_found_after_any_number_of_cuts(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], by_hand: bool
) -> None:
    path, block = tmp_path_factory.mktemp("output") / "1.txt", output.BLOCK
    whole = b""
    with pytest.MonkeyPatch.context() as patch:
        if by_hand:
            patch.setattr(system, "cut_out", lambda *_: False)
        for number, size in enumerate(sizes):
            data = b"%09d " % number * (size // 10 + 1)
            whole += data
            with path.open("ab") as file:
                file.write(data)
            output.bound(str(path), 4 * block, block, block)
            assert path.stat().st_size <= 4 * block
            with path.open("rb") as file:
                cut = output.Cut.of(file, block)
                assert path.stat().st_size + cut.shift == len(whole)
                for begin in range(0, len(whole), block // 2 + 7):
                    end = min(begin + block, len(whole))
                    for first, last in cut.parts(begin, end):
                        file.seek(first)
                        at = first if first < block else first + cut.shift
                        assert begin <= at <= end
                        assert file.read(last - first) == whole[at : at + last - first]
                at_end = cut.parts(len(whole) - 10, len(whole))
                assert sum(last - first for first, last in at_end) == 10
