"""`Process(target=...)` stays the standard library's; each is recorded as a task that ends with its exit."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import functools
import os
import time
import weakref
from array import array
from types import ModuleType

from ...typed import Any, cast
from . import logs

OWN = (
    "_poolhouse.", "multiprocessing.pool", "multiprocessing.managers", "concurrent.futures.", "joblib.",
    "loky.", "mpire.",
)  # fmt: skip
"""Modules whose processes are no tasks: they run workers, or serve."""
THE_TASK = 0
"""What a process that is a task calls that: it has no other."""
TELL_SECONDS = 0.05
"""What it logs is told after this long: if it is killed, no more than that is missing."""


def patch(module: ModuleType) -> None:
    """Patch `multiprocessing.process`."""
    kind: Any = getattr(module, "BaseProcess")
    stock, stock_bootstrap = kind.start, kind._bootstrap

    def start(self: Any) -> None:
        target, args, kwargs = self._target, self._args, self._kwargs
        stock(self)
        if not is_own(self, target):
            _tell(self, type(self) if target is None else target, args, kwargs)

    def bootstrap(self: Any, *args: Any, **kwds: Any) -> Any:
        if is_own(self, self._target):
            logs.be_told(None)
            return stock_bootstrap(self, *args, **kwds)
        lines = Lines()
        logs.tell_task(lambda: THE_TASK)
        logs.be_told(lines.add)
        _copy_prints()
        try:
            return stock_bootstrap(self, *args, **kwds)
        finally:
            lines.tell()

    kind.start = functools.wraps(stock)(start)
    kind._bootstrap = bootstrap


def _copy_prints() -> None:
    from ...record.output import lane_file
    from . import state, stdout

    stdout.copy_to(lane_file(state.host().folder, os.getpid()))


class Lines:
    """Where a process that is a task writes into run.log: the host is told now and then, and at the end."""

    def __init__(self) -> None:
        self._places = array("q")
        self._told_at = 0.0

    def add(self, _task: int, begin: int, length: int) -> None:
        """It wrote a line."""
        places = self._places
        if places and places[-2] + places[-1] == begin:
            places[-1] += length
        else:
            places.extend((begin, length))
        if time.monotonic() > self._told_at + TELL_SECONDS:
            self.tell()

    def tell(self) -> None:
        """Tell of those that are not told yet."""
        from .. import messages
        from .recorded import recorder

        places, self._places = self._places, array("q")
        self._told_at = time.monotonic()
        if places:
            recorder().tell(messages.LOGGED, os.getpid(), places.tolist())


def is_own(process: Any, target: Any) -> bool:
    """Whether a library starts it as a worker or server of its own."""
    modules = type(process).__module__, getattr(target, "__module__", None) or ""
    return any(str(module).startswith(OWN) for module in modules)


def _tell(process: Any, target: Any, args: Any, kwargs: Any) -> None:
    from ...record import packs  # not while multiprocessing itself is being imported
    from .. import messages
    from . import sites
    from .chunk import shown_call
    from .recorded import recorder

    started = time.time()
    ours = recorder()
    stage = ours.stage(target, sites.caller(3), shared=True)
    popen, pid = process._popen, process.pid
    inputs = packs.column([shown_call(args, kwargs)])
    ours.tell(messages.PROCESS, pid, str(process.name), stage, inputs, started)
    found: Any = weakref.ref(popen)  # which must be released as soon as nobody else needs it

    def poll(flag: int = os.WNOHANG) -> int | None:
        popen = found()
        known = popen.returncode
        code: int | None = cast("Any", type(popen)).poll(popen, flag)
        if known is None and code is not None:
            recorder().tell(messages.EXITED, pid, code)
        return code

    popen.poll = poll
