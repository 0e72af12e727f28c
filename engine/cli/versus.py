"""The differences between two runs, as text."""

from __future__ import annotations

from collections.abc import Iterator

from engine.results.differences import RunDifferences, TaskPair
from engine.results.verdict import TITLES, numbers, verdict
from engine.results.words import duration

_NAMED = 10
"""Tasks of each kind that are listed."""
_WIDE = 60


def as_text(found: RunDifferences) -> str:
    """All differences, in the order in which people ask about them."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: RunDifferences) -> Iterator[str]:
    yield verdict(found)
    yield ""
    yield from _table(found)
    if found.job:
        yield from ("", "Job:")
        for change in found.job:
            yield f"  {change.key}: {_cut(change.one) or '-'} -> {_cut(change.other) or '-'}"
    if found.code or found.code_note:
        yield from ("", "Code:")
        yield from (f"  {line}" for line in found.code.splitlines())
        if found.code_note:
            yield f"  {found.code_note}"
    for kind, title in TITLES.items():
        pairs = [pair for pair in found.pairs if pair.kind == kind]
        if pairs:
            yield from ("", f"{title}:")
            yield from map(_task, pairs[:_NAMED])
            if found.count(kind) > _NAMED:
                yield f"  and {found.count(kind) - _NAMED:,} more"


def _task(pair: TaskPair) -> str:
    times = f"{duration(pair.one_seconds)} -> {duration(pair.other_seconds)}"
    what = f"{_cut(pair.one_result)} -> {_cut(pair.other_result)}"
    told = times if pair.kind in ("slower", "faster") else what
    index = f"{pair.one}" if pair.one == pair.other else f"{pair.one}/{pair.other}"
    return f"  {index:>12}  {_cut(pair.input)}: {told}"


def _table(found: RunDifferences) -> Iterator[str]:
    rows = [("", "before", "now", "")]
    rows += numbers(found)
    widths = [max(len(row[at]) for row in rows) for at in range(4)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDE else line[: _WIDE - 1] + "…"
