"""Inputs from the rows of a Parquet file, read by the interpreter's pyarrow."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator

from ..typed import Any
from .source import Source, Unreadable
from .text import unreadable

ROWS = 1_000
"""Rows that are decoded at a time."""


class Parquet(Source):
    """Each row is an input: a dict by column, or a list of its cells if they are passed by position."""

    def __init__(self, inputs: dict[str, Any]) -> None:
        self._path: str = inputs["path"]
        self._cells = inputs["call"] == "args"
        try:
            with open(self._path, "rb"):
                pass
        except OSError as error:
            raise unreadable(self._path, error) from None
        try:
            self._types: Any = importlib.import_module("pyarrow.types")
            self._parquet: Any = importlib.import_module("pyarrow.parquet")
        except ImportError:
            python = sys.executable
            raise Unreadable(
                "inputs.kind",
                f"Parquet files are read by the package pyarrow, which {python} does not have."
                f" Install it: {python} -m pip install pyarrow",
            ) from None
        try:
            file = self._open()
        except Exception as error:  # pyarrow's own, of many kinds
            raise Unreadable("inputs.path", f"{self._path} is not a Parquet file: {error}.") from None
        with file:
            schema = file.schema_arrow
            self.total = file.metadata.num_rows
        self.columns: list[str] = list(schema.names)
        self.names = self.columns if self._cells else []
        self.types = [self._named(kind) for kind in schema.types]
        self.plain = "" not in self.types

    def _open(self) -> Any:
        return self._parquet.ParquetFile(self._path)

    def _named(self, kind: Any) -> str:
        """The name of a column's type as in `types` of a CSV file; empty for other types."""
        is_ = self._types
        if is_.is_boolean(kind):
            return "bool"
        if is_.is_integer(kind):
            return "int"
        if is_.is_floating(kind):
            return "float"
        return "text" if is_.is_string(kind) or is_.is_large_string(kind) else ""

    def __iter__(self) -> Iterator[Any]:
        with self._open() as file:
            for batch in file.iter_batches(batch_size=ROWS):
                if self._cells:
                    columns = [column.to_pylist() for column in batch.columns]
                    yield from map(list, zip(*columns))
                else:
                    yield from batch.to_pylist()

    def count(self) -> Iterator[int]:
        yield self.total or 0
