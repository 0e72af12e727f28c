"""Tracebacks without the frames of this engine."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import os
from importlib import import_module
from types import TracebackType
from typing import Any

ENGINE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
"""The folder of the engine's own code."""


def without_ours(trace: TracebackType | None) -> TracebackType | None:
    """A traceback from its first frame that is not the engine's."""
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(ENGINE + os.sep):
        trace = trace.tb_next
    return trace


def wrapped(kind: bool | str, error: BaseException, trace: TracebackType | None) -> Any:
    """An exception as a library has it travel with its traceback: `kind` is its module, or as `Pool` says."""
    if not kind:
        return error
    if kind is True:
        from multiprocessing import pool

        return pool.ExceptionWithTraceback(error, trace)  # pyright: ignore
    made: Any = import_module(str(kind))
    if kind == "concurrent.futures.process":
        return made._ExceptionWithTraceback(error, trace)
    return made._ExceptionWithTraceback(error.with_traceback(trace))
