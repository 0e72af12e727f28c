"""The results of a run in pages of rows, for a table of any length."""

from __future__ import annotations

import time
from array import array
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from engine.query.arrangements import EVERY, Arrangements
from engine.query.codec import travels
from engine.query.keys import Fields, fields_of_batch, new_keys, texts_of_key
from engine.query.request import AboutRun, Steps, Urgency
from engine.query.run import RunSource, Span
from engine.query.sources import Sources
from engine.runs import Batch, Stored, UnreadableRun
from engine.runs.unended import AtHand, Doing, at_hand, status_of

NEWS_SECONDS = 0.1
"""Seconds between partial answers while a run is read."""
MOST_COLUMNS = 2
"""Rows of run.db that are kept unpacked: as many large ones as a screen can show."""
MOST_PIECE = 256
"""Tasks that are prepared for display in one step."""


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
    """The rows that came in since a version, as spans to insert one after the other."""

    generation: int
    version: int
    inserted: tuple[Span, ...]
    is_new: bool
    """Whether everything known is void: `inserted` then begins from nothing."""
    is_live: bool = False
    """Whether the run is active,"""
    is_whole: bool = False
    """and whether every task has an outcome, as far as the order of all tasks (`EVERY`) shows."""


@travels
@dataclass(frozen=True)
class Grow(AboutRun[Growth]):
    """Read on in a run. The spans of partial answers continue each other, up to the last one.

    With a handle, the rows are those of an order from `arrange.Arrange`.
    """

    generation: int = 0
    version: int = 0
    handle: int = 0

    def steps(self, sources: Sources) -> Steps[Growth]:
        source = sources.get(RunSource, self.folder)
        generation, version = self.generation, self.version
        told_at = time.monotonic()
        for _ in source.extend():
            yield
            if time.monotonic() > told_at + NEWS_SECONDS:
                told_at = time.monotonic()
                if self.handle:
                    continue
                growth = _growth(source, generation, version)
                generation, version = growth.generation, growth.version
                yield growth
        if not self.handle:
            growth = _growth(source, generation, version)
            return replace(growth, is_live=source.look() is not None and source.reader.is_live())
        order = sources.get(Arrangements, self.folder).get(self.handle, source)
        yield from order.grow(source.newest)
        spans = order.insertions.since(version - 1) if generation == order.generation else None
        growth = _grown(order.generation, order.version, spans, len(order.tasks))
        is_whole = self.handle == EVERY and source.ranges.rows == len(order.tasks)
        return replace(growth, is_live=source.reader.is_live(), is_whole=is_whole)


def _growth(source: RunSource, generation: int, version: int) -> Growth:
    spans = source.insertions.since(version) if generation == source.generation and version else None
    return _grown(source.generation, source.version, spans, source.ranges.rows)


def _grown(generation: int, version: int, spans: list[Span] | None, rows: int) -> Growth:
    """What came in, or all rows if that is not known."""
    if spans is None:
        return Growth(generation, version, ((0, rows),) if rows else (), True)
    return Growth(generation, version, tuple(spans), False)


@travels
@dataclass(frozen=True)
class Page:
    """Rows from `start` on, as they were in one version, one field per column."""

    generation: int
    version: int
    start: int
    tasks: bytes
    """int64 in native byte order: the index of each task."""
    inputs: tuple[str, ...]
    statuses: tuple[str, ...]
    values: tuple[str, ...]
    begins: bytes
    """float64, seconds since the epoch."""
    ends: bytes
    workers: bytes
    """int64."""
    keys: tuple[str, ...] = ()
    """Names of parts of inputs and values: the requested ones, and others found here."""
    parts: tuple[tuple[str, ...], ...] = ()
    """The texts of each such column."""


@travels
@dataclass(frozen=True)
class Rows(AboutRun[Page]):
    """The content of `count` rows from `start` on, fewer at the end. Texts are cut to `width`.

    With a handle, the rows are those of an order from `arrange.Arrange`. If the order is gone, because the
    run has other rows or the process was replaced, this fails, and the order must be requested again.
    """

    urgency: ClassVar[Urgency] = Urgency.ROWS
    start: int
    count: int
    width: int = 10_000
    handle: int = 0
    keys: tuple[str, ...] | None = None
    """Known names of parts of inputs and values, such as `value.score`; None if no parts are needed."""

    def steps(self, sources: Sources) -> Steps[Page]:
        source = sources.get(RunSource, self.folder)
        if self.handle:
            return (yield from self._arranged(sources, source))
        generation, version = source.generation, source.version
        found = _Columns(self.width, self.keys)
        for piece in _pieces(source, self.start, self.start + self.count):
            found.add(_batch(sources, source, piece), sources, source)
            yield
            if (generation, version) != (source.generation, source.version):
                return (yield from self.steps(sources))  # rows came in between two steps
        return found.page(generation, version, self.start)

    def _arranged(self, sources: Sources, source: RunSource) -> Steps[Page]:
        order = sources.get(Arrangements, self.folder).get(self.handle, source)
        version = order.version
        stop = min(self.start + self.count, order.tasks.known)
        tasks: list[int] = order.tasks.tasks[self.start : stop].tolist()
        found = _Columns(self.width, self.keys)
        doing = at_hand(source.reader) if order.has_unended else None
        for first, end in neighbours(sorted(tasks)):  # they are read together
            at = first
            while at < end:
                batch = stretch(sources, source, at, end, doing)
                found.add(batch, sources, source)
                at += len(batch.statuses)
                yield
            if version != order.version or order.generation != source.generation:
                return (yield from self._arranged(sources, source))
        places = {task: place for place, task in enumerate(sorted(tasks))}
        found.put_in_order([places[task] for task in tasks])
        return found.page(order.generation, version, self.start)


