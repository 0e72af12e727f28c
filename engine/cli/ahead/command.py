"""The command of a script in a terminal, once the host has started: it waits, then follows the run."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import select
import time

from engine.cli.ahead import host, words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

REST_SECONDS = 2.0
"""Until then the command only waits for the end. What it loads would delay the first results."""
HEED_MILLISECONDS = 50
"""How often it checks, until then, whether a signal has come."""


def run(left: Sequence[str]) -> int | None:
    """Run a script, if the words after `run` are plain; returns its exit status, or None if they are not."""
    plan = words.read(left)
    return None if plan is None else follow(plan)


def follow(plan: dict[str, Any]) -> int:
    """Run what is planned, to its end; returns the exit status."""
    try:
        pid, link = host.start(plan)
    except OSError as error:
        from engine.cli import status
        from engine.host.system import what_is_short

        status.complain(f"The run cannot start: {what_is_short(error)}.")
        return status.NOT_VALID
    from engine.cli import interrupts

    with interrupts.Gathered() as came:
        _rest(link, came)
        from engine.cli import streams
        from engine.cli.watching import watch

        streams.forgive_stderr()
        return watch(pid, link, came)


def _rest(link: int, came: Sequence[object]) -> None:
    """Wait until the host hangs up, a signal comes, or there is time to load what follows a run."""
    ended = select.poll()
    ended.register(link, 0)
    due = time.monotonic() + REST_SECONDS
    while not came and time.monotonic() < due and not ended.poll(HEED_MILLISECONDS):
        pass
