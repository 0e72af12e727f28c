"""The differences between operating systems: one set of modules each, with the same functions."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from multiprocessing import connection, parent_process

from ..descriptors import keep_high
from .pipe import Connection

if sys.platform == "win32":
    from .family_windows import (
        Orphans,
        adopt_orphans,
        end_descendants,
        raise_file_limit,
        set_file_limit,
        unbiased_seconds,
    )
    from .pipes_windows import (
        Channel,
        Selector,
    )
    from .presence_windows import boot, can_lock, drop_lock, take_lock
    from .priority_windows import give_way
    from .process_windows import (
        Process,
    )
    from .usage_windows import usage
    from .windows import (
        LIMITS_MEMORY,
        ask_for_stack,
        close_all_but,
        cut_out,
        describe_status,
        die_with,
        die_with_parent,
        end_group,
        form_group,
        group_of,
        ignore_stack_requests,
        is_open,
        leave_signal_to_user,
        limit_memory,
        open_append,
        out_of_reach,
        own_frames,
        peak_memory,
        read_stack,
        resident,
        show_stack_on_request,
        stack_pipe,
        stops,
        waited_for_core,
        what_is_short,
    )

    clock = unbiased_seconds
else:
    from .family_posix import (
        Orphans,
        adopt_orphans,
        end_descendants,
        raise_file_limit,
        set_file_limit,
    )
    from .pipes_posix import (
        Channel,
        Selector,
    )
    from .posix import (
        LIMITS_MEMORY,
        ask_for_stack,
        close_all_but,
        cut_out,
        describe_status,
        die_with,
        die_with_parent,
        end_group,
        form_group,
        group_of,
        ignore_stack_requests,
        is_open,
        leave_signal_to_user,
        limit_memory,
        open_append,
        out_of_reach,
        own_frames,
        peak_memory,
        read_stack,
        resident,
        show_stack_on_request,
        stack_pipe,
        stops,
        waited_for_core,
        what_is_short,
    )
    from .presence_posix import boot, can_lock, drop_lock, take_lock
    from .priority_posix import give_way
    from .process_posix import (
        Process,
    )
    from .usage_posix import usage

    clock = time.monotonic
"""Seconds on a clock that nobody can set and that stops while the machine sleeps."""

__all__ = [
    "LIMITS_MEMORY",
    "Channel",
    "Connection",
    "Orphans",
    "Process",
    "Selector",
    "adopt_orphans",
    "ask_for_stack",
    "boot",
    "can_lock",
    "clock",
    "close_all_but",
    "cut_out",
    "describe_exit",
    "die_with_host",
    "die_with_parent",
    "drop_lock",
    "end_descendants",
    "end_group",
    "form_group",
    "give_way",
    "group_of",
    "ignore_stack_requests",
    "is_open",
    "keep_high",
    "leave_signal_to_user",
    "limit_memory",
    "open_append",
    "out_of_reach",
    "own_frames",
    "peak_memory",
    "raise_file_limit",
    "read_stack",
    "resident",
    "set_file_limit",
    "show_stack_on_request",
    "stack_pipe",
    "stops",
    "take_lock",
    "usage",
    "waited_for_core",
    "what_is_short",
]


def die_with_host() -> None:
    """End this worker as soon as the host that started it is gone, whatever it is doing."""
    host = parent_process()
    assert host is not None
    if die_with(host.sentinel, host.pid or 0):
        _exit_after(host.sentinel, timeout=0)  # it may have gone before
    else:
        threading.Thread(target=_exit_after, args=(host.sentinel,), daemon=True).start()


def _exit_after(sentinel: int, timeout: float | None = None) -> None:
    if connection.wait([sentinel], timeout):
        os._exit(1)


def describe_exit(code: int) -> tuple[str, str | None]:
    """A worker's exit code in words, and the name of the signal in it."""
    if code >= 0:
        return describe_status(code), None
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"was killed by {name}", name
