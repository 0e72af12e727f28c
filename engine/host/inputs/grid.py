"""Inputs that combine values of several names: every combination, or in step."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from ..typed import Any, overload


class Grid(Sequence[Any]):
    """Each input has a value for each name. Inputs are computed from their index, not stored."""

    def __init__(
        self,
        names: tuple[str, ...],
        values: tuple[Sequence[Any], ...],
        zipped: bool,
        cells: bool,
        span: range,
    ) -> None:
        self._names = names
        self._values = values
        self._zipped = zipped
        self._cells = cells
        """Inputs are lists of values rather than dicts."""
        self._span = span

    @classmethod
    def of(cls, grid: Mapping[str, Sequence[Any]], combine: str, call: str) -> Grid:
        """The grid of a job's [inputs]."""
        values = tuple(grid.values())
        return cls(tuple(grid), values, combine == "zip", call == "args", range(combinations(grid, combine)))

    def __len__(self) -> int:
        return len(self._span)

    @overload
    def __getitem__(self, place: int) -> Any: ...
    @overload
    def __getitem__(self, place: slice) -> Grid: ...
    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            return Grid(self._names, self._values, self._zipped, self._cells, self._span[place])
        return self._item(self._span[place])

    def __iter__(self) -> Iterator[Any]:
        return map(self._item, self._span)

    def _item(self, index: int) -> Any:
        if self._zipped:
            cells = [values[index] for values in self._values]
        else:
            cells: list[Any] = []
            for values in reversed(self._values):  # the last name changes fastest
                index, place = divmod(index, len(values))
                cells.append(values[place])
            cells.reverse()
        return cells if self._cells else dict(zip(self._names, cells))

    def __reduce__(self) -> tuple[Any, ...]:
        """A few inputs travel as themselves, without the values of the whole grid."""
        if len(self._span) * len(self._names) <= sum(map(len, self._values)):
            return list, (list(self),)
        return Grid, (self._names, self._values, self._zipped, self._cells, self._span)


def combinations(grid: Mapping[str, Sequence[Any]], combine: str) -> int:
    """The number of inputs of a grid."""
    lengths = [len(values) for values in grid.values()]
    if not lengths:
        return 0
    return min(lengths) if combine == "zip" else math.prod(lengths)
