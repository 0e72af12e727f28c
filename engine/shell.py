"""Command lines to paste into the system's shell."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Sequence

WINDOWS = sys.platform == "win32"


def command_line(parts: Sequence[str], *, windows: bool = WINDOWS) -> str:
    """The parts as one line, quoted as needed."""
    return subprocess.list2cmdline(parts) if windows else shlex.join(parts)
