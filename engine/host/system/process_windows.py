"""A child process as its handle: Windows."""

from __future__ import annotations

import sys
from multiprocessing import process as processes

from ..typed import Any, Callable

assert sys.platform == "win32"

from .pipes_windows import Selector


class Process:
    """Starts a process. `changed` is called when there may be something new for `look`."""

    def __init__(self, process: Any, method: str, selector: Selector, changed: Callable[[], object]) -> None:
        """Raises `OSError` if the system does not start one."""
        process.start()
        vars(processes)["_children"].discard(process)
        self._popen = process._popen  # noqa: SLF001
        self._selector = selector
        self.pid: int = self._popen.pid
        self.exit_code: int | None = None
        """Once it has ended."""
        selector.add(self._popen.sentinel, changed)

    def look(self) -> None:
        """Check whether it has ended; sets `exit_code`."""
        if self.exit_code is None:
            self.exit_code = self._popen.poll()

    def terminate(self) -> None:
        """Windows has only one way to end a process."""
        self.kill()

    def kill(self) -> None:
        self.look()
        if self.exit_code is None:
            self._popen.kill()

    def close(self) -> None:
        """Release its handle."""
        self._selector.remove(self._popen.sentinel)
        self._popen.close()
