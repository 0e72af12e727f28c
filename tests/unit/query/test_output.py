"""What workers printed, line by line, and which tasks printed it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.host import system
from engine.host.record import output
from engine.host.record.schema import LANES, OUTPUT
from engine.query.output import FIRST, HOST, LONGEST_LINE, CopyOutput, OutputFile, OutputPage, ReadOutput
from engine.query.request import answer, finish
from engine.query.sources import Sources
from engine.runs import UnreadableRun
from tests.running import make_job, run_job

SOURCE = """
import os, time
print("imported")
def f(x):
    print("begins", x)
    if x == 3 and not os.path.exists("mark"):
        open("mark", "w").close()
        raise ValueError(x)
    time.sleep(0.03)  # so that each is looked at by itself
    print("ends", x)
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POOLHOUSE_RUNS", str(folder / "runs"))
        return run_job(make_job(folder, SOURCE, inputs=range(6), workers=2, retries=1)).folder


def all_of(run: Path, lane: int) -> OutputPage:
    return answer(ReadOutput(run, lane, 0, 1_000))


def made(tmp_path: Path, data: bytes, lane: int = 1) -> Path:
    (tmp_path / LANES).mkdir(exist_ok=True)
    (tmp_path / LANES / f"{lane}.txt").write_bytes(data)
    return tmp_path


def test_each_line_names_the_task_that_printed_it(run: Path) -> None:
    lanes = [lane for lane, _ in all_of(run, FIRST).lanes if lane != HOST]
    told: list[tuple[str, int]] = []
    for lane in lanes:
        page = all_of(run, lane)
        assert (page.lane, page.total) == (lane, len(page.lines))
        for line, (first, count) in zip(page.lines, page.tasks, strict=True):
            if line == "imported":
                assert count == 0
            else:
                assert first <= int(line.split()[1]) < first + count, line
                told.append((line, count))
    assert sorted(line for line, _ in told) == sorted(
        ["begins 3", *(f"{word} {task}" for task in range(6) for word in ("begins", "ends"))]
    )
    assert any(count == 1 for _, count in told)


def test_a_run_that_printed_nothing(tmp_path: Path) -> None:
    folder = run_job(make_job(tmp_path, "def f(x): return x", inputs=range(2))).folder
    page = all_of(folder, FIRST)
    assert (page.lane, page.lanes, page.total, page.lines) == (HOST, (), 0, ())


def test_lines_at_the_end_and_in_between(tmp_path: Path) -> None:
    folder = made(tmp_path, b"".join(b"line %d\n" % number for number in range(5_000)))
    page = answer(ReadOutput(folder, 1, 0, 3, at_end=True))
    assert (page.first, page.lines) == (4_997, ("line 4997", "line 4998", "line 4999"))
    page = answer(ReadOutput(folder, 1, 2_500, 2))
    assert (page.total, page.first, page.lines) == (5_000, 2_500, ("line 2500", "line 2501"))
    assert answer(ReadOutput(folder, 1, 6_000, 2)).lines == ()


def test_lines_are_shown_as_a_terminal_would(tmp_path: Path) -> None:
    data = b"10%\r50%\r100%\n\x1b[31mred\x1b[0m\r\nbad \xff\nopen"
    page = all_of(made(tmp_path, data), 1)
    assert page.lines == ("100%", "red", "bad \ufffd", "open")


def test_long_lines_are_cut_and_far_too_long_ones_are_not_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.query.output.MOST_BYTES", 50_000)
    page = all_of(made(tmp_path, b"a" * 100_000 + b"\nshort\n" + b"b" * 5_000), 1)
    assert [line[:1] for line in page.lines] == ["a", "s", "b"]
    assert [len(line) for line in page.lines] == [LONGEST_LINE, 5, LONGEST_LINE]


def test_a_file_that_grows_is_read_on_and_one_that_is_replaced_anew(tmp_path: Path) -> None:
    folder = made(tmp_path, b"one\ntw")
    with Sources() as sources:

        def look() -> OutputPage:
            return finish(ReadOutput(folder, 1, 0, 10).steps(sources))

        first = look()
        assert first.lines == ("one", "tw")
        with (folder / LANES / "1.txt").open("ab") as file:
            file.write(b"o\nthree\n")
        assert look().lines == ("one", "two", "three")
        assert look().generation == first.generation
        draft = folder / LANES / "draft"
        draft.write_bytes(b"other\n")
        draft.replace(folder / LANES / "1.txt")
        assert look().lines == ("other",)
        assert look().generation != first.generation
        (folder / LANES / "1.txt").unlink()
        assert look().lines == ()


def test_places_behind_a_cut_are_those_of_the_whole_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system, "cut_out", lambda *_: False)
    path = made(tmp_path, b"") / LANES / "1.txt"
    whole = b"".join(b"%09d\n" % number for number in range(40_000))
    path.write_bytes(whole)
    head = output.BLOCK
    output.bound(str(path), 2 * head, head, head)
    monkeypatch.setattr(output.Cut.of.__func__, "__defaults__", (head,))
    file = OutputFile(path)
    finish(file.extend())
    lines = list(file.lines(0, file.total))
    places = {place: int(text) for place, text in lines if len(text) == 9 and text.isdigit()}
    assert len(places) > 10_000
    assert all(place == 10 * number for place, number in places.items())


def test_lines_are_copied(tmp_path: Path) -> None:
    folder = made(tmp_path, b"".join(b"line %d\n" % number for number in range(3_000)))
    assert answer(CopyOutput(folder, 1, ((0, 2), (2_999, 1)), 100)) == "line 0\nline 1\nline 2999"
    assert answer(CopyOutput(folder, 1, ((0, 2_500),), 1_500)).count("\n") == 1_499


def test_a_worker_that_there_is_not_is_told(run: Path, tmp_path: Path) -> None:
    import shutil
    import sqlite3

    copy = tmp_path / "copy"
    shutil.copytree(run, copy)
    db = sqlite3.connect(copy / "run.db")
    db.execute("DELETE FROM worker")
    db.commit()
    db.close()
    with pytest.raises(UnreadableRun, match="damaged"):
        all_of(copy, FIRST)


def test_other_files_among_the_lanes_are_left_out(tmp_path: Path) -> None:
    folder = made(tmp_path, b"text\n", lane=2)
    (folder / LANES / "notes.txt").write_text("not ours\n")
    (folder / OUTPUT).write_text("of the host\n")
    page = all_of(folder, FIRST)
    assert (page.lane, page.lanes) == (2, ((2, 5), (HOST, 12)))
    assert all_of(folder, HOST).lines == ("of the host",)
