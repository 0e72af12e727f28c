"""Loaded by the server that forks workers: what they need of the engine, and no trace of how it was found."""

from __future__ import annotations

import os
import sys

from . import worker

__all__ = ["worker"]

HERE = os.path.dirname(os.path.abspath(__file__))


def _leave_no_trace() -> None:
    """The user's code is not to see what `preload` did for the server to find `boot`."""
    sys.modules.pop("boot", None)  # the frozen server knows the private name without
    _, ours, before = os.environ.get("PYTHONPATH", "").partition(HERE)
    if before:
        os.environ["PYTHONPATH"] = before.lstrip(os.pathsep)
    elif ours:
        del os.environ["PYTHONPATH"]


_leave_no_trace()
