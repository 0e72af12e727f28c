"""The life of a worker: it connects, runs the initializer, and then the units that arrive."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import os
import traceback
from contextlib import suppress
from multiprocessing import process

from ...record.output import lane_file
from ...typed import Any, NoReturn
from .. import messages, slots
from ..messages import Link
from . import stacks, state, stdout
from .raised import initialize
from .tasks import Runner
from .traces import without_ours


def work(
    queue: Any,
    initializer: Any = None,
    initargs: tuple[Any, ...] = (),
    maxtasks: Any = None,
    wrap_exception: bool | str = False,
) -> None:
    """Our version of `multiprocessing.pool.worker`."""
    if maxtasks is not None and not (isinstance(maxtasks, int) and maxtasks >= 1):
        raise AssertionError(f"Maxtasks {maxtasks!r} is not valid")
    try:
        link = Link(state.host().address)
        link.send(messages.WORKER, state.host().token, queue.key, os.getpid(), maxtasks or 0)
        link.close_in_children()
        _, number, slot = link.receive()
        stdout.copy_to(lane_file(state.host().folder, os.getpid()))
        stacks.show_on_request(slot + slots.STACKS, slots.STACK_SIGNAL)
    except (OSError, EOFError):  # the host is gone, and main with it
        return
    if initializer is not None and not _is_fit(link, wrap_exception, initializer, initargs):
        return
    with suppress(OSError, EOFError):  # the host is gone
        link.send(messages.READY)
        runner = Runner(link, number, slot, wrap_exception, queue.pickling)
        left = maxtasks or -1
        while left and (message := link.receive())[0] == messages.FRAME:
            try:
                runner.run(*message[1:])
            except (OSError, EOFError):
                raise
            except BaseException as error:
                _leave_with(error)
            left -= 1


def _is_fit(link: Link, way: bool | str, initializer: Any, arguments: tuple[Any, ...]) -> bool:
    """Call the initializer. If it fails, the host is told, and this process ends."""
    try:
        failed = initialize(way, initializer, arguments)
    except BaseException as error:
        _tell_unfit(link, error)
        _leave_with(error)
    if failed is not None:
        _tell_unfit(link, failed)
        with suppress(OSError, EOFError):
            link.receive()  # main knows that the executor is broken, and starts no other
    return failed is None


def _tell_unfit(link: Link, error: BaseException) -> None:
    last = traceback.format_exception_only(type(error), error)[-1].strip()
    link.send(messages.UNFIT, f"its initializer failed with {last}")


def _leave_with(error: BaseException) -> NoReturn:
    """End this process like `multiprocessing` does, with only the script's own frames in the traceback."""
    if isinstance(error, SystemExit):
        raise error
    print(f"Process {process.current_process().name}:", file=sys.stderr)
    traceback.print_exception(type(error), error, without_ours(error.__traceback__))
    raise SystemExit(1)
