"""Where the operating systems differ: each has a module with the same functions."""

from __future__ import annotations

import os
import signal
import sys
import threading
from multiprocessing import connection, parent_process

if sys.platform == "win32":
    from .presence_windows import boot, can_lock, drop_lock, take_lock
    from .windows import (
        LIMITS_MEMORY,
        cut_out,
        describe_status,
        die_with,
        end_group,
        ignore_stack_requests,
        keep_high,
        lead_group,
        leave_signal_to_user,
        limit_memory,
        open_append,
        out_of_reach,
        peak_memory,
        resident,
        show_stack_on_request,
        stack_pipe,
        stacks,
    )
else:
    from .posix import (
        LIMITS_MEMORY,
        cut_out,
        describe_status,
        die_with,
        end_group,
        ignore_stack_requests,
        keep_high,
        lead_group,
        leave_signal_to_user,
        limit_memory,
        open_append,
        out_of_reach,
        peak_memory,
        resident,
        show_stack_on_request,
        stack_pipe,
        stacks,
    )
    from .presence_posix import boot, can_lock, drop_lock, take_lock

__all__ = [
    "LIMITS_MEMORY",
    "boot",
    "can_lock",
    "cut_out",
    "describe_exit",
    "die_with_host",
    "drop_lock",
    "end_group",
    "ignore_stack_requests",
    "keep_high",
    "lead_group",
    "leave_signal_to_user",
    "limit_memory",
    "open_append",
    "out_of_reach",
    "peak_memory",
    "resident",
    "show_stack_on_request",
    "stack_pipe",
    "stacks",
    "take_lock",
]


def die_with_host() -> None:
    """End this worker as soon as the host that started it is gone, whatever it is doing then."""
    host = parent_process()
    assert host is not None
    if die_with(host.sentinel):
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
