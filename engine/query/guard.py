"""Keeps a query process within limits: it ends with the process that started it, and memory is bounded."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

import psutil

MEMORY_LIMIT = 2 << 30
"""Bytes that one query process may use."""
LOOK_SECONDS = 1.0
"""Seconds between two checks of parent and memory."""


def keep_in_bounds() -> None:
    """From now on this process ends with its parent, and its memory is limited.

    On Linux, exceeding the limit raises MemoryError; elsewhere the process ends.
    """
    is_limited = _limit_address_space()
    parent = psutil.Process(os.getppid())
    _die_with_parent()
    threading.Thread(target=_watch, args=(parent, is_limited), daemon=True).start()


def return_memory() -> None:
    """Return freed memory to the system. The allocator of Linux would keep what lies below memory in use."""
    if sys.platform == "linux":
        import ctypes

        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # not in every C library
        if trim is not None:
            trim(0)


def _limit_address_space() -> bool:
    if sys.platform != "linux":
        return False
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = MEMORY_LIMIT if hard == resource.RLIM_INFINITY else min(MEMORY_LIMIT, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    return True


def _die_with_parent() -> None:
    """End with the parent even while a long operation holds the interpreter lock."""
    if sys.platform == "linux":
        import ctypes

        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)


def _watch(parent: psutil.Process, is_limited: bool) -> None:
    own = psutil.Process()
    while parent.is_running() and os.getppid() == parent.pid:
        if not is_limited and own.memory_info().rss > MEMORY_LIMIT:
            break
        time.sleep(LOOK_SECONDS)
    os._exit(1)
