"""The inside of the query process."""

from __future__ import annotations

import os

# their requests can travel once they are imported
from engine.query import (
    arrange,
    code,
    copying,
    detail,
    export,
    failures,
    listing,
    log,
    output,
    report,
    rows,
    run,
    scatter,
    slow,
    summary,
    timeline,
    unfinished,
    versus,
    workers,
)
from engine.query.aside import Asides
from engine.query.guard import keep_in_bounds
from engine.query.loop import Loop
from engine.query.pipe import Connection

ALL = (
    arrange,
    code,
    copying,
    detail,
    export,
    failures,
    listing,
    log,
    output,
    report,
    rows,
    run,
    slow,
    scatter,
    summary,
    timeline,
    unfinished,
    versus,
    workers,
)
"""The modules of all requests."""


def main(handle: int, asides: Asides | None) -> None:
    """Serve the other end of the pipe `handle`, until it closes."""
    keep_in_bounds()
    Loop(Connection(handle), asides).run()
    os._exit(0)  # files are only opened for reading
