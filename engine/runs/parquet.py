"""Records as Parquet, where pyarrow is installed."""

# pyarrow has no types.
# pyright: basic

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

from engine.runs.reader import RunReader
from engine.runs.records import FIELDS, as_text, records

ROW_GROUP = 50_000
"""Records in a row group."""


class ExportError(Exception):
    """An export that cannot be made. The message says what to do."""


def write_parquet(run: RunReader, path: Path) -> None:
    """Write the records of `run` to `path`; inputs and values as text. Raises ExportError, OSError."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise ExportError(
            "Parquet needs the package pyarrow: install poolhouse[parquet], or export as csv or jsonl."
        ) from None
    text, real, whole = pa.string(), pa.float64(), pa.int64()
    types = (whole, text, text, text, text, real, whole, whole, text)
    schema = pa.schema(list(zip(FIELDS, types, strict=True)))
    rows = records(run)
    with pq.ParquetWriter(path, schema) as writer:
        while chunk := list(islice(rows, ROW_GROUP)):
            columns: dict[str, list[Any]] = {name: [getattr(r, name) for r in chunk] for name in FIELDS}
            for name in ("input", "value"):
                columns[name] = [None if value is None else _text(value) for value in columns[name]]
            writer.write_table(pa.table(columns, schema=schema))


def _text(value: Any) -> str:
    return as_text(value).encode("utf-8", "backslashreplace").decode()
