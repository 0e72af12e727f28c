"""What happened to the run as a whole: when it was paused or had no host, and when rows were committed."""

from __future__ import annotations

from array import array

from engine.host.record import schema
from engine.results.timeline.answers import Band
from engine.runs import RunReader

MOST_EVENTS = 20_000
"""The most events that are read; a host keeps fewer."""
MOST_COMMITS = 4_000
"""The most that are returned for one view."""
GAP = 1.0
"""Seconds of silence before a new host begins, from which the previous one counts as gone."""
_QUERY = f"SELECT time, kind FROM event ORDER BY id LIMIT {MOST_EVENTS}"


def events(run: RunReader, begin: float, end: float, last: float) -> tuple[tuple[Band, ...], bytes]:
    """The bands in a time span, and when rows were committed; `last` is the latest known time of the run."""
    if not run.select("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'event'"):
        return (), b""
    bands: list[Band] = []
    commits: array[float] = array("d")
    seen: float | None = None
    paused: float | None = None
    for time, kind in run.select(_QUERY):
        if not isinstance(time, float) or not 0 < time < schema.MOST_TASKS or kind not in schema.EVENTS:
            continue
        if kind == schema.LAUNCHED and seen is not None:
            stop = seen if paused is None else paused
            if time - stop > GAP:
                bands.append(Band("away", stop, time))
            paused = None
        elif kind == schema.PAUSED:
            paused = time
        elif kind in (schema.RESUMED, schema.ENDED) and paused is not None:
            bands.append(Band("paused", paused, time))
            paused = None
        elif kind == schema.COMMIT and begin <= time <= end and len(commits) < MOST_COMMITS:
            commits.append(time)
        seen = time
    if paused is not None:
        bands.append(Band("paused", paused, max(last, paused)))
    return tuple([band for band in bands if band.end > begin and band.begin < end]), commits.tobytes()
