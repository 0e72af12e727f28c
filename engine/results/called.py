"""What the main process of a script called, and where: each function and call site, with its tasks."""

from __future__ import annotations

from pathlib import PurePath

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
_SITES = (
    f"SELECT substr(s.name, 1, {_LONGEST}), substr(coalesce(s.file, ''), 1, 4000), coalesce(s.line, 0),"
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


def stage_of(run: RunReader, task: int) -> str:
    """The function that a task of a script calls, and where it was called; empty before it has an outcome."""
    if run.is_old or not run.facts((0, 0)).is_script:
        return ""
    found = run.select(
        f"SELECT substr(s.name, 1, {_LONGEST}), substr(coalesce(s.file, ''), 1, 4000), coalesce(s.line, 0)"
        " FROM batch AS b JOIN stage AS s ON s.id = b.stage"
        " WHERE b.first <= ? AND ? < b.first + b.count ORDER BY b.first DESC LIMIT 1",
        (task, task),
    )
    if not found:
        return ""
    name, file, line = found[0]
    return f"{name}, called at {PurePath(str(file)).name}:{line}" if file else str(name)
