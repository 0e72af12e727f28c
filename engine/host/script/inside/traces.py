"""Tracebacks without the frames of this engine."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import os
from types import TracebackType

ENGINE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
"""The folder of the engine's own code."""


def without_ours(trace: TracebackType | None) -> TracebackType | None:
    """A traceback from its first frame that is not the engine's."""
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(ENGINE + os.sep):
        trace = trace.tb_next
    return trace
