"""Writes the records of a run as CSV, JSON lines or Parquet."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.runs.export_text import csv_lines, json_lines
from engine.runs.parquet import ExportError, write_parquet
from engine.runs.reader import RunReader

FORMATS = ("csv", "jsonl", "parquet")


def write(run: RunReader, kind: str, path: Path | None) -> None:
    """Write the records of `run` to `path`, or to stdout. A file appears only once it is whole.

    Raises OSError, ExportError.
    """
    if kind == "parquet":
        if path is None:
            raise ExportError("Parquet cannot be written to the terminal: name a file with -o FILE.")
        with _replacing(path) as partial:
            write_parquet(run, partial)
        return
    lines = {"csv": csv_lines, "jsonl": json_lines}[kind](run)
    with _any_int():
        if path is None:
            with open(sys.stdout.fileno(), "w", closefd=False, **_TEXT) as file:
                file.writelines(lines)
        else:
            with _replacing(path) as partial, partial.open("w", **_TEXT) as file:
                file.writelines(lines)


_TEXT: dict[str, Any] = {"encoding": "utf-8", "errors": "backslashreplace", "newline": ""}


@contextmanager
def _replacing(path: Path) -> Generator[Path]:
    """A path beside `path` that takes its place when all went well."""
    partial = path.with_name(path.name + ".partial")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _any_int() -> Generator[None]:
    """Let integers of any length be written in decimal: here they are data, not an attack."""
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        yield
    finally:
        sys.set_int_max_str_digits(limit)
