"""What runs ahead of a search changes no answer: with the real ripgrep, and with a program that is none."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from engine.log import finding, prefilter
from engine.log.choosing import Chooser
from engine.log.filters import Filter
from engine.log.log import Log
from engine.log.search import Pattern
from tests.unit.log.naive import Naive
from tests.unit.log.test_against_naive import run_ahead_always

LINES = [
    "2024-03-10 11:58:00,254 INFO shop: a zebra",
    "2024-03-10 11:58:01,254 INFO shop: ZEBRA, größer",
    "2024-03-10 11:58:02,254 ERROR shop: \x1b[31mze\x1b[0mbra \0one",
    "2024-03-10 11:58:03,254 INFO shop: \u212aey, ze\0bra",
    "  at 10% zebra\r  at 20%",
    "\ufeff2024-03-10 11:58:04,254 INFO pay: two zebras",
]
PATTERNS = [
    Pattern("zebra"),
    Pattern("zebra", literal=True, word=True),
    Pattern("ZEBRA", literal=True, ignore_case=True),
    Pattern("key", literal=True, ignore_case=True),
    Pattern("größer", literal=True),
    Pattern("zebra|one"),
    Pattern(r"(?i)Z\w+ra\b"),
    Pattern("shop: a", literal=True),
    Pattern("nothing of this", literal=True),
]


def chosen(log: Log, pattern: Pattern) -> list[int]:
    chooser = Chooser(log, Filter(every=(pattern,)))
    list(chooser.run())
    return list(chooser.selection.starts())


def written(folder: Path, encoding: str, end: str) -> Log:
    path = folder / "a.log"
    text = "".join(LINES[n % 7 % 6] + end for n in range(500))
    path.write_bytes(text.encode(encoding, "replace"))
    log = Log(path)
    log.read_all()
    return log


@pytest.mark.skipif(prefilter.tool() is None, reason="ripgrep is not installed")
@pytest.mark.parametrize(("encoding", "end"), [("utf-8", "\n"), ("cp1252", "\r\n"), ("utf-16", "\n")])
def test_the_same_lines_with_ripgrep(
    encoding: str, end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_ahead_always(monkeypatch)
    monkeypatch.setattr(prefilter, "SPARSE", 1)
    monkeypatch.setattr("engine.log.lines.READ", 4_000)
    log = written(tmp_path, encoding, end)
    naive = Naive(log, log.path.read_bytes())
    for pattern in PATTERNS:
        assert chosen(log, pattern) == naive.chosen(Filter(every=(pattern,)))


@pytest.mark.skipif(prefilter.tool() is None, reason="ripgrep is not installed")
def test_ripgrep_says_what_it_has_found(tmp_path: Path) -> None:
    log = written(tmp_path, "utf-8", "\n")
    chunk = log.records.chunks[0]
    made = prefilter.prefilter(log.source, Pattern("ZEBRA"), [b"ZEBRA"], chunk)
    assert made
    answers = (made.lines(chunk) for _ in range(10_000))  # each waits a little while ripgrep runs
    known = next(answer for answer in answers if answer is not None)
    made.close()
    raw = log.path.read_bytes()
    assert [line for line, _ in known] == [n for n in range(500) if n % 7 % 6 == 1]
    assert all(raw[at : at + 5] == b"ZEBRA" for _, at in known)


@pytest.mark.skipif(sys.platform == "win32", reason="there, a script is no program")
@pytest.mark.parametrize("says", ["echo what is this", "exit 2", "echo 1:2:; kill -9 $$", "cat >&2"])
def test_a_program_that_is_not_ripgrep(says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_ahead_always(monkeypatch)
    program = tmp_path / "rg"
    program.write_text(f"#!/bin/sh\n{says}\n")
    program.chmod(0o755)
    monkeypatch.setattr(prefilter, "tool", lambda: program)
    log = written(tmp_path, "utf-8", "\n")
    naive = Naive(log, log.path.read_bytes())
    pattern = Pattern("zebra")
    assert chosen(log, pattern) == naive.chosen(Filter(every=(pattern,)))


def test_ripgrep_is_not_taken_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / ("rg.exe" if sys.platform == "win32" else "rg")
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", ".")
    assert prefilter.tool() is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert prefilter.tool() == program
    assert finding.WORTHWHILE > finding.TRIED