class _Columns:
    """A page under construction."""

    def __init__(self, width: int, keys: tuple[str, ...] | None) -> None:
        self._width = width
        self._has_parts = keys is not None
        self._parts: dict[str, list[str]] = {key: [] for key in keys or ()}
        self._tasks, self._workers = array("q"), array("q")
        self._begins, self._ends = array("d"), array("d")
        self._inputs: list[str] = []
        self._statuses: list[str] = []
        self._values: list[str] = []

    def add(self, batch: Batch, sources: Sources, source: RunSource) -> None:
        count = len(batch.statuses)
        if self._has_parts:
            self._add_parts(fields_of_batch(source, batch, row_of_batch(sources, source, batch)))
        self._tasks.extend(range(batch.first, batch.first + count))
        self._workers.extend([batch.worker] * count)
        self._begins.extend(batch.starts)
        self._ends.extend(batch.ends)
        self._inputs += [text[: self._width] for text in batch.inputs]
        self._statuses += batch.statuses
        self._values += [text[: self._width] for text in batch.values]

    def _add_parts(self, fields: Fields) -> None:
        for key in new_keys([*self._parts], fields):
            self._parts[key] = [""] * len(self._tasks)
        for key, texts in self._parts.items():
            texts += [text[: self._width] for text in texts_of_key(key, fields)]

    def put_in_order(self, places: list[int]) -> None:
        """Reorder the rows by `places`."""
        for numbers in (self._tasks, self._workers):
            numbers[:] = array("q", [numbers[place] for place in places])
        for times in (self._begins, self._ends):
            times[:] = array("d", [times[place] for place in places])
        for texts in (self._inputs, self._statuses, self._values, *self._parts.values()):
            texts[:] = [texts[place] for place in places]

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
            tuple(self._parts),
            tuple(map(tuple, self._parts.values())),
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


def stretch(sources: Sources, source: RunSource, first: int, stop: int, doing: Doing) -> Batch:
    """The beginning of the tasks `first .. stop - 1`, as many as one step takes; some may be unfinished."""
    stop = min(stop, first + MOST_PIECE)
    row = source.ranges.row_of(first)
    if row < source.ranges.rows:
        ref, offset = source.ranges.locate(row)
        if ref.first + offset == first:
            return _batch(sources, source, _Piece(ref.id, offset, min(ref.count - offset, stop - first)))
        stop = min(stop, ref.first + offset)
    return _unended(source, first, stop, doing or {}, doing is not None)


def _unended(source: RunSource, first: int, stop: int, doing: Mapping[int, AtHand], is_live: bool) -> Batch:
    """Unfinished tasks; a single one if a worker is on it, or tried it."""
    failures = source.reader.failures_between(first, stop)
    with_worker = min((task for task in (*doing, *failures) if first <= task < stop), default=stop)
    count = max(with_worker - first, 1)
    now = doing.get(first)
    last = failures[first][-1] if first in failures else None
    status = status_of(first, last.kind if last else None, doing if is_live else None)
    return Batch(
        0,
        first,
        now.worker if now else last.worker if last else 0,
        [status] * count,
        [now.since if now else 0.0] * count,
        [0.0] * count,
        [last.message if last else ""] * count,
        source.reader.shown_inputs(first, count),
    )


def neighbours(tasks: Sequence[int]) -> Iterator[Span]:
    """Tasks in order as spans (first, stop) of consecutive ones."""
    first = 0
    for at in range(1, len(tasks) + 1):
        if at == len(tasks) or tasks[at] != tasks[at - 1] + 1:
            yield tasks[first], tasks[at - 1] + 1
            first = at


def _batch(sources: Sources, source: RunSource, piece: _Piece) -> Batch:
    columns = sources.get(Unpacked, source.folder).columns(source, piece.row_id)
    return source.reader.shown(columns, piece.offset, piece.offset + piece.count)


def row_of_batch(sources: Sources, source: RunSource, batch: Batch) -> Stored | None:
    """The row of run.db of a task; None if it is unfinished."""
    return sources.get(Unpacked, source.folder).columns(source, batch.id) if batch.id else None


def some(sources: Sources, source: RunSource, start: int, count: int) -> Batch:
    """The beginning of the rows `start .. start + count - 1`, as many as one step takes."""
    piece = next(_pieces(source, start, start + count), None)
    if piece is None:
        raise UnreadableRun(f"There is no row {start:,}.")
    return _batch(sources, source, piece)


@travels
@dataclass(frozen=True)
class Place(AboutRun[int]):
    """The row of a task, or where it will be if it is unfinished; -1 if there are no rows."""

    urgency: ClassVar[Urgency] = Urgency.ROWS
    task: int

    def steps(self, sources: Sources) -> Steps[int]:
        yield
        ranges = sources.get(RunSource, self.folder).ranges
        return min(ranges.row_of(self.task), ranges.rows - 1)
