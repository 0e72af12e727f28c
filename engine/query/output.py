"""What the workers of a run printed, in pages of lines, with the tasks that printed them if known."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from engine.host.record.output import Cut, lane_file
from engine.host.record.schema import OUTPUT
from engine.host.record.stored import prints_from
from engine.log.display import shown
from engine.log.encoding import Encoding
from engine.log.lines import LineIndex
from engine.log.source import Change, FileSource, Replaced
from engine.query.codec import travels
from engine.query.request import AboutRun, Steps, Urgency, Work
from engine.query.run import CHUNK, RunSource
from engine.query.sources import Sources
from engine.runs import RunReader, UnreadableRun, output_files

HOST = -1
"""The number of the host's file among the lanes."""
FIRST = -2
"""Means the first lane that printed anything."""
MOST_LINES = 1_000
"""Lines of one page,"""
MOST_BYTES = 4 << 20
"""read at once unless they have more bytes than this;"""
LONGEST_LINE = 4_000
"""characters of a line that are shown."""
MOST_SPANS = 1_000_000
"""Spans that are remembered; the tasks of later ones are not known."""
NEWLINE = b"\n"


class PrintedBy:
    """Which tasks printed what, by lane and position in its file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._start_over(-1)

    def _start_over(self, generation: int) -> None:
        self._generation = generation
        self._batch = self._failure = 0
        """The last rows that were read."""
        self._lanes: dict[int, int] = {}
        """By worker."""
        self._begins: dict[int, array[int]] = {}
        """By lane, in order: where each span begins,"""
        self._rest: dict[int, list[tuple[int, int, int]]] = {}
        """and where it ends, its first task, and the number of its tasks."""
        self._count = 0

    def close(self) -> None:
        self._start_over(-1)

    def extend(self, run: RunReader) -> Work[None]:
        """Take in what has come."""
        if (generation := run.generation()) != self._generation:
            self._start_over(generation)
        self._lanes.update(run.workers.lanes(max(self._lanes, default=0)))
        self._batch = yield from self._read(run, "batch", "first", self._batch)
        self._failure = yield from self._read(run, "failure", "task", self._failure)

    def _read(self, run: RunReader, table: str, first: str, after: int) -> Work[int]:
        """Read the rows of a table after one; returns the last of them."""
        ((last,),) = run.select(f"SELECT coalesce(max(id), 0) FROM {table}")
        query = f"SELECT worker, {first}, prints FROM {table} WHERE id > ? AND id <= ? AND prints IS NOT NULL"
        for begin in range(after, last, CHUNK):
            for row in run.select(f"{query} ORDER BY id", (begin, min(begin + CHUNK, last))):
                self._add(*row)
            yield
        return max(after, last)

    def _add(self, worker: object, task: Any, prints: Any) -> None:
        lane = self._lanes.get(worker) if isinstance(worker, int) else None
        if lane is None or type(task) is not int:
            raise UnreadableRun("A part of the run is damaged: output of a worker that does not exist.")
        try:
            spans = prints_from(prints, task)
        except (ValueError, TypeError) as error:
            raise UnreadableRun(f"A part of the run is damaged: {error}") from error
        begins, rest = self._begins.setdefault(lane, array("q")), self._rest.setdefault(lane, [])
        for first, count, begin, length in spans:
            if self._count < MOST_SPANS:
                at = bisect_right(begins, begin)
                begins.insert(at, begin)
                rest.insert(at, (begin + length, first, count))
                self._count += 1

    def tasks_at(self, lane: int, place: int) -> tuple[int, int]:
        """The first and the number of the tasks that may have printed what is at a position; or (0, 0)."""
        at = bisect_right(self._begins.get(lane, array("q")), place) - 1
        if at < 0:
            return 0, 0
        end, first, count = self._rest[lane][at]
        return (first, count) if place < end else (0, 0)


class OutputFile:
    """One output file, with an index of its lines."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.generation = 1
        """If it changes, earlier line numbers are void."""
        self._source = FileSource(path)
        self._index = LineIndex(Encoding("utf-8"))

    def close(self) -> None:
        """The file is open only while it is read."""

    @property
    def total(self) -> int:
        """The number of known lines."""
        return self._index.count

    def extend(self) -> Work[None]:
        """Index what is new."""
        try:
            change = self._source.refresh()
            if change in (Change.REPLACED, Change.GONE):
                self._forget()
            for _ in self._index.extend(self._source, self._source.end()):
                yield
        except FileNotFoundError:
            return
        except Replaced:
            self._forget()

    def _forget(self) -> None:
        self.generation += 1
        self._index = LineIndex(Encoding("utf-8"))

    def lines(self, first: int, stop: int) -> Iterator[tuple[int, str]]:
        """Lines, and their offsets in the output. Raises `Replaced`."""
        try:
            with self.path.open("rb") as file:
                cut, begin, end = Cut.of(file), self._offset(first), self._offset(stop)
        except FileNotFoundError:
            raise Replaced from None
        for offset, raw in self._raw(first, stop, begin, end):
            yield cut.place(offset), _text(raw)

    def _raw(self, first: int, stop: int, begin: int, end: int) -> Iterator[tuple[int, bytes]]:
        if end - begin > MOST_BYTES:
            for line in range(first, stop):
                at = self._offset(line)
                length = min(self._offset(line + 1) - at, 4 * LONGEST_LINE)
                yield at, self._source.read(at, length)
            return
        for raw in _split(self._source.read(begin, end - begin)):
            yield begin, raw
            begin += len(raw)

    def _offset(self, line: int) -> int:
        return self._index.offset(self._source, line)


