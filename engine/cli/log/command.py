"""Runs `poolhouse log`: reads its files, selects records, and shows them."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TextIO, TypeVar

from engine.cli.log import show, stream
from engine.cli.log.explain import explain
from engine.cli.log.follow import Tail, followed
from engine.cli.log.options import Conditions, Wrong, conditions
from engine.cli.status import complain
from engine.log import writing
from engine.log.choosing import Chooser
from engine.log.filters import Filter
from engine.log.formats.definition import read_definitions
from engine.log.log import Log
from engine.log.reading import Reading
from engine.log.record import Record
from engine.log.selection import Selection
from engine.log.source import Replaced
from engine.log.summary import Statistics, groups, histogram, moments
from engine.log.walk import chosen, chosen_lines, last_time, merged
from engine.runs.logged import tasks_of
from engine.runs.timed import clock_of

MATCHED, NOTHING_MATCHED, WRONG = 0, 1, 2
_BAR = 40
_R = TypeVar("_R")


def log(options: argparse.Namespace) -> int:
    """Show the log files of the options; returns the exit status."""
    with ExitStack() as stack:
        try:
            asked = conditions(options)
            reading = _reading(options)
            paths = [stack.enter_context(stream.file_of(name, options.follow)) for name in options.files]
            out = stack.enter_context(_output(options, paths))
        except (Wrong, OSError, ValueError) as error:
            complain(_said(error))
            return WRONG
        opened = [_opened(path, name, reading) for path, name in zip(paths, options.files, strict=True)]
        logs = [found for found in opened if found is not None]
        if options.explain:
            for found in logs:
                explain(found, out)
            return WRONG if None in opened else MATCHED
        try:
            matched = _Command(options, asked, logs, out).run()
        except Wrong as error:
            complain(str(error))
            return WRONG
        if None in opened:
            return WRONG
        return MATCHED if matched or not _asked_for(asked) else NOTHING_MATCHED


def _asked_for(asked: Conditions) -> bool:
    return not asked.filter(datetime(2000, 1, 1)).is_empty


def _reading(options: argparse.Namespace) -> Reading:
    own = [made.compiled() for made in read_definitions(options.formats)] if options.formats else []
    reading = Reading(options.encoding, options.log_format, options.style, options.datefmt, own)
    if (options.datefmt or options.style) and not options.log_format:
        raise Wrong("--datefmt and --style belong to a format: give it with --log-format.")
    reading.chosen_format()
    return reading


def _opened(path: Path, name: str, reading: Reading) -> Log | None:
    """The indexed log of a file; None, after an error message, if it cannot be read."""
    try:
        found = Log(path, reading)
        found.tasks, found.clock = tasks_of(path), clock_of(path)
        found.read_all()
        for known in (found.tasks, found.clock):
            if known:
                known.refresh()
    except (OSError, ValueError, Replaced) as error:
        complain(_said(error, name))
        return None
    for note in found.notes():
        complain(f"{name}: {note}")
    found.name = name
    return found


def _said(error: Exception, name: str = "") -> str:
    if isinstance(error, OSError):
        return f"{error.filename or name} cannot be read: {error.strerror or error}."
    return f"{name}: {error}" if name else str(error)


def _output(options: argparse.Namespace, paths: list[Path]) -> AbstractContextManager[TextIO]:
    if options.output is None:
        return stream.terminal()
    for path in paths:
        if options.output.exists() and path.exists() and os.path.samefile(options.output, path):  # noqa: PTH121
            raise Wrong(f"{options.output} is the log itself: it would be lost.")
    try:
        return options.output.open("w", encoding="utf-8", errors="replace", newline="")
    except OSError as error:
        raise Wrong(f"{options.output} cannot be written: {error.strerror}.") from None


class _Command:
    """One call: the logs, the conditions, and the destination of the output."""

    def __init__(self, options: argparse.Namespace, asked: Conditions, logs: list[Log], out: TextIO) -> None:
        self.options = options
        self.asked = asked
        self.logs = logs
        self.out = out
        self.filters = [asked.filter(last_time(found)) for found in logs]

    def run(self) -> int:
        """Show what was asked for; returns how many records matched."""
        selections = [
            self._select(found, wanted) for found, wanted in zip(self.logs, self.filters, strict=True)
        ]
        counts = [selection.count - selection.preamble for selection in selections]
        options = self.options
        if options.count:
            self.out.write(f"{self._limited(sum(counts))}\n")
        elif options.stats:
            self._statistics(selections)
        elif options.histogram:
            self._histogram(selections)
        elif options.group:
            self._groups(selections)
        else:
            self._records(selections)
            if options.follow:
                return self._follow(sum(counts))
        return sum(selection.count for selection in selections)

    def _select(self, found: Log, wanted: Filter) -> Selection:
        chooser = Chooser(found, wanted)
        while True:
            try:
                for _ in chooser.run():
                    pass
            except Replaced:
                found.refresh()
                found.read_all()
            else:
                return chooser.selection

    def _limited(self, count: int) -> int:
        limits = [limit for limit in (self.options.head, self.options.tail) if limit is not None]
        return min([count, *limits])

    def _chosen(self, selections: list[Selection]) -> Iterator[tuple[Record, Log]]:
        """The records to show, in order, each with its log."""
        if not self.options.merge:
            return self._one_after_the_other(selections, chosen)
        by_name = {str(found.path): found for found in self.logs}
        pairs = zip(self.logs, selections, strict=True)
        clocks = [found.clock for found in self.logs]
        records = merged([chosen(found, selection) for found, selection in pairs], clocks)
        first, last = self._limits(selections)
        return islice(((record, by_name[record.source]) for record in records), first, last)

    def _limits(self, selections: list[Selection]) -> tuple[int, int]:
        """The range of selected records that --head and --tail leave."""
        total = sum(selection.count for selection in selections)
        last = total if self.options.head is None else min(self.options.head, total)
        first = 0 if self.options.tail is None else max(last - self.options.tail, 0)
        return first, last

    def _one_after_the_other(
        self, selections: list[Selection], records: Callable[[Log, Selection, int], Iterator[_R]]
    ) -> Iterator[tuple[_R, Log]]:
        first, last = self._limits(selections)
        for found, selection in zip(self.logs, selections, strict=True):
            if first < min(selection.count, last):
                for record in islice(records(found, selection, first), last - first):
                    yield record, found
            first, last = max(first - selection.count, 0), max(last - selection.count, 0)

    def _summed(self, selections: list[Selection]) -> Iterator[Record]:
        """The records to sum up, with their times in the zone."""
        zone = self.asked.zone
        return (
            writing.zoned(stream.named(record, found.name), zone)
            for record, found in self._chosen(selections)
        )

    def _writer(self) -> writing.Writer:
        options, zone = self.options, self.asked.zone
        if options.format == "jsonl":
            return writing.JsonLines(self.out, zone)
        if options.format == "csv":
            return writing.Csv(self.out, zone)
        return show.Text(
            self.out,
            zone=zone,
            color=stream.colored(options.color, self.out),
            sources=len(self.options.files) > 1,
            message_only=options.message_only,
            matching=self.filters[0] if options.matching_lines and self.filters else None,
            context=options.context or 0,
        )

    def _records(self, selections: list[Selection]) -> None:
        self.writer = writer = self._writer()
        if isinstance(writer, show.Text) and not writer.needs_fields and not self.options.merge:
            for raw, found in self._one_after_the_other(selections, chosen_lines):
                writer.write_lines(raw, found)
        else:
            for record, found in self._chosen(selections):
                writer.write(stream.named(record, found.name), found)
        if isinstance(writer, show.Text):
            writer.end()

    def _follow(self, matched: int) -> int:
        self.out.flush()
        tails = [Tail(found, wanted) for found, wanted in zip(self.logs, self.filters, strict=True)]
        for record, found in followed(tails, merge=self.options.merge):
            self.writer.write(stream.named(record, found.name), found)
            self.out.flush()
            matched += 1
        return matched

    def _statistics(self, selections: list[Selection]) -> None:
        counts = Statistics()
        for record in self._summed(selections):
            counts.add(record)
        files = [
            {
                "source": found.name,
                "lines": found.lines.count,
                "records": found.records.count,
                "encoding": found.encoding.name,
                "formats": [ranked.format.name for ranked in found.detection.formats],
                "notes": found.notes(),
            }
            for found in self.logs
        ]
        self.out.write(writing.dumped({**counts.as_dict(), "files": files}) + "\n")

    def _histogram(self, selections: list[Selection]) -> None:
        buckets = histogram(moments(self._summed(selections)), self.options.histogram)
        most = max((bucket.total for bucket in buckets), default=0)

        def lines() -> Iterator[str]:
            rows = [
                (
                    bucket.start.isoformat(" ", "milliseconds"),
                    f"{bucket.total:,}",
                    "#" * (bucket.total * _BAR // max(most, 1)),
                )
                for bucket in buckets
            ]
            return show.table(rows)

        show.write_rows(self.out, self.options.format, [bucket.as_dict() for bucket in buckets], lines)

    def _groups(self, selections: list[Selection]) -> None:
        found = groups(record for record in self._summed(selections) if record.format)

        def lines() -> Iterator[str]:
            return show.table([(f"{group.count:,}", group.level or "", group.shape) for group in found])

        show.write_rows(self.out, self.options.format, [group.as_dict() for group in found], lines)
