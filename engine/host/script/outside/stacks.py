"""Where is it now? Asks workers for their Python stacks, and takes in what comes without waiting for it."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import os
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Callable

from ... import system
from ...work.slot import IDLE
from ..messages import STACK_SIGNAL, STACKS
from .worker import Worker

STACK_SECONDS = 1.0
"""A worker that is asked for its stack has so long to answer,"""
QUIET_SECONDS = 0.05
"""and has said all after so long."""
CAUGHT = b"SigCgt:"


class Look:
    """One look at workers. `done` is called with what each is on, once their stacks are there."""

    def __init__(
        self, workers: Sequence[Worker], stacks: bool, done: Callable[[list[dict[str, Any]]], object]
    ) -> None:
        now = system.clock()
        self._done = done
        self._found = [(worker.slot, _where(worker, now)) for worker in workers]
        asked = [_ask(worker) for worker in workers if stacks and worker.task != IDLE]
        self._due = now + (STACK_SECONDS if any(asked) else 0)
        self._quiet_at = now + (QUIET_SECONDS if any(asked) else 0)

    def patience(self, now: float) -> float:
        return max(0.0, min(self._due, max(self._quiet_at, now + QUIET_SECONDS / 2)) - now)

    def look(self, now: float) -> bool:
        """Answer if all is there, or it is time; gives whether it has."""
        stacks = [_said(slot) for slot, where in self._found if where["task"] is not None]
        if now < self._quiet_at or (now < self._due and not all(stacks)):
            return False
        for slot, where in self._found:
            where["stack"] = system.own_frames(_said(slot).decode("utf-8", "replace"))
        self._done([where for _, where in self._found])
        return True


def _where(worker: Worker, now: float) -> dict[str, Any]:
    task = worker.task
    return {
        "number": worker.number,
        "pid": worker.pid,
        "task": None if task == IDLE else task,
        "seconds": now - worker.busy_since if task != IDLE else 0.0,
        "stack": "",
        "done": worker.done,
    }


def _ask(worker: Worker) -> bool:
    """Ask for a stack, if whoever is asked knows the signal; gives whether it does."""
    with suppress(OSError):
        os.truncate(worker.slot + STACKS, 0)
        if _catches(worker.pid):
            os.kill(worker.pid, STACK_SIGNAL)
            return True
    return False


def _catches(pid: int) -> bool:
    """Whether a process handles the signal, which would end it if it did not."""
    if sys.platform != "linux":
        return True  # there, it does nothing to who does not handle it
    with open(f"/proc/{pid}/status", "rb") as file:
        (caught,) = (line.split()[1] for line in file if line.startswith(CAUGHT))
    return bool(int(caught, 16) >> (STACK_SIGNAL - 1) & 1)


def _said(slot: str) -> bytes:
    try:
        with open(slot + STACKS, "rb") as file:
            return file.read()
    except OSError:
        return b""
