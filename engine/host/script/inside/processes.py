"""`Process(target=...)` stays the standard library's; each is recorded as a task that ends with its exit."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import os
import time
import weakref
from types import ModuleType
from typing import Any, cast

OWN = ("_poolhouse.", "multiprocessing.pool", "multiprocessing.managers", "concurrent.futures.")
"""Modules whose processes are not tasks: they run workers, or serve."""


def patch(module: ModuleType) -> None:
    """Patch `multiprocessing.process`."""
    kind: Any = getattr(module, "BaseProcess")
    stock = kind.start

    def start(self: Any) -> None:
        target, args, kwargs = self._target, self._args, self._kwargs
        stock(self)
        if not is_own(self, target):
            _tell(self, type(self) if target is None else target, args, kwargs)

    start.__doc__ = stock.__doc__
    kind.start = start


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
