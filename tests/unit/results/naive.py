"""The results of a run, read, filtered and sorted in the simplest way."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.host.record import schema
from engine.host.record.display import display
from engine.results.conditions import LISTED, Condition
from engine.results.names import NUMBERS
from engine.runs import open_run
from engine.runs.records import Record, records

NO_OUTCOME = ("missing", "cancelled", "running", "waiting")


STAGES: dict[int, int] = {}
"""The stage of tasks that do not belong to the first one."""


@dataclass(frozen=True)
class Cell:
    """What conditions and sorts use: a number or none, and the text of the cell."""

    number: float | int | None
    text: str
    is_nothing: bool = False


def tasks(folder: Path) -> list[Record]:
    """All tasks."""
    with open_run(folder) as run:
        return list(records(run))


def cell(task: Record, column: str) -> Cell:
    """One cell of a task."""
    if column == "stage":
        stage = STAGES.get(task.index, 1)
        return Cell(None, "", True) if task.status in NO_OUTCOME else Cell(stage, str(stage))
    if "." in column:
        base, _, key = column.partition(".")
        found = getattr(task, base)
        found = found.get(key) if isinstance(found, dict) else None
        return Cell(None, "", True) if found is None else _of(found)
    found = getattr(task, column)
    if column in ("status", "error", "started"):
        return Cell(None, found, not found)
    if column == "value" and task.status not in ("ok", "unpicklable"):
        return Cell(None, "", True)
    if column in ("index", "seconds", "worker", "attempts") and found is None:
        return Cell(None, "", True)
    if column == "seconds":
        return Cell(float(f"{found:.7g}"), f"{found:.7g}")
    return _of(found)


def _of(value: Any) -> Cell:
    number = value if type(value) in (int, float) else None
    text = value if isinstance(value, str) else display(value)
    if "..." in text and not isinstance(value, str):
        text = repr(value)
    return Cell(number, text, value is None or number != number)


def holds(condition: Condition, task: Record) -> bool:
    """Whether one condition holds for a task."""
    op, value, found = condition.op, condition.value, cell(task, condition.column)
    if op == "!=":
        return not holds(Condition(condition.column, "=", value, condition.is_text), task)
    if op == "~":
        if condition.is_regex:
            flags = re.IGNORECASE if condition.any_case else 0
            return bool(re.search(value, found.text, flags))
        return value in found.text
    if condition.column == "status":
        names = [name.strip() for name in value.split(",")]
        failed = schema.STATUSES[1:] if "failed" in names else ()
        unended = ("running", "waiting") if "missing" in names else ()
        return task.status in (*names, *failed, *unended)
    if condition.column in LISTED and "," in value:
        return any(holds(Condition(condition.column, op, each), task) for each in value.split(","))
    limit = None if condition.is_text else _number(value)
    if condition.column == "error":
        limit = None
    left, right = (found.text, value) if limit is None else (found.number, limit)
    if left is None:
        return op == "=" and found.text == value and condition.column not in NUMBERS
    compared = {"=": left == right, "<": left < right, "<=": left <= right}  # type: ignore[operator]
    compared |= {">": left > right, ">=": left >= right}  # type: ignore[operator]
    return compared[op]


def _number(text: str) -> float | int | None:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return None


def in_order(found: list[Record], column: str, descending: bool) -> list[Record]:
    """Tasks sorted: numbers, then texts; missing values last in both directions."""

    def key(task: Record) -> tuple[int, float | int, str]:
        it = cell(task, column)
        if column == "started":
            return (0, math.nan, it.text)
        if it.number is not None:
            return (0, it.number, "")
        return (1, 0.0, it.text)

    has = [task for task in found if not cell(task, column).is_nothing]
    has_not = [task for task in found if cell(task, column).is_nothing]
    if column == "started":
        return sorted(has, key=lambda task: cell(task, column).text, reverse=descending) + has_not
    return sorted(has, key=key, reverse=descending) + has_not
