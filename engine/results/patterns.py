"""Applies a user's regular expression to many texts, and gives up if it never ends on one.

`re` holds the interpreter while it matches, but checks for signals. So a timer that finds it still at the
same text interrupts it, and what the process has computed for others stays. Without such timers (on
Windows), the client kills the whole process and starts another.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.results.conditions import ConditionError

PATIENCE = 2.0
"""Seconds of processor time after which a text is given up."""


class SlowPattern(ConditionError):
    """A regular expression takes too long on one text."""


def mask(matches: Callable[[str], Any], texts: Sequence[str]) -> NDArray[np.bool_]:
    """Which texts match, as booleans of shape (len(texts),). Raises SlowPattern."""
    found = np.zeros(len(texts), np.bool_)
    at = -1

    def place() -> int:
        return at

    with _watched(place):
        for at, text in enumerate(texts):
            found[at] = bool(matches(text))
    return found


@contextmanager
def _watched(place: Callable[[], int]) -> Generator[None]:
    """Raise SlowPattern if the work inside makes no progress for too long."""
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield
        return
    seen = -2

    def look(*_: object) -> None:
        nonlocal seen
        if seen == place():
            raise SlowPattern(
                "The regular expression takes too long on one of the texts. Make it simpler.", 0
            )
        seen = place()

    before = signal.signal(signal.SIGVTALRM, look)
    signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE / 2, PATIENCE / 2)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
