"""Where a pool was called, and the name of the function."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import contextvars
import functools
import os

from ...typed import Any
from .traces import ENGINE

NAMES = [os.path.join(*name, "") for name in (("multiprocessing",), ("concurrent", "futures"), ("asyncio",))]
BETWEEN = (
    *(os.path.join(os.path.dirname(os.__file__), name) for name in NAMES),
    ENGINE + os.sep,
)
"""Code between the script and its workers,"""
LIBRARIES = tuple(os.sep + name + os.sep for name in ("tqdm", "joblib"))
"""including installed libraries."""


def caller(depth: int = 2) -> tuple[str, int]:
    """File and line of the innermost frame of the script."""
    frame = sys._getframe(depth)  # pyright: ignore[reportPrivateUsage]
    last = frame
    while frame is not None:
        name = frame.f_code.co_filename
        if not name.startswith(BETWEEN) and not any(library in name for library in LIBRARIES):
            return name, frame.f_lineno
        last, frame = frame, frame.f_back
    return last.f_code.co_filename, last.f_lineno


def name_of(function: Any) -> str:
    """The name of a function."""
    while type(function) is functools.partial:
        inner = function.func
        is_in_context = type(getattr(inner, "__self__", None)) is contextvars.Context and function.args
        function = function.args[0] if is_in_context else inner
    name = getattr(function, "__qualname__", None) or getattr(function, "__name__", None)
    owner = getattr(function, "__self__", None)
    if name is None:
        return type(function).__qualname__
    if owner is not None and not isinstance(owner, type(sys)) and "." not in str(name):
        return f"{type(owner).__qualname__}.{name}"
    return str(name).replace("<locals>.", "")
