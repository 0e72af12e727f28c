"""Tracebacks without the frames of this engine."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import os
from collections.abc import Iterator
from types import ModuleType, TracebackType

from ...typed import Any, Callable

ENGINE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
"""The folder of the engine's own code."""


def is_ours(trace: TracebackType) -> bool:
    return trace.tb_frame.f_code.co_filename.startswith(ENGINE + os.sep)


def without_ours(trace: TracebackType | None) -> TracebackType | None:
    """A traceback with the engine's frames removed."""
    while trace is not None and is_ours(trace):
        trace = trace.tb_next
    kept = trace
    while kept is not None:
        kept.tb_next = without_ours(kept.tb_next) if kept.tb_next and is_ours(kept.tb_next) else kept.tb_next
        kept = kept.tb_next
    return trace


def strip(error: BaseException) -> None:
    """Remove the engine's frames from the traceback of an error."""
    error.__traceback__ = without_ours(error.__traceback__)


def patch(module: ModuleType) -> None:
    """Patch `traceback`, so that it never shows a frame of ours."""
    for name in ("walk_tb", "_walk_tb_with_full_positions"):
        stock = getattr(module, name, None)
        if stock is not None:
            setattr(module, name, _walking(stock))


def _walking(stock: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    def walk(tb: TracebackType | None) -> Iterator[Any]:
        return stock(without_ours(tb))

    return walk
