"""The results of a run in pages of rows, for a table of any length."""

from __future__ import annotations

import time
from array import array
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from engine.query.codec import travels
from engine.query.request import Request, Steps, Urgency
from engine.query.run import RunSource, Span
from engine.query.sources import Sources
from engine.runs import Batch, Stored, UnreadableRun

NEWS_SECONDS = 0.1
"""How often a growth that takes long is told in part."""
MOST_COLUMNS = 2
"""Rows of run.db that are kept unpacked: as many large ones as a screen can touch."""
MOST_PIECE = 256
"""Tasks that are made ready to be shown in one step."""


class Unpacked:
    """The rows of run.db of one folder that were unpacked last."""

    def __init__(self, folder: Path) -> None:
        self._generation = 0
        self._kept: OrderedDict[int, Stored] = OrderedDict()

    def close(self) -> None:
        self._kept.clear()

    def columns(self, source: RunSource, row_id: int) -> Stored:
        """One row of run.db."""
        if source.generation != self._generation:
            self._kept.clear()
            self._generation = source.generation
        columns = self._kept.pop(row_id, None) or source.reader.columns(row_id)
        self._kept[row_id] = columns
        while len(self._kept) > MOST_COLUMNS:
            self._kept.popitem(last=False)
        return columns


@travels
@dataclass(frozen=True)
class Growth:
    """Which rows came in since the version that was asked about, to be put in one span after the other."""

    generation: int
    version: int
    inserted: tuple[Span, ...]
    anew: bool
    """Whether all that was known is void: `inserted` then begins at nothing."""


@travels
@dataclass(frozen=True)
class Grow(Request[Growth]):
    """Read on in a run. Growths that come as partial answers follow each other, the last one too."""

    folder: Path
    generation: int = 0
    version: int = 0

    @property
    def source(self) -> Path:
        return self.folder

    def steps(self, sources: Sources) -> Steps[Growth]:
        source = sources.get(RunSource, self.folder)
        generation, version = self.generation, self.version
        told_at = time.monotonic()
        for _ in source.extend():
            yield
            if time.monotonic() > told_at + NEWS_SECONDS:
                growth = _growth(source, generation, version)
                generation, version, told_at = growth.generation, growth.version, time.monotonic()
                yield growth
        return _growth(source, generation, version)


def _growth(source: RunSource, generation: int, version: int) -> Growth:
    spans = source.inserted(version) if generation == source.generation and version else None
    if spans is None:
        rows = source.ranges.rows
        return Growth(source.generation, source.version, ((0, rows),) if rows else (), True)
    return Growth(source.generation, source.version, tuple(spans), False)


@travels
@dataclass(frozen=True)
class Page:
    """Rows from `start` on, as they stood in one version: a column each."""

    generation: int
    version: int
    start: int
    tasks: bytes
    """int64 in the machine's order: the index of each task."""
    inputs: tuple[str, ...]
    statuses: tuple[str, ...]
    values: tuple[str, ...]
    begins: bytes
    """float64, seconds since the epoch."""
    ends: bytes
    workers: bytes
    """int64."""


@travels
@dataclass(frozen=True)
class Rows(Request[Page]):
    """The contents of `count` rows from `start` on, fewer at the end. Texts are cut to `width`."""

    urgency: ClassVar[Urgency] = Urgency.ROWS
    folder: Path
    start: int
    count: int
    width: int = 10_000

    @property
    def source(self) -> Path:
        return self.folder

    def steps(self, sources: Sources) -> Steps[Page]:
        source = sources.get(RunSource, self.folder)
        generation, version = source.generation, source.version
        found = _Columns(self.width)
        for piece in _pieces(source, self.start, self.start + self.count):
            found.add(_batch(sources, source, piece))
            yield
            if (generation, version) != (source.generation, source.version):
                return (yield from self.steps(sources))  # rows came in between two steps
        return found.page(generation, version, self.start)


class _Columns:
    """A page as it is put together."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._tasks, self._workers = array("q"), array("q")
        self._begins, self._ends = array("d"), array("d")
        self._inputs: list[str] = []
        self._statuses: list[str] = []
        self._values: list[str] = []

    def add(self, batch: Batch) -> None:
        count = len(batch.statuses)
        self._tasks.extend(range(batch.first, batch.first + count))
        self._workers.extend([batch.worker] * count)
        self._begins.extend(batch.starts)
        self._ends.extend(batch.ends)
        self._inputs += [text[: self._width] for text in batch.inputs]
        self._statuses += batch.statuses
        self._values += [text[: self._width] for text in batch.values]

    def page(self, generation: int, version: int, start: int) -> Page:
        return Page(
            generation,
            version,
            start,
            self._tasks.tobytes(),
            tuple(self._inputs),
            tuple(self._statuses),
            tuple(self._values),
            self._begins.tobytes(),
            self._ends.tobytes(),
            self._workers.tobytes(),
        )


@dataclass(frozen=True)
class _Piece:
    """Tasks of one row of run.db."""

    row_id: int
    offset: int
    count: int


def _pieces(source: RunSource, start: int, stop: int) -> Iterator[_Piece]:
    """The rows `start .. stop - 1` as pieces of rows of run.db."""
    while start < min(stop, source.ranges.rows):
        ref, offset = source.ranges.locate(start)
        count = min(ref.count - offset, stop - start, MOST_PIECE)
        yield _Piece(ref.id, offset, count)
        start += count


def _batch(sources: Sources, source: RunSource, piece: _Piece) -> Batch:
    columns = sources.get(Unpacked, source.folder).columns(source, piece.row_id)
    return source.reader.shown(columns, piece.offset, piece.offset + piece.count)


def some(sources: Sources, source: RunSource, start: int, count: int) -> Batch:
    """The first tasks of the rows `start .. start + count - 1`: as many as one step takes."""
    piece = next(_pieces(source, start, start + count), None)
    if piece is None:
        raise UnreadableRun(f"There is no row {start:,}.")
    return _batch(sources, source, piece)


@travels
@dataclass(frozen=True)
class Place(Request[int]):
    """The row of a task, or where it will be if it has no result yet; -1 if there are no rows."""

    urgency: ClassVar[Urgency] = Urgency.ROWS
    folder: Path
    task: int

    @property
    def source(self) -> Path:
        return self.folder

    def steps(self, sources: Sources) -> Steps[int]:
        yield
        ranges = sources.get(RunSource, self.folder).ranges
        return min(ranges.row_of(self.task), ranges.rows - 1)
