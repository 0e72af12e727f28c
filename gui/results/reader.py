"""What the reader thread of the results table does: batches found, their contents in pages, texts to copy."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from engine.runs import DB, Batch, BatchRef, Failure, RunReader, open_run
from gui.kit import words

PAGE = 512
"""Tasks in a page: what the table keeps and forgets at once."""
CHUNK = 5000
"""Batches told at once."""
_BUDGET = 0.02
"""Seconds after which an answer goes out with what it has."""
_KEEP = 2
"""Decoded batches kept: as many large ones as a screen can touch."""
_ROW_BYTES = 400
"""What the objects of one row cost besides their texts, about."""


class PageKey(NamedTuple):
    """A page: the number of PAGE-sized slices before it in its batch."""

    batch: int
    number: int


@dataclass(frozen=True, slots=True)
class Row:
    """All that the table knows of one task."""

    index: int
    input: str
    status: str
    value: str
    start: float
    end: float
    worker: int

    def cells(self) -> tuple[str, ...]:
        """The row as its cells, unabridged, in the order of the table's columns."""
        return (
            str(self.index),
            self.input,
            self.status,
            self.value,
            words.seconds(self.start, self.end),
            str(self.worker),
            words.date_and_clock(self.start),
        )


@dataclass(frozen=True, slots=True)
class Page:
    """A slice of a batch, ready to be shown."""

    key: PageKey
    first: int
    rows: tuple[Row, ...]
    size: int


class News(NamedTuple):
    """Batches that came since the last time; `more` says that further ones wait."""

    refs: list[BatchRef]
    more: bool


@dataclass(frozen=True, slots=True)
class Segment:
    """Some neighbouring tasks of one batch."""

    batch: int
    offset: int
    count: int


class ResultsReader:
    """One run's results, read in one thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._run: RunReader | None = None
        self._after = 0
        self._decoded: OrderedDict[int, Batch] = OrderedDict()

    def close(self) -> None:
        if self._run:
            self._run.close()

    def news(self) -> News:
        """The next batches; none while the run has not made its database yet."""
        if self._run is None and not (self._folder / DB).exists():
            return News([], False)
        refs = self._reader().batches(self._after, CHUNK)
        if refs:
            self._after = refs[-1].id
        return News(refs, len(refs) == CHUNK)

    def pages(self, keys: Sequence[PageKey]) -> list[Page]:
        """The first pages of these: one at least, and as many as can be read in a moment."""
        until = time.monotonic() + _BUDGET
        pages: list[Page] = []
        for key in keys:
            pages.append(self._page(key))
            if time.monotonic() > until:
                break
        return pages

    def failures(self, task: int) -> list[Failure]:
        """The failed attempts of one task."""
        return self._reader().failures(task)

    def text(self, segments: Iterable[Segment]) -> str:
        """Tasks as tab-separated lines."""
        lines: list[str] = []
        for segment in segments:
            batch = self._batch(segment.batch)
            rows = _rows(batch, segment.offset, segment.offset + segment.count)
            lines += ["\t".join(map(_cell, row.cells())) for row in rows]
        return "\n".join(lines)

    def _reader(self) -> RunReader:
        if self._run is None:
            self._run = open_run(self._folder)
        return self._run

    def _page(self, key: PageKey) -> Page:
        batch = self._batch(key.batch)
        start = key.number * PAGE
        rows = _rows(batch, start, start + PAGE)
        size = sum(len(row.input) + len(row.value) + _ROW_BYTES for row in rows)
        return Page(key, batch.first + start, rows, size)

    def _batch(self, number: int) -> Batch:
        batch = self._decoded.pop(number, None) or self._reader().batch(number)
        self._decoded[number] = batch
        while len(self._decoded) > _KEEP:
            self._decoded.popitem(last=False)
        return batch


def _rows(batch: Batch, start: int, stop: int) -> tuple[Row, ...]:
    stop = min(stop, len(batch.statuses))
    return tuple(
        Row(
            batch.first + at,
            batch.inputs[at],
            batch.statuses[at],
            batch.values[at],
            batch.starts[at],
            batch.ends[at],
            batch.worker,
        )
        for at in range(start, stop)
    )


def _cell(text: str) -> str:
    return text.replace("\t", " ").replace("\r", " ").replace("\n", " ")
