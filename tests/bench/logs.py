"""The log reader against the system's tools, on a generated file of one GiB."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import perf_counter
from unittest.mock import patch

from engine.log import prefilter
from engine.log.choosing import Chooser
from engine.log.filters import Filter
from engine.log.levels import ERROR
from engine.log.log import Log
from engine.log.search import Pattern

SIZE = 1 << 30
TIMES = 3
APPENDED = 10_000
_LOGGERS = ("shop.orders", "shop.pay", "root", "shop.http.client")
_LEVELS = ("DEBUG", "INFO", "INFO", "INFO", "WARNING", "ERROR")
_TRACE = """\
Traceback (most recent call last):
  File "/srv/shop/orders.py", line 18, in reserve
KeyError: 'price'
"""

SEARCHES = (
    # name, pattern, what ripgrep is asked for
    ("a text that occurs once", Pattern("item 7000000 of", literal=True), ["-F", "item 7000000 of"]),
    ("a text that does not occur", Pattern("zebra crossing", literal=True), ["-F", "zebra crossing"]),
    ("ignoring case", Pattern("ITEM 7000000 OF", literal=True, ignore_case=True), ["-Fi", "ITEM 7000000 OF"]),
    ("a whole word", Pattern("reserve", literal=True, word=True), ["-Fw", "reserve"]),
    ("in every fourth line", Pattern("shop.orders:", literal=True), ["-F", "shop.orders:"]),
    ("a regular expression", Pattern(r"item \d+77777 of"), [r"item \d+77777 of"]),
)
PUBLISHED = (
    # what, seconds, by
    ("as published: search in 1 GB", "1.80", "klogg, 4 cores, Hyperscan (variar/klogg issue 280)"),
    ("as published: search in 1 GB", "3.57", "klogg, 4 cores, PCRE2 (variar/klogg issue 280)"),
    ("as published: index of 535 MB", "4", "lnav, 3.5M lines of a web log (tstack/lnav issue 426)"),
)
"""Figures published by the makers of other viewers, for other files on other machines. Not measured here."""


def write_log(path: Path, size: int) -> int:
    """Write records as `logging` does, some with a traceback; returns the number of lines."""
    chance = random.Random(1)
    clock = number = lines = written = 0
    with path.open("w", encoding="utf-8") as file:
        while written < size:
            part: list[str] = []
            for _ in range(20_000):
                clock += chance.randint(0, 15)
                seconds = clock // 1000
                day, hour, minute = 1 + seconds // 86_400, seconds // 3600 % 24, seconds // 60 % 60
                level = chance.choice(_LEVELS)
                part.append(
                    f"2024-03-{day:02} {hour:02}:{minute:02}:{seconds % 60:02},{clock % 1000:03} {level} "
                    f"{chance.choice(_LOGGERS)}: item {number} of the list, "
                    f"handled in {chance.random():.6f} s\n"
                )
                number += 1
                if level == "ERROR" and number % 50 == 0:
                    part.append(_TRACE)
            text = "".join(part)
            lines += text.count("\n")
            written += file.write(text)
    return lines


def rows(wanted: Callable[[str], bool], size: int = SIZE) -> Iterator[list[str]]:
    """The table, row by row."""
    with tempfile.TemporaryDirectory(prefix="poolhouse-bench-") as folder:
        path = Path(folder) / "shop.log"
        lines = write_log(path, size)
        yield ["what", "Poolhouse s", "other s", "by", "ours/other", "target"]
        yield from _index_rows(path, lines, wanted)
        if wanted("lnav") and (tool := shutil.which("lnav")):
            yield _lnav_row(tool, path)
        log = Log(path)
        log.read_all()
        for name, pattern, words in SEARCHES:
            if wanted(name):
                yield from _search_rows(log, name, pattern, words)
        if wanted("level and above"):
            yield [
                "level and above",
                f"{_timed(lambda: _choose(log, Filter(level=ERROR))):.2f}",
                "",
                "",
                "",
                "",
            ]
        if wanted("follow"):
            yield [f"follow: {APPENDED:,} new lines", f"{_follow(log, path):.3f}", "", "", "", ""]
        for what, seconds, by in PUBLISHED:
            if wanted(what):
                yield [what, "", seconds, by, "", ""]


def _index_rows(path: Path, lines: int, wanted: Callable[[str], bool]) -> Iterator[list[str]]:
    if wanted("first screen"):
        yield ["first screen", f"{_timed(lambda: _first_screen(path)):.3f}", "", "", "", "< 0.1 s"]
    if wanted("line index"):
        ours, other = _timed(lambda: _count(path, lines)), _timed(_tool("wc", "-l", path))
        yield ["line index", f"{ours:.2f}", *_against(ours, other, "wc -l"), "<= 2.0"]
    if wanted("records"):
        ours, other = _timed(lambda: _records(path)), _timed(_tool("grep", "-c", "ERROR", path))
        yield ["records, levels, times", f"{ours:.2f}", *_against(ours, other, "grep -c"), "<= 4 s"]


def _lnav_row(tool: str, path: Path) -> list[str]:
    """A file that was never seen before: its index with records, levels and times, and then a search."""
    _, pattern, words = SEARCHES[0]

    def ours() -> None:
        log = Log(path)
        for _ in log.records.extend(log.source, log.source.end()):
            pass
        _choose(log, Filter(every=(pattern,)))

    def other() -> None:
        subprocess.run(
            [tool, "-n", "-c", f":filter-in {words[-1]}", str(path)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
            env=os.environ | {"HOME": str(path.parent), "XDG_CONFIG_HOME": str(path.parent)},
        )

    name = "index, then a search, against lnav"
    taken = _timed(ours, 1)
    return [name, f"{taken:.2f}", *_against(taken, _timed(other, 1), "lnav"), ""]


def _search_rows(log: Log, name: str, pattern: Pattern, words: list[str]) -> Iterator[list[str]]:
    """A search by ourselves, and one with the help of ripgrep, if it is installed."""

    def row(what: str, target: int) -> list[str]:
        ours = _timed(lambda: _choose(log, Filter(every=(pattern,))))
        return [what, f"{ours:.2f}", *_against(ours, other, by), f"<= {target}"]

    tool = prefilter.tool()
    if tool:
        other, by = _timed(_tool(tool, "-c", *words, log.path)), "ripgrep"
        yield row(f"{name}, with ripgrep", 3)
    else:
        other, by = _timed(_tool("grep", "-cP", *_for_grep(words), log.path)), "grep"
    with patch.object(prefilter, "tool", lambda: None):
        yield row(name, 6)


def _for_grep(words: list[str]) -> list[str]:
    """The same options for `grep -P`, which cannot be combined with -F."""
    return [kept for word in words if (kept := {"-F": "", "-Fi": "-i", "-Fw": "-w"}.get(word, word))]


def _against(ours: float, other: float | None, by: str) -> list[str]:
    if other is None:
        return ["", f"no {by}", ""]
    return [f"{other:.2f}", by, f"{ours / other:.1f}"]


def _tool(*words: str | Path) -> Callable[[], object]:
    """A tool of the system, its output discarded; finding nothing is no failure."""

    def run() -> None:
        # Into a pipe: GNU grep stops at the first match if its output goes to /dev/null.
        subprocess.run([str(word) for word in words], capture_output=True)

    return run


def _timed(work: Callable[[], object], times: int = TIMES) -> float:
    """The median of several times, after one to warm up."""
    taken: list[float] = []
    for _ in range(times + 1):
        began = perf_counter()
        work()
        taken.append(perf_counter() - began)
    return median(taken[1:])


def _first_screen(path: Path) -> None:
    log = Log(path)
    assert log.first_lines(50)
    assert log.last_lines(50)


def _count(path: Path, lines: int) -> None:
    log = Log(path)
    for _ in log.lines.extend(log.source, log.source.end()):
        pass
    assert log.lines.count == lines


def _records(path: Path) -> None:
    log = Log(path)
    for _ in log.records.extend(log.source, log.source.end()):
        pass
    assert log.records.count


def _choose(log: Log, wanted: Filter) -> int:
    chooser = Chooser(log, wanted)
    for _ in chooser.run():
        pass
    return chooser.selection.count


def _follow(log: Log, path: Path) -> float:
    """From new lines in the file until their levels are known."""
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"2024-03-30 00:00:00,000 ERROR shop: item {n}\n" for n in range(APPENDED))
    before = log.records.count
    began = perf_counter()
    log.refresh()
    log.read_all()
    taken = perf_counter() - began
    assert log.records.count == before + APPENDED
    return taken
