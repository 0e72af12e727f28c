"""Writes the records of a run as CSV, JSON lines or Parquet."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from engine.runs.parquet import ExportError, write_parquet
from engine.runs.reader import RunReader
from engine.runs.records import FIELDS, as_json, as_text, records

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
    write_text: Callable[[RunReader, IO[str]], None] = {"csv": _csv, "jsonl": _jsonl}[kind]
    with _any_int():
        if path is None:
            with open(sys.stdout.fileno(), "w", closefd=False, **_TEXT) as file:
                write_text(run, file)
        else:
            with _replacing(path) as partial, partial.open("w", **_TEXT) as file:
                write_text(run, file)


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


def _csv(run: RunReader, file: IO[str]) -> None:
    writer = csv.writer(file)
    writer.writerow(FIELDS)
    for record in records(run):
        has_value = record.status in ("ok", "unpicklable")
        value = as_text(record.value) if has_value else ""
        writer.writerow(vars(replace(record, input=as_text(record.input), value=value)).values())


def _jsonl(run: RunReader, file: IO[str]) -> None:
    for record in records(run):
        line = {**vars(record), "input": as_json(record.input), "value": as_json(record.value)}
        file.write(json.dumps(line) + "\n")
