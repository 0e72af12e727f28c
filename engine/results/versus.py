"""Two runs side by side: which tasks had the same input, and the outcome of each.

For each task, only a hash of its input, one of its result, its status and its time are kept. The texts of
listed tasks are read at the end.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from engine.host.record import schema
from engine.host.record.display import LONGEST
from engine.results.differences import RunDifferences, RunSide, TaskPair
from engine.results.ran import code_diff, job_changes
from engine.results.slices import refs_of, slice_of, slices
from engine.results.texts import text_of
from engine.runs import RunReader, UnreadableRun, read_label, stand

NAMED = 200
"""Tasks of each kind that are listed."""
SLOWEST = 20
"""Tasks that are listed for their time."""
MOST_WHOLE = 2_000
"""Long results that are compared in full."""
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_CUT = "…"
_MOST = 1 << 63
Ints = NDArray[np.int64]


class _Tasks:
    """All finished tasks of a run."""

    def __init__(self, run: RunReader) -> None:
        self.run = run
        self.index = np.empty(0, np.int64)
        self.input = np.empty(0, np.int64)
        self.result = np.empty(0, np.int64)
        self.failed = np.empty(0, np.bool_)
        self.cut = np.empty(0, np.bool_)
        """Whether the text of the result is truncated."""
        self.seconds = np.empty(0, np.float32)

    def read(self) -> Generator[None]:
        parts: list[tuple[NDArray[Any], ...]] = []
        for tasks in slices(self.run):
            failed = tasks.status != schema.OK
            results, cut = _hashes(tasks.items("value"))
            if failed.any():
                errors = tasks.texts("error")
                for at in np.flatnonzero(failed):
                    results[at] = hash((int(tasks.status[at]), errors[at]))
                    cut[at] = False
            inputs, _ = _hashes(tasks.items("input"))
            parts.append((tasks.index, inputs, results, failed, cut, tasks.seconds.astype(np.float32)))
            yield
        if parts:
            columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
            self.index, self.input, self.result, self.failed, self.cut, self.seconds = columns

    def side(self) -> RunSide:
        facts = self.run.facts((int((~self.failed).sum()), int(self.failed.sum())))
        seconds = self.seconds
        wall = stand(self.run, facts).seconds
        ordered = np.sort(seconds)
        count = len(seconds)
        return RunSide(
            self.run.folder,
            read_label(self.run.folder).name or facts.name,
            facts.state,
            facts.started,
            count,
            int(self.failed.sum()),
            wall,
            float(seconds.sum(dtype=np.float64)),
            float(seconds.mean(dtype=np.float64)) if count else None,
            float(ordered[(count - 1) // 2]) if count else None,
            float(ordered[-(-95 * count // 100) - 1]) if count else None,
            facts.workers,
        )


def _hashes(items: Sequence[Any]) -> tuple[Ints, NDArray[np.bool_]]:
    """A hash of each value by its type and text, and whether the text is truncated.

    It depends on the value alone, not on its neighbours, which differ in the other run.
    """
    kinds: set[Any] = set(map(type, items))
    cut = np.zeros(len(items), np.bool_)
    if kinds <= {int}:
        try:
            return np.fromiter(items, np.int64, len(items)), cut
        except OverflowError:
            pass
    if kinds <= {str}:
        return np.fromiter(map(hash, items), np.int64, len(items)), cut
    if tuple in kinds:
        for at, item in enumerate(items):
            if type(item) is tuple:
                text = text_of(item)
                cut[at] = _CUT in text or len(text) >= LONGEST
    return np.fromiter(map(_hash, items), np.int64, len(items)), cut


def _hash(item: Any) -> int:
    kind = cast("type[Any]", type(item))
    if kind is int and -_MOST <= item < _MOST:
        return item
    if kind is str:
        return hash(item)
    if kind is not tuple:
        return hash(repr(item))
    text = text_of(item)
    return hash((1, _ADDRESS.sub("", text) if " at 0x" in text else text))


def differences(one: RunReader, other: RunReader) -> Generator[None, None, RunDifferences]:
    """The differences between two runs."""
    first, second = _Tasks(one), _Tasks(other)
    yield from first.read()
    yield from second.read()
    paired_by, left, right = _paired(first, second)
    yield
    failed, failed_then = first.failed[left], second.failed[right]
    is_same = first.result[left] == second.result[right]
    unsure = yield from _compare_whole(first, second, left, right, is_same)
    masks = {
        "fixed": failed & ~failed_then,
        "broken": ~failed & failed_then,
        "differs": ~failed & ~failed_then & ~is_same,
        "other error": failed & failed_then & ~is_same,
        "same error": failed & failed_then & is_same,
    }
    before, after = first.seconds[left].astype(np.float64), second.seconds[right].astype(np.float64)
    named = [(kind, np.flatnonzero(mask)[:NAMED]) for kind, mask in masks.items() if kind != "same error"]
    by_time = np.argsort(before - after, kind="stable")
    slower, faster = by_time[:SLOWEST], by_time[::-1][:SLOWEST]
    named.append(("slower", slower[after[slower] > before[slower]]))
    named.append(("faster", faster[after[faster] < before[faster]]))
    code, note = code_diff(one, other)
    yield
    return RunDifferences(
        first.side(),
        second.side(),
        tuple(job_changes(one, other)),
        code,
        note,
        paired_by,
        len(left),
        len(first.index) - len(left),
        len(second.index) - len(right),
        int((~failed & ~failed_then & is_same).sum()),
        tuple((kind, int(mask.sum())) for kind, mask in masks.items()),
        float(before.sum()),
        float(after.sum()),
        tuple(_pairs(first, second, left, right, named)),
        unsure,
    )


def _paired(first: _Tasks, second: _Tasks) -> tuple[str, Ints, Ints]:
    """Which tasks had the same input, as indexes in both; by index if that is equivalent."""
    _, left, right = np.intersect1d(first.index, second.index, assume_unique=True, return_indices=True)
    if len(left) and (first.input[left] == second.input[right]).all():
        return "index", left, right
    _, left, right = np.intersect1d(_numbered(first.input), _numbered(second.input), return_indices=True)
    order = np.argsort(left, kind="stable")
    return "input", left[order], right[order]


def _numbered(keys: Ints) -> Ints:
    """Unique keys: the nth of several equal ones gets a key of its own."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(keys) else order
    nth = np.arange(len(keys)) - np.repeat(starts, np.diff(np.r_[starts, len(keys)]))
    found = np.empty(len(keys), np.int64)
    with np.errstate(over="ignore"):
        found[order] = ordered + nth * np.int64(0x9E3779B97F4A7C1)
    return found


