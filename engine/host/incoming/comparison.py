"""Whether the inputs of a resumed run are still the same."""

from __future__ import annotations

import logging

from ..inputs import Pickled
from ..record.display import display, short
from ..record.packs import is_whole
from ..typed import Any, Callable

CHANGED = "The inputs have changed."
HOW = (
    "Task {task} ran with {before}, and would have {now} now. Finished results belong to the"
    " inputs as they were; the run goes on with the inputs as they are now. If you do not want that, run the"
    " job again."
)


class Comparison:
    """Compares inputs that are read again with the kept ones, and reports the first difference.

    `before` returns the input that a task had.
    """

    def __init__(self, before: Callable[[int], Any], notice: Callable[[str, str], None]) -> None:
        self._before = before
        self._notice = notice
        self._said = False

    def compare(self, task: int, now: Any) -> None:
        """The input of a finished task was read again. Only plain data is compared."""
        if self._said or type(now) is Pickled:
            return
        try:
            before = self._before(task)
        except OSError:  # its file is gone or truncated
            return
        if is_whole(before) and display(before) != display(now):
            self._said = True
            how = HOW.format(task=task, before=short(before), now=short(now))
            logging.warning("%s %s", CHANGED, how)
            self._notice(CHANGED, how)
