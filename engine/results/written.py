"""Tasks as text to paste elsewhere: tab-separated, CSV, Markdown, Python, or one plain text."""

from __future__ import annotations

import ast
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

from engine.results.cells import date_and_clock, seconds
from engine.results.texts import text_of
from engine.runs import Batch

COLUMNS = ("index", "input", "status", "result", "seconds", "worker", "started")
"""The columns, in the order of the table."""
_NUMBERS = {"index", "seconds", "worker"}
Cells = Sequence[str]
Columns = Sequence[int | str]
"""By index in `COLUMNS`; a text is the name of a part of inputs or values."""
Parts = Mapping[str, Sequence[Any]]
"""Parts of tasks by such names; None for a task without that part."""
NO_PARTS: Parts = MappingProxyType({})


def rows(batch: Batch, columns: Columns, named: Parts = NO_PARTS) -> Iterator[Cells]:
    """The selected columns of each task, in full."""
    texts = {name: ["" if part is None else text_of(part) for part in parts] for name, parts in named.items()}
    worker = str(batch.worker)
    parts = zip(batch.inputs, batch.statuses, batch.values, batch.starts, batch.ends, strict=True)
    for index, (shown, status, value, start, end) in enumerate(parts, batch.first):
        cells = (str(index), shown, status, value, seconds(start, end), worker, date_and_clock(start))
        at = index - batch.first
        yield [cells[c] if isinstance(c, int) else texts[c][at] for c in columns]


def head(style: str, columns: Columns) -> str:
    """The text above the rows."""
    names = _names(columns)
    if style == "csv":
        return _csv([names])
    if style == "markdown":
        rule = ["---:" if name in _NUMBERS else "---" for name in names]
        return _markdown([names, rule])
    return "rows = [\n" if style == "python" else ""


def body(style: str, columns: Columns, batch: Batch, named: Parts = NO_PARTS) -> str:
    """The tasks of a batch, each of which ends with a line end."""
    found, names = rows(batch, columns, named), _names(columns)
    if style == "python":
        parts = [{name: items[at] for name, items in named.items()} for at in range(len(batch.statuses))]
        return "".join(map(partial(_as_dict, names), found, batch.statuses, parts))
    return _STYLES[style](found)


def _names(columns: Columns) -> list[str]:
    return [COLUMNS[column] if isinstance(column, int) else column for column in columns]


def foot(style: str) -> str:
    """The text below the rows."""
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


def _as_dict(names: Cells, cells: Cells, status: str, parts: Mapping[str, Any]) -> str:
    """A task as a line of a list in Python; the text of a failed one is a text, whatever it looks like."""
    values = {"input", "result"} if status == "ok" else {"input"}
    pairs = zip(names, cells, strict=True)
    entries = ", ".join(
        f"{name!r}: {_part(parts[name]) if name in parts else _literal(cell, name, values)}"
        for name, cell in pairs
    )
    return f"    {{{entries}}},\n"


def _literal(cell: str, name: str, values: set[str]) -> str:
    """A cell as Python: a number, a value whose text is one of Python's literals, or a text."""
    if name in _NUMBERS:
        return cell or "None"
    return (_as_value(cell) if name in values else "") or repr(cell)


def _part(part: Any) -> str:
    """A part of an input or a value as Python; its text if it is not plain data."""
    return repr(text_of(part)) if type(part) is tuple else _as_value(repr(part)) or repr(text_of(part))


def _as_value(text: str) -> str:
    """The literal in a text; empty if it is none, or one that does not read back, as `1e999`."""
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
