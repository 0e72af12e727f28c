"""Where the inputs of a job come from: files read as a stream, and grids."""

from __future__ import annotations

from typing import Any

from .files import Files
from .grid import Grid, combinations
from .lines import JsonLines, Lines
from .parquet import Parquet
from .source import BadInput, InputError, Pickled, Source, Unreadable
from .table import Table
from .text import TextFile

STREAMED = frozenset(["lines", "csv", "jsonl", "parquet", "files", "generator"])
"""Kinds that are read while the run goes on; the job itself tells the inputs of all others."""

_SOURCES = {"lines": Lines, "jsonl": JsonLines, "csv": Table, "parquet": Parquet, "files": Files}

__all__ = [
    "STREAMED",
    "BadInput",
    "Files",
    "Grid",
    "InputError",
    "Lines",
    "Pickled",
    "Source",
    "Table",
    "TextFile",
    "Unreadable",
    "combinations",
    "open_source",
]


def open_source(inputs: dict[str, Any]) -> Source:
    """The inputs that a job's [inputs] find in files, paths absolute and `call` filled in.

    Raises `Unreadable`.
    """
    return _SOURCES[inputs["kind"]](inputs)
