"""Tasks as text to be pasted elsewhere: tab-separated, CSV, Markdown, Python, or one text as it is."""

from __future__ import annotations

import ast
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence

from engine.results.cells import date_and_clock, seconds
from engine.runs import Batch

COLUMNS = ("index", "input", "status", "result", "seconds", "worker", "started")
"""What is known of a task, in the order of the table's columns."""
_NUMBERS = {"index", "seconds", "worker"}
_LITERALS = {"input", "result"}
Cells = Sequence[str]


def rows(batch: Batch, columns: Sequence[int]) -> Iterator[Cells]:
    """The chosen columns of each task, unabridged."""
    worker = str(batch.worker)
    parts = zip(batch.inputs, batch.statuses, batch.values, batch.starts, batch.ends, strict=True)
    for index, (shown, status, value, start, end) in enumerate(parts, batch.first):
        cells = (str(index), shown, status, value, seconds(start, end), worker, date_and_clock(start))
        yield [cells[column] for column in columns]


def head(style: str, columns: Sequence[int]) -> str:
    """What stands above the rows."""
    names = [COLUMNS[column] for column in columns]
    if style == "csv":
        return _csv([names])
    if style == "markdown":
        rule = ["---:" if name in _NUMBERS else "---" for name in names]
        return _markdown([names, rule], names)
    return "rows = [\n" if style == "python" else ""


def body(style: str, columns: Sequence[int], found: Iterable[Cells]) -> str:
    """Rows, each of which ends with a line end."""
    return _STYLES[style](found, [COLUMNS[column] for column in columns])


def foot(style: str) -> str:
    """What stands below the rows."""
    return "]\n" if style == "python" else ""


def _plain(found: Iterable[Cells], _names: Cells) -> str:
    return "".join("\t".join(cells) + "\n" for cells in found)


def _tabbed(found: Iterable[Cells], _names: Cells) -> str:
    return "".join("\t".join(map(_on_one_line, cells)) + "\n" for cells in found)


def _csv(found: Iterable[Cells], _names: Cells = ()) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(found)
    return text.getvalue()


def _markdown(found: Iterable[Cells], _names: Cells) -> str:
    lines = (" | ".join(_on_one_line(cell).replace("|", "\\|") for cell in cells) for cells in found)
    return "".join(f"| {line} |\n" for line in lines)


def _python(found: Iterable[Cells], names: Cells) -> str:
    lines = (
        ", ".join(f"{name!r}: {_literal(name, cell)}" for name, cell in zip(names, cells, strict=True))
        for cells in found
    )
    return "".join(f"    {{{line}}},\n" for line in lines)


def _literal(name: str, cell: str) -> str:
    """A cell as Python: a number, a value whose text is one of Python's literals, or a text."""
    if name in _NUMBERS:
        return cell or "None"
    if name in _LITERALS and _is_literal(cell):
        return f"({cell})" if "," in cell and cell[:1] not in "([{'\"" else cell
    return repr(cell)


def _is_literal(text: str) -> bool:
    if "\n" in text:
        return False
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return False
    return True


def _on_one_line(text: str) -> str:
    return text.replace("\t", " ").replace("\r", " ").replace("\n", " ")


_STYLES: dict[str, Callable[[Iterable[Cells], Cells], str]] = {
    "plain": _plain,
    "tsv": _tabbed,
    "csv": _csv,
    "markdown": _markdown,
    "python": _python,
}
