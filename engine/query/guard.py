"""What keeps a query process in bounds: an end with the process that started it, and a limit on memory."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

import psutil

MEMORY_LIMIT = 2 << 30
"""Bytes that one query process may take."""
LOOK_SECONDS = 1.0
"""Seconds between two looks at parent and memory."""


def keep_in_bounds() -> None:
    """From now on this process ends with its parent, and has only so much memory.

    On Linux whoever asks for more gets a MemoryError, elsewhere the process ends.
    """
    is_limited = _limit_address_space()
    parent = psutil.Process(os.getppid())
    _die_with_parent()
    threading.Thread(target=_watch, args=(parent, is_limited), daemon=True).start()


def _limit_address_space() -> bool:
    if sys.platform != "linux":
        return False
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = MEMORY_LIMIT if hard == resource.RLIM_INFINITY else min(MEMORY_LIMIT, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    return True


def _die_with_parent() -> None:
    """Also while the interpreter's lock is held by something that takes long."""
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
