"""Tracebacks without the frames of this engine."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import os
from types import TracebackType

from ...books import is_book

ENGINE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
"""The folder of the engine's own code."""


def without_ours(trace: TracebackType | None, path: str = "") -> TracebackType | None:
    """A traceback from its first frame that is not ours; of a notebook at `path`, from its cell on."""
    first = trace
    while is_book(path) and first is not None:
        if first.tb_frame.f_code.co_filename.startswith(f"{path}, cell "):
            return first
        first = first.tb_next
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(ENGINE + os.sep):
        trace = trace.tb_next
    return trace
