"""The options of `poolhouse log`, and what they ask for."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from engine.cli.log.pairs import refused
from engine.log import levels
from engine.log.filters import Bound, Filter
from engine.log.formats.template import STYLES
from engine.log.search import Pattern
from engine.log.zones import AS_WRITTEN, given_time, zone_named

EPILOG = """\
A record is the line that starts it and the lines below that continue it: a traceback belongs to the
record that logged it. A record must meet all conditions; if an option is given several times, any of
its values will do, but all of --grep must match. Patterns are Python
regular expressions and match each line as it is shown.

TIME is ISO (2024-03-10T11:58), a time of the last record's day (11:58), or counts back from the last record
(-10m; s, m, h, d, w). A time without an offset is local to those who wrote the log.

exit status: 0 something matched, or there was no condition; 1 nothing matched; 2 bad options,
pattern or file; 3 interrupted"""
_COUNTED_FROM_END = {"--since", "--until", "--lines"}


class Wrong(Exception):
    """An invalid option; the text says why."""


def joined(args: Sequence[str]) -> list[str]:
    """Arguments with `--since -10m` joined into one word, so that -10m is not taken for an option."""
    made: list[str] = []
    for arg in args:
        if made and made[-1] in _COUNTED_FROM_END and re.match(r"-\d", arg):
            made[-1] = f"{made[-1]}={arg}"
        else:
            made.append(arg)
    return made


def add_options(parser: argparse.ArgumentParser) -> None:
    """Define the options of the command."""
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="a log file, also gzip; - for standard input"
    )
    _add_choosing(parser.add_argument_group("which records"))
    _add_showing(parser.add_argument_group("what to show"))
    _add_reading(parser.add_argument_group("how to read the file"))


def _add_choosing(group: argparse._ArgumentGroup) -> None:  # pyright: ignore[reportPrivateUsage]
    group.add_argument("--level", metavar="LEVEL", help="this level and above: trace, debug, info, ...")
    group.add_argument(
        "--logger", action="append", default=[], metavar="NAME", help="this logger or its children"
    )
    group.add_argument(
        "--process", action="append", default=[], metavar="P", help="this process, by name or number"
    )
    group.add_argument("--thread", action="append", default=[], metavar="T", help="this thread")
    group.add_argument("--task", action="append", default=[], metavar="N", help="this task")
    group.add_argument("--since", metavar="TIME", help="from this time on")
    group.add_argument("--until", metavar="TIME", help="up to this time")
    group.add_argument("--lines", metavar="A-B", help="a line in this range, counted from 1; also A- or -B")
    group.add_argument(
        "--grep", action="append", default=[], metavar="PATTERN", help="match this; if repeated, all of them"
    )
    group.add_argument(
        "--any", action="append", default=[], metavar="PATTERN", help="match this; if repeated, any of them"
    )
    group.add_argument("--exclude", action="append", default=[], metavar="PATTERN", help="do not match this")
    group.add_argument("-i", "--ignore-case", action="store_true", help="patterns ignore case")
    group.add_argument("-w", "--word", action="store_true", help="patterns match whole words")
    group.add_argument("-F", "--fixed", action="store_true", help="patterns are plain texts")
    group.add_argument(
        "--exception", action="append", default=[], metavar="NAME", help="this exception, by name"
    )


def _add_showing(group: argparse._ArgumentGroup) -> None:  # pyright: ignore[reportPrivateUsage]
    group.add_argument("--format", choices=("text", "jsonl", "csv"), default="text", help="text by default")
    group.add_argument("--message-only", action="store_true", help="only the message of each record")
    group.add_argument("--matching-lines", action="store_true", help="only the matching lines of each record")
    group.add_argument(
        "--context", type=_count, metavar="N", help="N more lines around each record, or each matching line"
    )
    group.add_argument("--head", type=_count, metavar="N", help="the first N records")
    group.add_argument("--tail", type=_count, metavar="N", help="the last N records")
    group.add_argument("--count", action="store_true", help="only the number of records")
    group.add_argument("--stats", action="store_true", help="counts by level, logger and exception, as JSON")
    group.add_argument("--histogram", type=_positive, metavar="N", help="records over time, in N equal spans")
    group.add_argument("--group", action="store_true", help="counts by the shape of the message")
    group.add_argument("--follow", action="store_true", help="show new records as they are written")
    group.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="auto by default")
    group.add_argument("--merge", action="store_true", help="several files as one, by time")
    group.add_argument("--zone", default=AS_WRITTEN, metavar="ZONE", help="local, utc, as-written or a name")
    group.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="write to FILE instead of the terminal"
    )


def _add_reading(group: argparse._ArgumentGroup) -> None:  # pyright: ignore[reportPrivateUsage]
    group.add_argument(
        "--log-format", metavar="FMT|NAME", help="a format string of logging, or a known format"
    )
    group.add_argument("--datefmt", metavar="FMT", help="how %%(asctime)s is written, if not by default")
    group.add_argument("--style", choices=STYLES, help="the style of the format string, if it is not clear")
    group.add_argument("--encoding", metavar="NAME", help="the encoding, instead of the detected one")
    group.add_argument("--formats", type=Path, metavar="FILE", help="a TOML file with formats of your own")
    group.add_argument(
        "--explain", action="store_true", help="say how the file is read and what does not fit"
    )


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of 0 or more")
    return int(text)


def _positive(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 100000")
    return int(text)


@dataclass(frozen=True)
class Conditions:
    """What the options ask for, before relative times are resolved."""

    options: argparse.Namespace
    zone: tzinfo | None

    def filter(self, last: datetime | None) -> Filter:
        """The filter; `last` is the time of the last record. Raises Wrong."""
        options = self.options
        return Filter(
            level=_level(options.level),
            loggers=tuple(options.logger),
            processes=tuple(options.process),
            threads=tuple(options.thread),
            tasks=tuple(options.task),
            exceptions=tuple(options.exception),
            since=self._bound(options.since, last),
            until=self._bound(options.until, last),
            lines=_lines(options.lines),
            every=self._patterns(options.grep),
            any=self._patterns(options.any),
            none=self._patterns(options.exclude),
        )

    def _bound(self, text: str | None, last: datetime | None) -> Bound | None:
        if text is None:
            return None
        try:
            return Bound(given_time(text, last, self.zone))
        except ValueError as error:
            raise Wrong(str(error)) from None

    def _patterns(self, texts: Sequence[str]) -> tuple[Pattern, ...]:
        options = self.options
        made = tuple(Pattern(text, options.fixed, options.word, options.ignore_case) for text in texts)
        for pattern in made:
            try:
                assert pattern.regex
            except (re.error, OverflowError, RecursionError) as error:
                raise Wrong(f"The pattern {pattern.text!r} is not a regular expression: {error}.") from None
        return made


def conditions(options: argparse.Namespace) -> Conditions:
    """The conditions, checked as far as possible without a file. Raises Wrong."""
    if why := refused(options):
        raise Wrong(why)
    try:
        made = Conditions(options, zone_named(options.zone))
    except ValueError as error:
        raise Wrong(str(error)) from None
    made.filter(datetime(2000, 1, 1))
    return made


def _level(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return levels.level_named(text)
    except ValueError as error:
        raise Wrong(str(error)) from None


def _lines(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    found = re.fullmatch(r"(\d*)(-?)(\d*)", text)
    if not found or not (found[1] or found[3]):
        raise Wrong(f"{text!r} is not a range of lines. Give them as 10-20, 10-, -20 or 10.")
    first = int(found[1] or 1)
    last = first if not found[2] else int(found[3] or 1 << 60)
    if first < 1 or last < first:
        raise Wrong(f"There are no lines {text}: lines count from 1.")
    return first - 1, last - 1
