"""Filters and sorts tasks: in steps, and kept up to date while a run grows."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from itertools import compress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.results.choosing import Chooser, all_hold
from engine.results.conditions import Sort
from engine.results.exact import INEXACT, told_seconds
from engine.results.names import NUMBERS, STATUSES
from engine.results.packed import Order, as_order, order_of, taken
from engine.results.slices import TASKS, slice_of, slices
from engine.results.tasks import Slice
from engine.results.texts import Numbers
from engine.results.texts_order import LONGEST, TextOrder, Texts
from engine.results.ties import Ties
from engine.results.utf8 import Utf8
from engine.runs import BatchRef, RunReader

Work = Generator[None]
Spans = list[tuple[int, int]]
"""First row and number of rows, to insert one after the other."""
PLAIN = ("status", *NUMBERS)
"""Columns without texts."""


class Arrangement:
    """The selected tasks of a run, by row."""

    def __init__(
        self,
        run: RunReader,
        conditions: Sequence[Chooser] = (),
        sort: Sort | None = None,
        waiting: bool = False,
    ) -> None:
        self._run = run
        self._conditions = tuple(conditions)
        self._sort = sort
        self._waiting = waiting
        """Whether unfinished tasks are rows too."""
        self._keys = _Keys(sort) if sort else None
        self._chosen = _Grown()
        self._order: Order | None = None
        self._is_row: NDArray[np.bool_] | None = None
        """For each task whether it is a row, if some that are may come once more, with an outcome."""
        self._counts = np.zeros(len(STATUSES), np.int64)
        self._newest = 0
        self.is_read = False
        """Whether all tasks were examined."""
        self.done = 0
        """The number of examined tasks."""
        self.generation = run.generation()

    # content

    @property
    def has_unended(self) -> bool:
        """Whether unfinished tasks may be among its rows."""
        return self._waiting

    def __len__(self) -> int:
        return len(self._chosen) if self._order is None else len(self._order)

    @property
    def known(self) -> int:
        """This many rows, from the first on, have their final place."""
        if self._order is not None or self._keys is None:
            return len(self)
        return len(self._keys.head) if self.is_read else 0

    @property
    def tasks(self) -> Order:
        """The indexes of the tasks, by row; those up to `known` can be used."""
        if self._order is not None:
            return self._order
        chosen = self._chosen.all()
        return chosen if self._keys is None else chosen[self._keys.head]

    def rows_of(self, tasks: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rows of tasks, in order, without those not selected."""
        known = self.tasks
        if self._keys is None:
            places = np.searchsorted(known, tasks)
            found = places < len(known)
            found[found] = known[places[found]] == tasks[found]
            return places[found]
        return np.flatnonzero(np.isin(known, tasks))

    @property
    def counts(self) -> dict[str, int]:
        """The number of selected tasks, by status."""
        pairs = zip(STATUSES, self._counts.tolist(), strict=True)
        return {status: count for status, count in pairs if count}

    # construction

    def build(self, newest: int | None = None) -> Work:
        """Examine all tasks up to the row with the id `newest`, and sort the selected ones."""
        last: int = self._run.select("SELECT coalesce(max(id), 0) FROM batch")[0][0]
        self._newest = last if newest is None else newest
        for tasks in slices(self._run, self._waiting, self._newest):
            self._take(tasks)
            yield
        self.is_read = True
        if self._keys is not None:
            may_grow = self._run.facts((0, 0)).state != "finished"
            order = yield from self._keys.sorted(may_grow)
            self._order = yield from taken(self._chosen.all(), order)
            self._chosen = _Grown()
            if self._sort is not None:
                ties = Ties(self._sort, self._keys.inexact)
                yield from ties.put_right(slices(self._run, self._waiting, self._newest), self._order)

    def _take(self, tasks: Slice) -> None:
        self.done += len(tasks)
        mask = all_hold(self._conditions, tasks) if self._conditions else np.ones(len(tasks), np.bool_)
        if not mask.any():
            return
        self._counts += np.bincount(tasks.status[mask], minlength=len(STATUSES))
        if self._keys is not None:
            self._keys.add(tasks, mask, len(self._chosen))
        self._chosen.add(tasks.index[mask])

    def grow(self, newest: int | None = None) -> Generator[None, None, Spans]:
        """Insert the tasks that have ended since, where they belong. Yields the new rows.

        Tasks sorted by text come last, and so do all if the run had finished; views then sort again.
        """
        spans: Spans = []
        while refs := [
            ref for ref in self._run.batches(self._newest, 2_000) if newest is None or ref.id <= newest
        ]:
            self._newest = refs[-1].id
            for group in _neighbours(sorted(refs, key=lambda ref: ref.first)):
                spans += self._grow_by(slice_of(self._run, group))
                yield
        return spans

    def _grow_by(self, tasks: Slice) -> Spans:
        self.done += len(tasks)
        mask = all_hold(self._conditions, tasks) if self._conditions else np.ones(len(tasks), np.bool_)
        if self._waiting:
            mask &= ~self._were_rows(tasks.index)
        fresh = tasks.index[mask]
        if not len(fresh):
            return []
        self._counts += np.bincount(tasks.status[mask], minlength=len(STATUSES))
        if self._keys is None:
            known = self._chosen.all()
            places = np.searchsorted(known, fresh)
            self._chosen.replace(_inserted(known, places, fresh))
            return _spans(places)
        assert self._order is not None
        places, order = self._keys.places(self._order, tasks, mask)
        self._order = _inserted(self._order, places, fresh[order])
        return _spans(places)

    def _were_rows(self, tasks: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which tasks are rows since they waited. No other comes more than once."""
        known = self._is_row
        if known is None:
            rows = self.tasks
            known = np.zeros(int(rows.max(initial=0)) + 1, np.bool_)
            known[rows] = True
        beyond = int(tasks[-1]) + 1 - len(known)
        if beyond > 0:
            known = np.append(known, np.zeros(max(beyond, len(known)), np.bool_))
        self._is_row = known
        return known[tasks]


class _Grown:
    """Numbers in a growing array, whose capacity doubles when it is full."""

    def __init__(self) -> None:
        self._room: Order = np.empty(0, np.uint32)
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def add(self, more: NDArray[np.int64]) -> None:
        stop = self._length + len(more)
        fits = more[-1] < 1 << 32 or self._room.dtype == np.int64
        if stop > len(self._room) or not fits:
            room = np.empty(max(stop, 2 * len(self._room)), self._room.dtype if fits else np.int64)
            room[: self._length] = self._room[: self._length]
            self._room = room
        self._room[self._length : stop] = more
        self._length = stop

    def replace(self, numbers: Order) -> None:
        self._room, self._length = numbers, len(numbers)

    def all(self) -> Order:
        return self._room[: self._length]


class _Keys:
    """The sort keys of the selected tasks: numbers, then texts, then those that have neither."""

    def __init__(self, sort: Sort) -> None:
        self._sort = sort
        self._numbers: list[NDArray[np.floating[Any]]] = []
        self._with_number: list[Order] = []
        self._texts = TextOrder(sort.descending)
        self._nothing: list[Order] = []
        self._has_texts = False
        self.inexact: list[NDArray[np.int64]] = []
        """Tasks whose keys need an exact comparison with others."""
        self._sorted: NDArray[np.floating[Any]] | None = None
        """The sorted numbers, so that more can be inserted, if more may come."""

    @property
    def head(self) -> list[int]:
        """The first rows while the others are not sorted yet: texts, if these come first."""
        if not self._has_texts or (self._numbers and not self._sort.descending):
            return []
        return self._texts.head

    def add(self, tasks: Slice, mask: NDArray[np.bool_], first: int) -> None:
        """Add the selected tasks of a slice, which have the positions from `first` on."""
        places = as_order(np.arange(first, first + int(mask.sum())))
        numbers, texts, is_text = self._parted(tasks, mask)
        is_number = ~np.isnan(numbers)
        if is_number.any():
            self._numbers.append(_in_short(numbers[is_number]))
            self._with_number.append(places[is_number])
        if len(texts):
            self._has_texts = True
            self._texts.add(texts, places[is_text])
        rest = ~is_number & ~is_text
        if rest.any():
            self._nothing.append(places[rest])
        if self._sort.column not in PLAIN:
            self._note_inexact(tasks.index[mask], numbers, texts, is_text)

    def _note_inexact(
        self, tasks: NDArray[np.int64], numbers: Numbers, texts: Texts, is_text: NDArray[np.bool_]
    ) -> None:
        inexact = np.abs(numbers) >= INEXACT
        if not isinstance(texts, Utf8) and texts and max(map(len, texts)) > LONGEST:
            inexact[is_text] = [len(text) > LONGEST for text in texts]
        if inexact.any():
            self.inexact.append(tasks[inexact])

    def _parted(self, tasks: Slice, mask: NDArray[np.bool_]) -> tuple[Numbers, Texts, NDArray[np.bool_]]:
        """The numbers of the selected tasks, the texts of the others that have one, and which these are."""
        column = self._sort.column
        nothing = np.zeros(int(mask.sum()), np.bool_)
        if column == "status":
            return _STATUS_RANKS[tasks.status[mask]], [], nothing
        unread = tasks.utf8(column)
        if unread is not None:
            return np.full(len(nothing), np.nan), unread.chosen(mask), ~nothing
        numbers = tasks.numbers(column)
        if column == "seconds" and not tasks.run.is_old:
            numbers = told_seconds(numbers).astype(np.float64)
        wanted = np.isnan(numbers) & mask
        if column in NUMBERS or not wanted.any():
            return numbers[mask], [], nothing
        if column == "error":
            wanted &= np.array([bool(text) for text in tasks.errors], np.bool_)
        else:
            items = tasks.items(column)
            wanted &= ~tasks.has_nothing(column)
            if not {type(None), float}.isdisjoint(map(type, items)):
                wanted &= np.array([item is not None and type(item) is not float for item in items], np.bool_)
        texts = tasks.texts(column) if wanted.any() else []
        return numbers[mask], list(compress(texts, wanted.tolist())), wanted[mask]

    def sorted(self, may_grow: bool) -> Generator[None, None, Order]:
        """The positions in sorted order."""
        found: list[Order] = []
        if self._numbers:
            numbers = np.concatenate(self._numbers)
            self._numbers = []
            yield
            order = yield from order_of(numbers, self._sort.descending)
            if may_grow:
                self._sorted = yield from taken(numbers, order)
            del numbers
            if self._has_texts or self._nothing:
                order = yield from taken(np.concatenate(self._with_number), order)
            self._with_number = []
            found.append(order)
        elif may_grow:
            self._sorted = np.empty(0)
        if self._has_texts:
            texts = yield from self._texts.sorted()
            found.insert(0 if self._sort.descending else len(found), texts)
        found += self._nothing
        self._nothing = []
        if len(found) == 1:
            return found[0]
        return np.concatenate(found) if found else np.empty(0, np.uint32)

    def places(self, known: Order, tasks: Slice, mask: NDArray[np.bool_]) -> tuple[Order, Order]:
        """The rows before which further tasks belong, in order, and the order of these tasks."""
        numbers, _, _ = self._parted(tasks, mask)
        fresh = tasks.index[mask]
        has_number = ~np.isnan(numbers)
        is_mixed = self._has_texts or (self._sort.column not in PLAIN and not has_number.all())
        if is_mixed or self._sorted is None:
            self._has_texts = True
            return np.full(len(fresh), len(known)), np.arange(len(fresh))
        sign = -1.0 if self._sort.descending else 1.0
        own = sign * numbers[has_number]
        order = np.argsort(own, kind="stable")
        keys, indexes = own[order], fresh[has_number][order]
        ascending = sign * self._sorted.astype(np.float64)
        places = np.searchsorted(ascending, keys)
        ends = np.searchsorted(ascending, keys, side="right")
        for at in np.flatnonzero(places < ends):  # equal ones stay in task order
            first, stop = int(places[at]), int(ends[at])
            places[at] = first + np.searchsorted(known[first:stop], indexes[at])
        self._sorted = sign * np.insert(ascending, places, keys)
        rest = fresh[~has_number]
        count = len(ascending)
        behind = count + np.searchsorted(known[count:], rest)
        own_order = np.concatenate([np.flatnonzero(has_number)[order], np.flatnonzero(~has_number)])
        return np.concatenate([places, behind]), own_order


_STATUS_RANKS = np.argsort(np.argsort(STATUSES)).astype(np.float64)
"""Statuses are sorted by name."""


def _in_short(numbers: NDArray[np.float64]) -> NDArray[np.floating[Any]]:
    """As float32 if that is exact: half the memory."""
    with np.errstate(over="ignore"):
        short = numbers.astype(np.float32)
    return short if (short == numbers).all() else numbers


def _inserted(known: Order, places: Order, fresh: Order) -> Order:
    if fresh.max(initial=0) >= 1 << 32:
        known = known.astype(np.int64)
    if len(places) and places[0] == len(known):
        return np.concatenate([known, fresh.astype(known.dtype)])
    return np.insert(known, places, fresh)


def _spans(places: Order) -> Spans:
    """The new rows, as spans to insert one after the other."""
    found: Spans = []
    before = 0
    different, counts = np.unique(places, return_counts=True)
    for place, count in zip(different.tolist(), counts.tolist(), strict=True):
        found.append((place + before, count))
        before += count
    return found


def _neighbours(refs: Sequence[BatchRef]) -> Iterator[list[BatchRef]]:
    """Rows in groups of as many tasks as fit in a slice."""
    group: list[BatchRef] = []
    tasks = 0
    for ref in refs:
        if group and tasks + ref.count > TASKS:
            yield group
            group, tasks = [], 0
        group.append(ref)
        tasks += ref.count
    if group:
        yield group
