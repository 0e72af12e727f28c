"""What a script called its pools for: the functions, the places of the calls, and how their tasks ended."""

from __future__ import annotations

from engine.host.record import schema
from engine.results.answers import Called
from engine.runs import RunReader
from engine.runs.damaged import whole

MOST = 1_000
"""The most functions and places that are listed."""
_FAILED = " + ".join(schema.STATUSES[status] for status in schema.FAILURES)
_READ = f"""
    SELECT substr(name, 1, 200), substr(coalesce(file, ''), 1, 1000), coalesce(line, 0), count(*),
        sum(coalesce(tasks, 0)), sum(coalesce(failed, 0)),
        sum(max(0.0, coalesce(ended - min(started, began), 0.0)))
    FROM stage LEFT JOIN (
        SELECT stage, sum(count) AS tasks, sum({_FAILED}) AS failed, min(start) AS began, max(end) AS ended
        FROM batch GROUP BY stage
    ) ON stage = id
    GROUP BY name, file, line ORDER BY min(id) LIMIT {MOST}
"""


def calls(run: RunReader) -> tuple[Called, ...]:
    """The functions that a run has called, in the order of their first calls."""
    if run.is_old:
        return ()
    with whole():
        return tuple(
            Called(str(name), str(file), int(line), int(times), int(tasks), int(failed), float(seconds))
            for name, file, line, times, tasks, failed, seconds in run.select(_READ)
        )
