"""Which tasks of a worker printed what, found by looking at the copy of its output between tasks."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

from array import array

from ..messages import PRINTED, PRINTING
from . import stdout

SPAN = 4
"""Numbers of a span: the first of some tasks, how many they are, and what they printed: offset and length."""


class Prints:
    """Spans of the output. Until a task has printed, several may share one."""

    def __init__(self, slot: memoryview) -> None:
        self._slot = slot
        self._known = 0
        self._spans = array("q")
        self.heard = False
        """Whether any task has printed."""

    def begin(self, task: int) -> None:
        """What was printed so far belongs to no task: this one is next."""
        stdout.flush()
        self._tell(task, stdout.printed())

    def ended(self, first: int, count: int) -> None:
        """These tasks have run since the last check."""
        stdout.flush()
        end = stdout.printed()
        if end > self._known:
            self.heard = True
            self._spans.extend((first, count, self._known, end - self._known))
        self._tell(first + count, end)

    def _tell(self, task: int, end: int) -> None:
        """Let the host know from which task and which offset on the output is not assigned."""
        self._known = end
        self._slot[PRINTING], self._slot[PRINTED] = task, end

    def of(self, first: int) -> array[int] | None:
        """The spans, relative to `first`. They are forgotten."""
        if not self._spans:
            return None
        found, self._spans = self._spans, array("q")
        for at in range(0, len(found), SPAN):
            found[at] -= first
        return found
