"""How calls and results of a pool travel: by pickle, in the way of its own library."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

from multiprocessing.reduction import ForkingPickler
from typing import Any


class Pickling:
    """The way of `multiprocessing`. A worker gets a copy, for its results."""

    def calls(self, call: Any) -> bytes:
        return bytes(ForkingPickler.dumps(call))

    def results(self, value: Any) -> bytes:
        return bytes(ForkingPickler.dumps(value))

    def unsent(self, error: Exception) -> Exception:
        """The error of a call that cannot be pickled, without our frames."""
        return error.with_traceback(None)
