"""Chooses further ways to try, after a first round."""

from __future__ import annotations

from collections.abc import Sequence

from engine.compare.lines import Line
from engine.compare.ways import Way

MOST_WAITING = 128
"""Numbers of threads to try for a function that waits,"""
MOST_WAITING_PROCESSES = 32
"""and of processes, if it waits and threads do not help."""
WAITING = 0.6
"""A function counts as waiting if its share of CPU time is below this,"""
COMPUTING = 0.8
"""and as computing if it is above this."""
SCALES = 1.3
"""Threads help if they are at least this many times as fast as one."""


def more_ways(lines: Sequence[Line], cores: int, tasks: int | None) -> list[Way]:
    """Ways worth trying after the first round: more workers if it waits, one thread for libraries."""
    serial = next(line for line in lines if line.way == Way("serial"))
    threads = [line for line in lines if line.way.mode == "threads"]
    found: list[Way] = []
    helps = any(line.speed_up(serial) >= SCALES for line in threads)
    waits = serial.share is None or serial.share < WAITING
    has_time = serial.share is None or serial.share < COMPUTING
    most = max(2, cores)
    if helps and has_time:
        found += [Way("threads", size) for size in _times(most, MOST_WAITING)]
    elif waits:
        found += [Way("pool", size) for size in _times(most, MOST_WAITING_PROCESSES)]
    if serial.has_library_threads:
        found.append(Way("serial", blas_threads=1))
    known = {line.way for line in lines}
    fitting = [way for way in found if tasks is None or way.workers <= max(tasks, 1)]
    if tasks is not None and helps and has_time and 2 <= tasks <= MOST_WAITING:
        fitting.append(Way("threads", tasks))
    return [way for way in dict.fromkeys(fitting) if way not in known]


def _times(size: int, most: int) -> list[int]:
    """Multiples of a size: four times, and so on."""
    found: list[int] = []
    while (size := size * 4) <= most:
        found.append(size)
    return found
