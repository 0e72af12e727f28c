"""Tasks as text to be pasted elsewhere: tab-separated, CSV, Markdown, Python, or one text as it is."""

from __future__ import annotations

import ast
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from engine.results.cells import date_and_clock, seconds
from engine.runs import Batch

COLUMNS = ("index", "input", "status", "result", "seconds", "worker", "started")
"""What is known of a task, in the order of the table's columns."""
_NUMBERS = {"index", "seconds", "worker"}
Cells = Sequence[str]


def rows(batch: Batch, columns: Sequence[int]) -> Iterator[Cells]:
    """The chosen columns of each task, unabridged."""
    worker = str(batch.worker)
    parts = zip(batch.inputs, batch.statuses, batch.values, batch.starts, batch.ends, strict=True)
    for index, (shown, status, value, start, end) in enumerate(parts, batch.first):
        cells = (str(index), shown, status, value, seconds(start, end), worker, date_and_clock(start))
        yield [cells[column] for column in columns]


def head(style: str, columns: Sequence[int]) -> str:
    """What is above the rows."""
    names = [COLUMNS[column] for column in columns]
    if style == "csv":
        return _csv([names])
    if style == "markdown":
        rule = ["---:" if name in _NUMBERS else "---" for name in names]
        return _markdown([names, rule])
    return "rows = [\n" if style == "python" else ""


def body(style: str, columns: Sequence[int], batch: Batch) -> str:
    """The tasks of a batch, each of which ends with a line end."""
    found, names = rows(batch, columns), [COLUMNS[column] for column in columns]
    if style == "python":
        return "".join(map(partial(_as_dict, names), found, batch.statuses))
    return _STYLES[style](found)


def foot(style: str) -> str:
    """What is below the rows."""
    return "]\n" if style == "python" else ""


def _plain(found: Iterable[Cells]) -> str:
    return "".join("\t".join(cells) + "\n" for cells in found)


def _tabbed(found: Iterable[Cells]) -> str:
    return "".join("\t".join(map(_on_one_line, cells)) + "\n" for cells in found)


def _csv(found: Iterable[Cells]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(found)
    return text.getvalue()


def _markdown(found: Iterable[Cells]) -> str:
    lines = (" | ".join(_on_one_line(cell).replace("|", "\\|") for cell in cells) for cells in found)
    return "".join(f"| {line} |\n" for line in lines)


def _as_dict(names: Cells, cells: Cells, status: str) -> str:
    """A task as a line of a list in Python; what a failed one says is a text, whatever it looks like."""
    values = {"input", "result"} if status == "ok" else {"input"}
    pairs = zip(names, cells, strict=True)
    entries = ", ".join(f"{name!r}: {_literal(cell, name, values)}" for name, cell in pairs)
    return f"    {{{entries}}},\n"


def _literal(cell: str, name: str, values: set[str]) -> str:
    """A cell as Python: a number, a value whose text is one of Python's literals, or a text."""
    if name in _NUMBERS:
        return cell or "None"
    return (_as_value(cell) if name in values else "") or repr(cell)


def _as_value(text: str) -> str:
    """The literal that a text is; empty if it is none, or one that does not read back, as `1e999`."""
    try:
        shown = repr(ast.literal_eval(text))
        if "inf" in shown:
            ast.literal_eval(shown)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return ""
    return shown


def _on_one_line(text: str) -> str:
    return text.replace("\t", " ").replace("\r", " ").replace("\n", " ")


_STYLES: dict[str, Callable[[Iterable[Cells]], str]] = {
    "plain": _plain,
    "tsv": _tabbed,
    "csv": _csv,
    "markdown": _markdown,
}
