"""What is left to end after a host that died without its own clean-up."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

import psutil


def end_session(leader: int) -> None:
    """Kill every process of the session that the dead process `leader` began: what user code left running."""
    if sys.platform == "win32":
        return
    for process in psutil.process_iter():
        with suppress(ProcessLookupError, PermissionError, psutil.Error):
            if os.getsid(process.pid) == leader:
                process.kill()
