"""What limits the chosen way, by the measurements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.compare.further import SCALES
from engine.compare.lines import Line
from engine.compare.machine import Machine
from engine.results.words import duration

START_UP_PART = 0.25
"""Start-up counts if it takes this share of the whole run,"""
START_UP_SECONDS = 1.0
"""or this many seconds."""
TRANSPORT_PART = 0.3
"""The relevant share of a worker's time; higher on a loaded machine, which delays host and reader."""
TAIL_PART = 0.2
MEMORY_PART = 0.5
HELD = 0.5
"""Threads hold each other up if they hold the lock this often when another wants it."""


@dataclass(frozen=True)
class Limit:
    """One limiting factor."""

    name: str
    """`start-up`, `pickling`, `tail`, `memory`, `lock` or `blas threads`."""
    text: str
    """A sentence."""


def limits(
    chosen: Line, best: Mapping[str, Line], tasks: int | None, machine: Machine, kind: str
) -> list[Limit]:
    """All of them, the most important first."""
    found = (
        _start_up(chosen, tasks),
        _transport(best["serial"]),
        _lock(best, kind),
        _blas(best["serial"], machine),
        _tail(chosen, tasks),
        _memory(best, machine),
    )
    return [limit for limit in found if limit is not None]


def _start_up(chosen: Line, tasks: int | None) -> Limit | None:
    total = chosen.total(tasks) if tasks is not None else None
    part = chosen.start_up / total if total else 0.0
    if part < START_UP_PART and chosen.start_up < START_UP_SECONDS:
        return None
    whole = f" of {duration(total)} in all" if total else ""
    return Limit(
        "start-up", f"Start-up takes {duration(chosen.start_up)}{whole}: each run and each process pays it."
    )


def _transport(serial: Line) -> Limit | None:
    part = serial.overhead
    if part < TRANSPORT_PART + serial.waited / 2 or serial.is_tiny:
        return None
    return Limit(
        "pickling",
        f"Workers spend {part:.0%} of their time on inputs and results on their way (pickling, pipes,"
        " disk): let the function read its input by a path or a key, and return little.",
    )


def _lock(best: Mapping[str, Line], kind: str) -> Limit | None:
    threads = best.get("threads")
    if threads is None or kind == "tiny" or threads.way.workers < 2:
        return None
    if threads.speed_up(best["serial"]) >= SCALES or best["serial"].overhead > TRANSPORT_PART:
        return None
    if threads.lock_held is not None and threads.lock_held < HELD:
        return None
    if kind == "library threads":
        return None
    return Limit("lock", "Threads hardly help, since the function holds the interpreter's lock.")


def _blas(serial: Line, machine: Machine) -> Limit | None:
    if serial.share is None or not serial.has_library_threads:
        return None
    return Limit(
        "blas threads",
        f"Its threads already use {serial.share:.1f} of the {machine.cores} cores in turn; workers share the"
        " cores, so more of them give each fewer BLAS threads.",
    )


def _tail(chosen: Line, tasks: int | None) -> Limit | None:
    if tasks is None or chosen.way.workers < 2 or chosen.is_tiny:
        return None
    work = chosen.per_task * tasks
    if chosen.longest * (1 - 1 / chosen.way.workers) < TAIL_PART * work or chosen.longest < 2 * chosen.mean:
        return None
    return Limit(
        "tail",
        f"The longest call takes {duration(chosen.longest)}: the other workers may wait for it at the end.",
    )


def _memory(best: Mapping[str, Line], machine: Machine) -> Limit | None:
    pool = best.get("pool")
    if pool is None or pool.memory is None or machine.memory is None:
        return None
    each = pool.memory
    if each * max(machine.cores, pool.way.workers) < MEMORY_PART * machine.memory:
        return None
    return Limit(
        "memory",
        f"A process holds {each / (1 << 20):,.0f} MiB, and {machine.memory / (1 << 20):,.0f} MiB were free.",
    )