def _split(data: bytes) -> Iterator[bytes]:
    """Lines with their line ends."""
    at = 0
    while at < len(data):
        end = data.find(NEWLINE, at) + 1 or len(data)
        yield data[at:end]
        at = end


def _text(raw: bytes) -> str:
    """A line as a terminal would show it."""
    line = shown(raw).removesuffix(NEWLINE)[: 4 * LONGEST_LINE]
    return line.decode("utf-8", "replace")[:LONGEST_LINE]


@travels
@dataclass(frozen=True)
class OutputPage:
    """Lines of one lane, and which lanes printed anything."""

    lane: int
    lanes: tuple[tuple[int, int], ...]
    """Numbers and bytes; the host is `HOST`."""
    generation: int
    total: int
    first: int
    lines: tuple[str, ...]
    tasks: tuple[tuple[int, int], ...]
    """For each line, the first task that may have printed it, and how many those are: 0 if none did."""
    of_script: bool = False
    """Whether a script ran as it is: then a lane is a process, and what is the host's is the whole output."""


@travels
@dataclass(frozen=True)
class ReadOutput(AboutRun[OutputPage]):
    """Read on in the output of a lane; returns the lines `first .. first + count - 1`, or the last ones."""

    urgency: ClassVar[Urgency] = Urgency.ROWS
    lane: int
    first: int
    count: int
    at_end: bool = False

    def steps(self, sources: Sources) -> Steps[OutputPage]:
        yield
        run = sources.get(RunSource, self.folder).look()
        of_script = run is not None and run.facts((0, 0)).is_script
        lanes = _lanes(self.folder, of_script)
        lane = self.lane if self.lane != FIRST else next((lane for lane, size in lanes if size), HOST)
        file = sources.get(OutputFile, _path(self.folder, lane))
        yield from file.extend()
        printed_by = sources.get(PrintedBy, self.folder)
        if run is not None and not run.is_old:
            yield from printed_by.extend(run)
        first = max(file.total - self.count, 0) if self.at_end else self.first
        stop = min(first + min(self.count, MOST_LINES), file.total)
        try:
            found = list(file.lines(first, stop)) if first < stop else []
        except Replaced:  # the next reading sees what is there then
            found = []
        return OutputPage(
            lane,
            tuple(item for item in lanes if item[1]),
            file.generation,
            file.total,
            first,
            tuple(text for _, text in found),
            tuple(printed_by.tasks_at(lane, place) for place, _ in found),
            of_script,
        )


@travels
@dataclass(frozen=True)
class CopyOutput(AboutRun[str]):
    """Lines of a lane as one text, at most `most`."""

    urgency: ClassVar[Urgency] = Urgency.SCAN
    lane: int
    spans: tuple[tuple[int, int], ...]
    """First lines, and how many follow each."""
    most: int

    def steps(self, sources: Sources) -> Steps[str]:
        file = sources.get(OutputFile, _path(self.folder, self.lane))
        yield from file.extend()
        found: list[str] = []
        for first, count in self.spans:
            end = min(first + min(count, self.most - len(found)), file.total)
            for begin in range(first, end, MOST_LINES):
                try:
                    found += [text for _, text in file.lines(begin, min(begin + MOST_LINES, end))]
                except Replaced:
                    raise UnreadableRun("The output is gone.") from None
                yield
        return "\n".join(found)


def _path(folder: Path, lane: int) -> Path:
    return folder / OUTPUT if lane == HOST else Path(lane_file(str(folder), lane))


def _lanes(folder: Path, of_script: bool) -> list[tuple[int, int]]:
    """The lanes of a run and the bytes that each printed: the host last, a script's whole output first."""
    host, *files = output_files(folder)
    found = [(int(path.stem), _size(path)) for path in files if path.stem.isdecimal()]
    whole = HOST, _size(host)
    return [whole, *found] if of_script else [*found, whole]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
