"""The signals that ask a command to end: Ctrl-C, SIGTERM, and SIGHUP from a closed terminal."""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from types import FrameType

ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""Windows has no SIGHUP."""


def listen() -> None:
    """Raise KeyboardInterrupt for each of them, as for Ctrl-C.

    SIGTERM would otherwise end the command silently, or do nothing if it is process 1 of a container.
    """
    for number in _heeded():
        signal.signal(number, _raise)


def _raise(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _heeded() -> list[signal.Signals]:
    """Those that are not ignored, as SIGHUP is under nohup."""
    return [number for number in ENDING if signal.getsignal(number) is not signal.SIG_IGN]


@contextmanager
def gathered() -> Generator[list[signal.Signals]]:
    """Collect the signals. Otherwise they could interrupt any step, such as reading a message."""
    came: list[signal.Signals] = []
    with ExitStack() as stack:
        for number in _heeded():
            stack.enter_context(handled(number, lambda number=number: came.append(number)))
        yield came


def stop_at_once(came: list[signal.Signals]) -> bool:
    """Whether the user asked twice. A closing terminal may send its signal more than once."""
    return len([number for number in came if number in (signal.SIGINT, signal.SIGTERM)]) > 1


@contextmanager
def handled(number: signal.Signals, handle: Callable[[], object]) -> Generator[None]:
    """Handle a signal in this way for a while."""
    before = signal.signal(number, lambda _number, _frame: handle())
    try:
        yield
    finally:
        signal.signal(number, before)
