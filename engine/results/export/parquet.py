"""Records as Parquet, if pyarrow is installed."""

# pyarrow has no type annotations
# pyright: basic

from __future__ import annotations

from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any

from engine.results.export.spread import Spread
from engine.runs.blocks import Block
from engine.runs.records import FIELDS, Record, as_text, records_of

ROW_GROUP = 50_000
"""Records in a row group."""


class ExportError(Exception):
    """An export that is not possible. The message says what to do."""


Row = list[Any]


class Parquet:
    """Rows of a table; inputs and values as text, their parts by type."""

    def __init__(self, spread: Spread | None = None) -> None:
        try:
            import pyarrow as pa
        except ImportError:
            raise ExportError(
                "Parquet needs the package pyarrow: install poolhouse[parquet], or export as csv or jsonl."
            ) from None
        text, real, whole = pa.string(), pa.float64(), pa.int64()
        types = dict(zip(FIELDS, (whole, text, text, text, text, real, whole, whole, text), strict=True))
        self._spread = spread
        if spread is None:
            self._schema = pa.schema(list(types.items()))
            return
        known = {int: whole, float: real, bool: pa.bool_()}
        for column in ("input", "value"):
            names = spread.names(column)[spread.is_whole_kept(column) :]
            for name, kinds in zip(names, spread.kinds(column), strict=True):
                types[name] = real if kinds == {int, float} else known.get(next(iter(kinds), str), text)
                if len(kinds) > 1 and kinds != {int, float}:
                    types[name] = text
        self._schema = pa.schema([(name, types[name]) for name in spread.columns])

    def rows(self, block: Block) -> list[Row]:
        """A row for each task."""
        records = list(records_of(block))
        if self._spread is None:
            return [[_cell(record, name) for name in FIELDS] for record in records]
        columns: list[list[Any]] = []
        for field in FIELDS:
            whole = [_cell(record, field) for record in records]
            if field not in ("input", "value"):
                columns.append(whole)
                continue
            if self._spread.is_whole_kept(field):
                columns.append(whole)
            columns += self._spread.parts(block, field)
        return [list(cells) for cells in zip(*columns, strict=True)]

    def write(self, parts: Iterable[list[Row]], path: Path) -> Generator[int]:
        """Write rows to a file; returns their number."""
        import pyarrow.parquet as pq

        with pq.ParquetWriter(path, self._schema) as writer:
            waiting: list[Row] = []
            for rows in parts:
                waiting += rows
                if len(waiting) >= ROW_GROUP:
                    self._write(writer, waiting)
                    waiting = []
                yield len(rows)
            if waiting:
                self._write(writer, waiting)

    def _write(self, writer: Any, rows: list[Row]) -> None:
        import pyarrow as pa

        columns = [
            pa.array([_fitting(cell, field.type, pa) for cell in column], field.type)
            for column, field in zip(zip(*rows, strict=True), self._schema, strict=True)
        ]
        writer.write_table(pa.table(columns, schema=self._schema))


def _cell(record: Record, name: str) -> Any:
    value = getattr(record, name)
    if name == "seconds" and value is not None:
        return float(f"{value:.7g}")  # as in the text formats
    return value if value is None or name not in ("input", "value") else as_text(value)


def _fitting(value: Any, kind: Any, pa: Any) -> Any:
    if value is None or kind != pa.string():
        return value
    return as_text(value).encode("utf-8", "backslashreplace").decode()
