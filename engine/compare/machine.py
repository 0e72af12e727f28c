"""The machine that a comparison ran on: its cores and its memory."""

from __future__ import annotations

from dataclasses import dataclass

from engine.compare.lines import Line
from engine.cores import usable_cores

MEMORY_PART = 0.8
"""Workers may take this part of the memory that is free."""


@dataclass(frozen=True)
class Machine:
    """What a verdict must know of it."""

    cores: int
    memory: int | None = None
    """Bytes that are free."""

    def holds(self, line: Line) -> bool:
        """Whether memory is enough for its workers."""
        if line.memory is None or self.memory is None:
            return True
        return line.memory * line.way.workers <= self.memory * MEMORY_PART


def this_machine() -> Machine:
    """As it is now."""
    import psutil

    return Machine(usable_cores(), psutil.virtual_memory().available)
