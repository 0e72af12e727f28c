"""How a process that ran user code exits: as Python does, but under every start method, and within limits."""

from __future__ import annotations

import atexit
import faulthandler
import gc
import io
import multiprocessing
import os
from contextlib import suppress
from multiprocessing import util

from ..system.limits import die_in
from ..typed import Any, Callable, NoReturn
from .surroundings import flush_output

LEAVE_SECONDS = 5.0
"""Seconds that user code may take at the end; then the process is cut short."""
_ANY_FILE: Any = io.TextIOWrapper.__mro__[-2]
"""The C base of all files: checking for it runs no code of their classes, unlike `io.IOBase`."""

_OF_C = (io.TextIOWrapper, io.BufferedWriter, io.BufferedReader, io.BufferedRandom, io.FileIO, io.StringIO)


def leave(*last: Callable[[], object]) -> NoReturn:
    """Call `last` and what user code registered for the end, flush its buffers, and exit.

    Threads and processes that it left running are not waited for.
    """
    faulthandler.dump_traceback_later(LEAVE_SECONDS, exit=True, file=2)
    die_in(LEAVE_SECONDS + 1)  # in case user code reverted that
    atexit.unregister(vars(util)["_exit_function"])  # it would wait for processes
    steps = [
        *last,
        vars(atexit)["_run_exitfuncs"],
        lambda: vars(util)["_run_finalizers"](0),
        _end_daemons,
        vars(util)["_run_finalizers"],
        _write_files,
    ]
    for step in steps:
        with suppress(BaseException):  # each has printed its failure on stderr
            step()
    flush_output()
    os._exit(0)


def _end_daemons() -> None:
    for child in multiprocessing.active_children():
        if child.daemon:
            child.terminate()


def _write_files() -> None:
    """Flush files that nobody closed, from the outermost layer inwards."""
    files = [thing for thing in gc.get_objects() if issubclass(type(thing), _ANY_FILE)]
    for file in files:
        if issubclass(type(file), io.TextIOWrapper):
            _attempt(file.flush)
    for file in files:  # for example compressed ones, which need a trailer
        if not any(type(file) is kind for kind in _OF_C):
            _attempt(file.close)
    for file in files:
        _attempt(file.flush)


def _attempt(action: Callable[[], object]) -> None:
    with suppress(BaseException):
        action()
