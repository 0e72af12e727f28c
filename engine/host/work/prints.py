"""What each task printed, found by checking the end of the worker's output file between tasks."""

from __future__ import annotations

from array import array

from ..record import output
from .slot import Slot
from .surroundings import flush_output

SPAN = 4
"""Numbers of a span: the first of some tasks, how many they are, and what they printed: offset and length."""
MOST_SPANS = 10_000
"""If tasks of a row have more spans, the last one covers many tasks."""


class Prints:
    """Spans of the output, each with the tasks that may have printed it.

    A check costs some microseconds. So it is made after each task only if the task was slow, or one has
    printed before; else after the batch, and then only the batch is known, not which of its tasks printed.
    """

    def __init__(self, path: str, slot: Slot) -> None:
        self._path = path
        self._slot = slot
        self._known = 0
        """Output before this offset was printed by tasks before"""
        self._since = 0
        """this one."""
        self._spans = array("q")
        self.heard = False
        """Whether any task has printed."""

    def begin(self, task: int) -> None:
        """Output so far belongs to no task: this task is next."""
        end = output.end(self._path)
        self._known = self._known if end is None else end
        self._since = task
        self._slot.printing(task, self._known)

    def ended(self, task: int) -> None:
        """All tasks up to this one are over."""
        flush_output()
        if task < self._since:
            return
        end = output.end(self._path)
        if end is None or end < self._known:  # it is being cut: wait for the next check
            return
        if end > self._known:
            self._add(task + 1, end)
            self.heard = True
        self._known, self._since = end, task + 1
        self._slot.printing(self._since, end)

    def _add(self, stop: int, end: int) -> None:
        spans = self._spans
        if len(spans) < SPAN * MOST_SPANS:
            spans.extend((self._since, stop - self._since, self._known, end - self._known))
        else:
            spans[-3:] = array("q", (stop - spans[-4], spans[-2], end - spans[-2]))

    def of(self, first: int, count: int) -> array[int] | None:
        """The spans of these tasks, relative to `first`. Earlier ones are forgotten."""
        if not self._spans:
            return None
        found, later, spans = array("q"), array("q"), self._spans
        for at in range(0, len(spans), SPAN):
            begin, tasks, *place = spans[at : at + SPAN]
            if begin < first + count and begin + tasks > first:
                found.extend((begin - first, tasks, *place))
            if begin + tasks > first + count:
                later.extend(spans[at : at + SPAN])
        self._spans = later
        return found


class SharedPrints(Prints):
    """Those of a thread: its output cannot be told apart from that of the others."""

    def begin(self, task: int) -> None:
        """It is not known what this task prints."""

    def ended(self, task: int) -> None:
        """All tasks up to this one are over."""
        flush_output()
