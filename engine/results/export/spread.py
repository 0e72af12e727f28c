"""Spreads inputs and values over columns, for keys of dicts and fields of dataclasses and named tuples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from engine.results.fields import fields_of, fields_of_input
from engine.results.names import STATUSES
from engine.runs.blocks import Block
from engine.runs.records import FIELDS
from engine.runs.shown import shown

MOST = 1_000
"""The most columns for an input or value; anything with more parts stays whole."""
WITHOUT_VALUE = frozenset(STATUSES) - {"ok", "unpicklable"}


class Spread:
    """The columns. All blocks must pass through `look` before it is used."""

    def __init__(self, input_names: Sequence[str] = ()) -> None:
        self._input_names = input_names
        """Of the cells of inputs that are lists of cells."""
        self._kinds: dict[str, dict[str, set[Any]]] = {"input": {}, "value": {}}
        self._whole: set[str] = set()

    def look(self, block: Block) -> None:
        """Collect the names in a block."""
        for column, kinds in self._kinds.items():
            for fields in self._fields(block, column):
                if fields is None:
                    continue
                if not fields:
                    self._whole.add(column)
                for name, value in fields.items():
                    if name in kinds or len(kinds) < MOST:
                        kinds.setdefault(name, set()).add(type(value))
                    else:
                        self._whole.add(column)

    def is_whole_kept(self, column: str) -> bool:
        """Whether the column stays besides its parts: if some values have no names."""
        return column in self._whole or not self._kinds[column]

    def names(self, column: str) -> list[str]:
        """The columns that replace input or value."""
        parts = [f"{column}.{name}" for name in self._kinds[column]]
        return [column, *parts] if self.is_whole_kept(column) else parts

    @property
    def columns(self) -> list[str]:
        """All columns of the export."""
        return [name for field in FIELDS for name in (self.names(field) if field in self._kinds else [field])]

    def kinds(self, column: str) -> list[set[Any]]:
        """The types in each part, without None."""
        return [kinds - {type(None)} for kinds in self._kinds[column].values()]

    def parts(self, block: Block, column: str) -> list[list[Any]]:
        """The parts of each task, a list for each column; None if there is none."""
        known = list(self._kinds[column])
        rows = [fields or {} for fields in self._fields(block, column)]
        return [[_unwrapped(fields.get(name)) for fields in rows] for name in known]

    def _fields(self, block: Block, column: str) -> Sequence[dict[str, Any] | None]:
        """The parts of each input or value; None for a task that has no value."""
        if column == "input":
            return [fields_of_input(item, self._input_names) for item in block.kept_inputs]
        statuses = block.statuses or [""] * len(block)
        return [
            None if status in WITHOUT_VALUE else _value_fields(block, at, item)
            for at, (item, status) in enumerate(zip(block.values, statuses, strict=True))
        ]


def _unwrapped(value: Any) -> Any:
    """A part itself; if it is not plain data, its text."""
    if type(value) is not tuple:
        return value
    items = cast("tuple[Any, ...]", value)
    return items[0] if len(items) == 1 and type(items[0]) is str else items


def _value_fields(block: Block, at: int, item: Any) -> dict[str, Any]:
    if type(item) is tuple and shown(item)[:1] == "{":
        whole = block.value_of(at)  # as stored, not as shown
        if type(whole) is dict:
            return fields_of(whole)
    return fields_of(item)