def _compare_whole(
    first: _Tasks, second: _Tasks, left: Ints, right: Ints, is_same: NDArray[np.bool_]
) -> Generator[None, None, int]:
    """Compare results with equal truncated texts in full; returns how many were not compared."""
    doubtful = np.flatnonzero(is_same & first.cut[left] & second.cut[right])
    for at in doubtful[:MOST_WHOLE]:
        one, other = int(first.index[left[at]]), int(second.index[right[at]])
        is_same[at] = _pickle(first.run, one) == _pickle(second.run, other)
        yield
    return max(0, len(doubtful) - MOST_WHOLE)


def _pickle(run: RunReader, task: int) -> bytes | None:
    row = run.row_of(task)
    try:
        return None if row is None else run.pickle(row, task - row.first)
    except UnreadableRun:  # it is only stored as a text
        return None


def _pairs(
    first: _Tasks, second: _Tasks, left: Ints, right: Ints, named: Sequence[tuple[str, Ints]]
) -> Generator[TaskPair]:
    chosen = np.unique(np.concatenate([places for _, places in named]))
    ones = _texts(first.run, first.index[left[chosen]].tolist())
    others = _texts(second.run, second.index[right[chosen]].tolist())
    for kind, places in named:
        for at in places.tolist():
            one, other = int(first.index[left[at]]), int(second.index[right[at]])
            yield TaskPair(
                kind, one, other, ones[one][0], ones[one][1], others[other][1],
                float(first.seconds[left[at]]), float(second.seconds[right[at]]),
            )  # fmt: skip


def _texts(run: RunReader, tasks: list[int]) -> dict[int, tuple[str, str]]:
    """Input, and value or error, of tasks."""
    left, found = sorted(tasks), dict[int, tuple[str, str]]()
    for ref in refs_of(run) if left else ():
        mine = [task for task in left if ref.first <= task < ref.first + ref.count]
        if not mine:
            continue
        part = slice_of(run, [ref])
        (row,) = part.stored
        errors = part.errors if part.status.any() else None
        for task in mine:
            at = task - ref.first
            kept = run.inputs_of(row, at, at + 1)[0]
            if errors is not None and part.status[at] != schema.OK:
                result = errors[at]
            else:
                result = text_of(run.values_of(row, at, at + 1)[0])
            found[task] = text_of(kept), result
        left = [task for task in left if task >= ref.first + ref.count]
    return found
