"""Where the inputs of a job come from: files read as a stream, and grids."""

from __future__ import annotations

from ..typed import Any
from .grid import Grid, combinations
from .source import BadInput, InputError, Pickled, Source, Unreadable

STREAMED = frozenset(["lines", "csv", "jsonl", "parquet", "files", "generator"])
"""Kinds that are read during the run; the job file itself contains the inputs of all others."""

__all__ = [
    "STREAMED",
    "BadInput",
    "Grid",
    "InputError",
    "Pickled",
    "Source",
    "Unreadable",
    "combinations",
    "open_source",
]


def open_source(inputs: dict[str, Any]) -> Source:
    """The source that a job's [inputs] describe, with absolute paths and `call` filled in.

    Raises `Unreadable`.
    """
    # Imported here: most runs need none of them, and a host should start quickly
    from .files import Files
    from .lines import JsonLines, Lines
    from .parquet import Parquet
    from .table import Table

    sources = {"lines": Lines, "jsonl": JsonLines, "csv": Table, "parquet": Parquet, "files": Files}
    return sources[inputs["kind"]](inputs)
