"""Turns cells copied from a spreadsheet into values of a list."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

from engine.host.inputs.table import CONVERT, find_type


@dataclass(frozen=True)
class Pasted:
    """Values, and how each becomes a call."""

    values: tuple[Any, ...]
    call: str


def from_cells(text: str) -> Pasted | None:
    """The cells in `text`: dicts if the first row has titles, else rows; None if there is only one column.

    A single column cannot be told from ordinary lines of text.
    """
    if "\t" not in text:
        return None
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter="\t") if row]
    width = max(map(len, rows), default=0)
    if width < 2:
        return None
    rows = [row + [""] * (width - len(row)) for row in rows]
    first, *rest = rows
    titles = [cell.strip() for cell in first]
    named = bool(rest) and len(set(titles)) == width and all(title.isidentifier() for title in titles)
    body = _typed(rest if named else rows)
    if named:
        return Pasted(tuple(dict(zip(titles, row, strict=True)) for row in body), "kwargs")
    return Pasted(tuple(body), "args")


def _typed(rows: list[list[str]]) -> list[list[Any]]:
    columns: list[list[Any]] = []
    for texts in zip(*rows, strict=True):
        cells: list[Any] = list(texts)
        kind = find_type(cells)
        convert = CONVERT[kind] if kind != "date" else None
        columns.append(
            cells if convert is None else [convert(cell) if cell.strip() else None for cell in cells]
        )
    return [list(row) for row in zip(*columns, strict=True)]
