"""Parents and children, as the Linux kernel is asked to treat them. Imports next to nothing."""

from __future__ import annotations

import ctypes
import sys

PR_SET_PDEATHSIG = 1
"""From <linux/prctl.h>."""
PR_SET_CHILD_SUBREAPER = 36
"""Likewise."""
SIGKILL = 9


def die_with_parent() -> bool:
    """Have the system kill this process when its parent dies. False if it cannot."""
    return sys.platform == "linux" and ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, SIGKILL) == 0


def adopt_orphans() -> bool:
    """Make this process the parent of orphaned descendants. False if the system cannot."""
    return sys.platform == "linux" and ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
