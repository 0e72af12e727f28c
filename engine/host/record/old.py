"""Reads rows of earlier versions of run.db as if they were of today's."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import cached_property

from ..typed import Any, cast
from .objects import Place, column
from .plain import plain_loads
from .stored import Stored, check_span, checked_pickle, checked_statuses
from .wire import unpacked

READ = "id, first, count, worker, statuses, stride, starts, ends, vals, opaque, objects, inputs"
"""The columns that `OldStored` is made of."""


class OldStored(Stored):
    """A row of version 1 or 2: its columns are pickles of all its tasks, so one costs as much as all."""

    def __init__(self, columns: Sequence[Any], folder: str) -> None:
        self.id, self.first, self.count, self.worker, statuses, *rest = columns
        self._stride, self._starts, self._ends, self._vals, self._opaque, *rest = rest
        self._objects, self._kept_inputs = rest
        self.stage = 1
        check_span(self.first, self.count)
        known = checked_statuses(statuses, self.count)
        self.statuses = known if any(known) else None
        self._folder = folder

    def starts(self, begin: int, stop: int) -> array[float]:
        """When some tasks began, by offset, in seconds since the epoch."""
        return self._edges[0][begin:stop]

    def seconds(self, begin: int, stop: int) -> array[float]:
        """How long some tasks took, by offset."""
        starts, ends = self._edges
        return array("d", [end - start for start, end in zip(starts[begin:stop], ends[begin:stop])])

    @cached_property
    def _edges(self) -> tuple[array[float], array[float]]:
        """A start and an end for each task; those that share an entry count as equally long."""
        begins, stops, stride = unpacked("d", self._starts), unpacked("d", self._ends), self._stride
        if len(begins) != len(stops) or not 0 <= len(begins) * stride - self.count < stride:
            raise ValueError("a row has times for other tasks")
        if stride == 1:
            return begins, stops
        pairs = [(begin, (end - begin) / stride) for begin, end in zip(begins, stops)]
        edges = [[begin + step * n for n in range(stride + 1)] for begin, step in pairs]
        starts = array("d", [time for edge in edges for time in edge[:-1]])
        return starts[: self.count], array("d", [time for edge in edges for time in edge[1:]])[: self.count]

    @cached_property
    def _values(self) -> list[Any]:
        values = _as_list(plain_loads(column(self._folder, self._vals)), self.count)
        for offset in self._opaque_offsets:
            values[offset] = (values[offset],)
        return values

    @cached_property
    def _opaque_offsets(self) -> array[int]:
        offsets = unpacked("I", self._opaque or b"")
        if any(offset >= self.count for offset in offsets):
            raise ValueError("a row has texts of other tasks")
        return offsets

    @cached_property
    def _pickled(self) -> dict[int, bytes | Place]:
        offsets = self._opaque_offsets
        kept = self._objects
        pickles: object = [] if kept is None else plain_loads(column(self._folder, kept))
        return dict(zip(offsets, map(checked_pickle, _as_list(pickles, len(offsets)))))

    @cached_property
    def _all_inputs(self) -> list[Any] | None:
        kept = self._kept_inputs
        if kept is None:
            return None
        begin, place = 0, kept
        if isinstance(kept, str) and len(parts := kept.split(":")) == 4:
            begin, place = int(parts[3]), ":".join(parts[:3])
        items = plain_loads(column(self._folder, place))
        if begin < 0 or not isinstance(items, list):
            raise ValueError("a row has inputs of other tasks")
        return _as_list(cast("list[Any]", items)[begin : begin + self.count], self.count)

    def values(self, begin: int, stop: int) -> list[Any]:
        """The values of some tasks, by offset: scalars and texts, others as display text in a tuple."""
        return self._values[begin:stop]

    def pickle(self, offset: int) -> bytes | Place | None:
        """The pickle of a value, or its location; None if the value itself is kept."""
        return self._pickled.get(offset)

    def pickles(self, begin: int, stop: int) -> list[bytes | Place | None]:
        """The same for some values, by offset."""
        return list(map(self._pickled.get, range(begin, stop)))

    def raw_pickles(self, begin: int, stop: int) -> bytes | None:
        """They are not in pieces."""
        return None

    def inputs(self, begin: int, stop: int) -> list[Any] | None:
        """The inputs of some tasks in the form of `values`; None if the job file contains them."""
        inputs = self._all_inputs
        return None if inputs is None else inputs[begin:stop]

    def log(self) -> list[tuple[int, int, int]]:
        """Not recorded in these versions."""
        return []

    def prints(self) -> list[tuple[int, int, int, int]]:
        """Not recorded either."""
        return []


def _as_list(items: object, count: int) -> list[Any]:
    if not isinstance(items, list) or len(cast("list[Any]", items)) != count:
        raise ValueError("a column has more or fewer items than its row")
    return cast("list[Any]", items)
