"""The command of a script in a terminal, once the host has started: it waits, then follows the run."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import select

from engine.cli.ahead import host, words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

REST_MILLISECONDS = 300
"""Meanwhile both cores may be busy with the first result: what the command loads would delay it."""


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

        status.complain(f"No process can be started for the run: {error.strerror}.")
        return status.NOT_VALID
    from engine.cli import interrupts

    with interrupts.gathered() as came:
        ended = select.poll()
        ended.register(link, 0)
        ended.poll(REST_MILLISECONDS)
        from engine.cli import streams
        from engine.cli.watching import watch

        streams.forgive_stderr()
        return watch(pid, link, came)
