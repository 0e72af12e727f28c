"""File descriptors of ours, out of the way of code that closes low ones. Imports next to nothing."""

from __future__ import annotations

import os
import sys

HIGH = 300
"""Our own file descriptors begin here."""


if sys.platform == "win32":

    def keep_high(fd: int, above: int = HIGH) -> int:  # noqa: ARG001
        """The descriptor itself."""
        return fd

else:
    import fcntl

    def keep_high(fd: int, above: int = HIGH) -> int:
        """The same open file on a high descriptor, closed in children that exec; `fd` itself is closed."""
        try:
            moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, above)
        except OSError:  # the limit on open files is lower
            return fd
        os.close(fd)
        return moved
