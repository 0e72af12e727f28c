"""Inputs from the rows of a CSV file: detects delimiter and types, and checks each row by them."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from io import StringIO
from itertools import islice

from ..typed import IO, Any, Callable
from .source import BadInput, Source, Unreadable
from .text import TextFile

DELIMITERS = ",;\t|:"
SAMPLE_ROWS = 1_000
"""Rows from which delimiter and types are detected."""
SAMPLE_TEXT = 1 << 20
"""Characters from which the delimiter is detected."""
LONGEST_CELL = 1 << 24
"""An unclosed quote extends no further than this many characters."""
MAX_SHOWN = 500
"""Characters of a bad row that are shown."""

_BOOLS = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_FOUND = (
    ("int", re.compile(r"[+-]?(0|[1-9][0-9]*)")),
    ("float", re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?|[+-]?inf|nan", re.IGNORECASE)),
    ("bool", re.compile(r"true|false", re.IGNORECASE)),
    ("date", _DATE),
)
_LEADING_ZERO = re.compile(r"[+-]?0[0-9]")
"""Looks like a number, but is more likely a code whose zeros must be kept."""


def _bool(cell: str) -> bool:
    try:
        return _BOOLS[cell.strip().lower()]
    except KeyError:
        raise ValueError from None


def _date(cell: str) -> date:
    if not _DATE.fullmatch(cell.strip()):
        raise ValueError
    return date.fromisoformat(cell.strip())


CONVERT: dict[str, Callable[[str], Any] | None] = {
    "int": int,
    "float": float,
    "bool": _bool,
    "text": None,
    "date": _date,
}
"""The types of columns. An empty cell is None, or an empty text in a text column."""


def find_delimiter(sample: str) -> str:
    """The character that splits most rows of `sample` into the same number of cells, more than one."""
    best, found = (0.0, 0), ","
    for delimiter in DELIMITERS:
        reader = csv.reader(StringIO(sample, newline=""), delimiter=delimiter)
        try:
            widths = Counter(len(row) for row in islice(reader, SAMPLE_ROWS) if row)
        except csv.Error:
            continue
        if widths:
            width, rows = widths.most_common(1)[0]
            score = (rows / sum(widths.values()), width)
            if width > 1 and score > best:
                best, found = score, delimiter
    return found


def find_type(cells: list[str]) -> str:
    """The type that all cells have; text if all are empty."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled or any(map(_LEADING_ZERO.match, filled)):
        return "text"
    return next((name for name, form in _FOUND if all(map(form.fullmatch, filled))), "text")


class Table(Source):
    """Each row is an input: a dict by column, or a list of cells without a header or if call is args."""

    def __init__(self, inputs: dict[str, Any]) -> None:
        csv.field_size_limit(LONGEST_CELL)
        self.text = TextFile(inputs["path"], inputs["encoding"])
        self._header: bool = inputs["header"]
        self._cells = inputs["call"] == "args" or not self._header
        self.delimiter: str = inputs["delimiter"] or self._find_delimiter()
        rows = (row for _, row, wrong in self._rows() if not wrong)
        none: list[str] = []
        first = next(rows, none) if self._header else none
        sample = list(islice(rows, SAMPLE_ROWS))
        if not self._header:
            first = [""] * (len(sample[0]) if sample else 0)
        self.columns = _names(first)
        self.names = self.columns if self._cells else []
        self._given: dict[str, str] = inputs["types"]
        self.types = self._find_types(sample)
        self.plain = "date" not in self.types
        self._typed = [
            (place, name, kind, convert)
            for place, (name, kind) in enumerate(zip(self.columns, self.types))
            for convert in [CONVERT[kind]]
            if convert is not None
        ]

    def _find_delimiter(self) -> str:
        with self.text.open(newline="") as file:
            sample = file.read(SAMPLE_TEXT)
            cut = file.read(1)
        if cut:  # the last row is incomplete
            sample = sample[: sample.rfind("\n") + 1] or sample
        return find_delimiter(sample)

    def _find_types(self, sample: list[list[str]]) -> list[str]:
        for name in self._given:
            if name not in self.columns:
                raise Unreadable(
                    "inputs.types",
                    f'There is no column "{name}" in {self.text.name}. It has: {", ".join(self.columns)}.',
                )
        width = len(self.columns)
        whole = [row for row in sample if len(row) == width]
        return [
            self._given.get(name) or find_type([row[place] for row in whole])
            for place, name in enumerate(self.columns)
        ]

    def _reader(self, file: IO[str]) -> Any:
        return csv.reader(file, delimiter=self.delimiter)

    @property
    def share(self) -> float | None:
        return self.text.share

    def _rows(self, follow: bool = False) -> Iterator[tuple[int, list[Any], str]]:
        """Each row that is not blank: its line, its cells, and what is wrong if they cannot be read.

        Only a pass with `follow` updates `share`.
        """
        with self.text.follow(newline="") if follow else self.text.open(newline="") as file:
            reader = self._reader(file)
            while True:
                line: int = reader.line_num + 1
                try:
                    row = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield line, [], str(error)
                else:
                    if row:
                        yield line, row, ""

    def __iter__(self) -> Iterator[Any]:
        rows = self._rows(follow=True)
        if self._header:
            next(rows, None)
        width, names, cells, fault = len(self.columns), self.columns, self._cells, self.text.fault
        for line, row, unread in rows:
            wrong = unread or fault("".join(row))
            if wrong or len(row) != width:
                yield self._bad(line, row, wrong or self._miscounted(len(row)))
                continue
            try:
                for place, _, _, convert in self._typed:
                    cell = row[place]
                    row[place] = None if not cell or cell.isspace() else convert(cell)
            except ValueError:
                yield self._bad(line, row, self._misfit(row))
            else:
                yield row if cells else dict(zip(names, row))

    def _records(self) -> Iterator[Any]:
        rows = self._rows()
        if self._header:
            next(rows, None)
        return rows

    def _miscounted(self, width: int) -> str:
        where = "the header" if self._header else "the first row"
        return f"it has {width} cell{'s' if width != 1 else ''}, {where} has {len(self.columns)}"

    def _misfit(self, row: list[Any]) -> str:
        """Which cell does not fit. Cells before it are already converted."""
        for place, name, kind, convert in self._typed:
            cell = row[place]
            if isinstance(cell, str) and cell and not cell.isspace():
                try:
                    convert(cell)
                except ValueError:
                    found = "" if name in self._given else f", as the first {SAMPLE_ROWS:,} rows have"
                    advice = f'set types.{name} = "text" to take it as it is'
                    return f'column "{name}" has "{cell[:80]}", which is not a valid {kind}{found}; {advice}'
        return "a cell does not fit its type"

    def _bad(self, line: int, row: list[Any], wrong: str) -> BadInput:
        shown = self.delimiter.join("" if cell is None else str(cell) for cell in row)
        return BadInput(f"{self.text.name}, line {line}: {wrong}.", self.text.shown(shown[:MAX_SHOWN]))


def _names(header: list[str]) -> list[str]:
    """A unique name for each column: that of the header, or a number if it has none."""
    names: list[str] = []
    for number, cell in enumerate(header, 1):
        name = wanted = cell.strip() or f"column_{number}"
        again = 2
        while name in names:
            name = f"{wanted}_{again}"
            again += 1
        names.append(name)
    return names
