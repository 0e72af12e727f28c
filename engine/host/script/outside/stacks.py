"""Asks main and workers for their stacks, and collects the answers without waiting."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import os
from collections.abc import Sequence
from contextlib import suppress

from ... import system
from ...record.schema import MAIN
from ...typed import Any, Callable, NamedTuple
from ...work.slot import IDLE
from ..slots import STACK_SIGNAL, STACKS
from .worker import Worker

STACK_SECONDS = 1.0
"""Seconds that a worker has to answer,"""
QUIET_SECONDS = 0.05
"""and after which its answer is complete."""
CAUGHT = b"SigCgt:"


class Main(NamedTuple):
    """The main process."""

    slot: str
    pid: int
    started_at: float


class Look:
    """One look at main and workers. `done` is called with what each is doing, once their stacks are there."""

    def __init__(
        self,
        main: Main,
        workers: Sequence[Worker],
        stacks: bool,
        done: Callable[[list[dict[str, Any]]], object],
    ) -> None:
        now = system.clock()
        self._done = done
        self._found = [(main.slot, _where_main(main, now))]
        self._found += [(worker.slot, _where(worker, now)) for worker in workers]
        busy = [(main.slot, main.pid)]
        busy += [(worker.slot, worker.pid) for worker in workers if worker.task != IDLE]
        self._asked = [slot for slot, pid in busy if stacks and _ask(slot, pid)]
        self._due = now + (STACK_SECONDS if self._asked else 0)
        self._quiet_at = now + (QUIET_SECONDS if self._asked else 0)

    def patience(self, now: float) -> float:
        return max(0.0, min(self._due, max(self._quiet_at, now + QUIET_SECONDS / 2)) - now)

    def look(self, now: float) -> bool:
        """Answer if everything is there, or it is time; returns whether it has."""
        if now < self._quiet_at or (now < self._due and not all(map(_said, self._asked))):
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


def _where_main(main: Main, now: float) -> dict[str, Any]:
    seconds = now - main.started_at
    return {"number": MAIN, "pid": main.pid, "task": None, "seconds": seconds, "stack": "", "done": 0}


def _ask(slot: str, pid: int) -> bool:
    """Ask for a stack, if the process knows the signal; returns whether it does."""
    with suppress(OSError):
        os.truncate(slot + STACKS, 0)
        if _catches(pid):
            os.kill(pid, STACK_SIGNAL)
            return True
    return False


def _catches(pid: int) -> bool:
    """Whether a process handles the signal, which would end it otherwise."""
    if sys.platform != "linux":
        return True  # where it does nothing to processes that do not handle it
    with open(f"/proc/{pid}/status", "rb") as file:
        (caught,) = (line.split()[1] for line in file if line.startswith(CAUGHT))
    return bool(int(caught, 16) >> (STACK_SIGNAL - 1) & 1)


def _said(slot: str) -> bytes:
    try:
        with open(slot + STACKS, "rb") as file:
            return file.read()
    except OSError:
        return b""
