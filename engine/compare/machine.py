"""The machine of a comparison: its cores and its memory."""

from __future__ import annotations

from dataclasses import dataclass

from engine.compare.lines import Line
from engine.cores import usable_cores

MEMORY_PART = 0.8
"""The share of free memory that workers may take."""


@dataclass(frozen=True)
class Machine:
    """What a verdict must know about the machine."""

    cores: int
    memory: int | None = None
    """Free bytes."""

    def holds(self, line: Line) -> bool:
        """Whether there is enough memory for its workers."""
        if line.memory is None or self.memory is None:
            return True
        return line.memory * line.way.workers <= self.memory * MEMORY_PART


def this_machine() -> Machine:
    """This machine now."""
    import psutil

    return Machine(usable_cores(), psutil.virtual_memory().available)
