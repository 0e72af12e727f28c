"""How calls and results of a pool travel: by pickle, in the way of its own library."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

from multiprocessing.reduction import ForkingPickler

from ...typed import Any


class Pickling:
    """The way of `multiprocessing`. A worker gets a copy, for its results."""

    def calls(self, call: Any) -> bytes:
        return bytes(ForkingPickler.dumps(call))

    def results(self, value: Any) -> bytes:
        return bytes(ForkingPickler.dumps(value))

    def unsent(self, task: Any, error: Exception) -> Exception:
        """What a task that cannot be pickled ends with; `error` is from the attempt."""
        from .unsent import by_connection

        return by_connection(task, error)
