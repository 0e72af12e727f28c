"""How calls and results of a pool travel: by pickle, as its own library does it."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

from multiprocessing.reduction import ForkingPickler
from typing import Any


class Pickling:
    """As `multiprocessing` does it. A worker gets a copy, for its results."""

    def calls(self, call: Any) -> bytes:
        return bytes(ForkingPickler.dumps(call))

    def results(self, value: Any) -> bytes:
        return bytes(ForkingPickler.dumps(value))

    def unsent(self, error: Exception) -> Exception:
        """The error of a call that cannot be pickled, without frames of ours."""
        return error.with_traceback(None)
