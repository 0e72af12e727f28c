"""Reads the blocks of selected tasks, and their texts in any order."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Any, TypeVar

import numpy as np

from engine.host.record.pieces import PIECE
from engine.results.packed import Order
from engine.results.slices import refs_of
from engine.runs import RunReader
from engine.runs.blocks import Block, blocks, ended, missing

T = TypeVar("T")

GROUP = 100_000
"""Tasks that are ordered at once: each group needs a pass through the run."""


def picked(run: RunReader, tasks: Order | None) -> Iterator[Block]:
    """The blocks of tasks, given in index order; of all tasks if none are given."""
    if tasks is None:
        yield from blocks(run)
        return
    position = 0
    for ref in refs_of(run) if len(tasks) else ():
        begin, stop = np.searchsorted(tasks, [ref.first, ref.first + ref.count])
        yield from _waiting(run, tasks[position:begin])
        position = int(stop)
        if begin == stop:
            continue
        row = run.columns(ref.id)
        places = tasks[begin:stop].astype(np.int64) - ref.first
        for piece in _pieces(places):
            first = int(piece[0]) // PIECE * PIECE
            yield _some(ended(run, row, first, min(first + PIECE, ref.count)), piece - first)
        if position == len(tasks):
            return
    yield from _waiting(run, tasks[position:])


def _pieces(places: Order) -> list[Order]:
    """Positions in the groups that are read together."""
    return np.split(places, np.flatnonzero(np.diff(places // PIECE)) + 1)


def _waiting(run: RunReader, tasks: Order) -> Iterator[Block]:
    for piece in _pieces(tasks) if len(tasks) else ():
        first = int(piece[0])
        for block in missing(run, first, int(piece[-1]) + 1):
            yield _some(block, piece - first)


def _some(block: Block, places: Order) -> Block:
    return block if len(places) == len(block) else block.picked(places.tolist())


def in_order(
    run: RunReader, tasks: Order | None, made_of: Callable[[Block], list[T]]
) -> Generator[list[T], Any, None]:
    """The result for each task, some hundred at a time, in the given order of tasks."""
    if tasks is None or (tasks[1:] > tasks[:-1]).all():
        for block in picked(run, tasks):
            yield made_of(block)
        return
    for first in range(0, len(tasks), GROUP):
        group = tasks[first : first + GROUP]
        places = np.argsort(group)
        made: list[T] = []
        for block in picked(run, group[places]):
            made += made_of(block)
            yield []
        back = np.empty(len(places), np.int64)
        back[places] = np.arange(len(places))
        yield [made[place] for place in back]
