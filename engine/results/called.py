"""What the main process of a script called, and where: each function and call site, with its tasks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from engine.results.answers import Called
from engine.runs import RunReader

MOST = 20
"""Call sites that are listed, in the order of their first calls."""
_LONGEST = 200
"""Characters of a name that are read."""
_MOST_STAGES = 50_000
"""A run with more stages lists none: counting them would take longer than a moment."""
_TASKS = (
    "SELECT stage, sum(count) AS tasks, sum(error + timeout + died + memory + unpicklable) AS failed"
    " FROM batch GROUP BY stage"
)
_SITE = f"substr(s.name, 1, {_LONGEST}), substr(coalesce(s.file, ''), 1, 4000), coalesce(s.line, 0)"
_SITES = (
    f"SELECT {_SITE},"
    " count(*), sum(coalesce(b.tasks, 0)), sum(coalesce(b.failed, 0))"
    f" FROM stage AS s LEFT JOIN ({_TASKS}) AS b ON b.stage = s.id"
    " GROUP BY s.name, s.file, s.line ORDER BY min(s.id) LIMIT ?"
)


def called(run: RunReader) -> tuple[Called, ...]:
    """The call sites of a script; none of a job, which has one function."""
    if run.is_old or not run.facts((0, 0)).is_script:
        return ()
    ((stages,),) = run.select("SELECT count(*) FROM stage")
    rows = run.select(_SITES, (MOST,)) if stages <= _MOST_STAGES else []
    return tuple(
        Called(str(name), str(file), int(line), int(calls), int(tasks), int(failed))
        for name, file, line, calls, tasks, failed in rows
    )


def has_several(run: RunReader) -> bool:
    """Whether a script called pools in several places, or several functions."""
    if run.is_old:
        return False
    return len(run.select("SELECT DISTINCT name, file, line FROM stage LIMIT 2")) > 1


def stage_of_row(run: RunReader, row_id: int) -> str:
    """The stage of the tasks in a row of run.db: its number, its function and where that was called."""
    query = f"SELECT {_SITE}, s.id FROM batch AS b JOIN stage AS s ON s.id = b.stage WHERE b.id = ?"
    found = run.select(query, (row_id,))
    return f"{found[0][3]}: {_written(found, ' at ')}" if found else ""


def stage_of(run: RunReader, task: int) -> str:
    """The function that a task of a script calls, and where it was called; empty before it has an outcome."""
    if run.is_old or not run.facts((0, 0)).is_script:
        return ""
    found = run.select(
        f"SELECT {_SITE} FROM batch AS b JOIN stage AS s ON s.id = b.stage"
        " WHERE b.first <= ? AND ? < b.first + b.count ORDER BY b.first DESC LIMIT 1",
        (task, task),
    )
    return _written(found, ", called at ")


def _written(found: Sequence[Sequence[Any]], at: str) -> str:
    if not found:
        return ""
    name, file, line, *_ = found[0]
    return f"{name}{at}{PurePath(str(file)).name}:{line}" if file else str(name)
