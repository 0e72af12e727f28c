"""The signals that ask a command to end: Ctrl-C, SIGTERM, and SIGHUP from a closed terminal.

Imports next to nothing: the command of a script waits with this while that starts up.
"""

from __future__ import annotations

from engine.host.signals import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

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


def _heeded() -> list[int]:
    """Those that are not ignored, as SIGHUP is under nohup."""
    return [number for number in ENDING if signal.getsignal(number) != signal.SIG_IGN]


class Handled:
    """Has a signal handled in this way for a while."""

    def __init__(self, number: int, handle: Callable[[], object]) -> None:
        self._number = number
        self._handle = handle
        self._before: Any = None

    def __enter__(self) -> None:
        self._before = signal.signal(self._number, lambda _number, _frame: self._handle())

    def __exit__(self, *_error: object) -> None:
        signal.signal(self._number, self._before)


class Gathered:
    """Collects the signals, by number. Otherwise they could interrupt any step, such as reading a message."""

    def __init__(self) -> None:
        self._came: list[int] = []
        self._handled = [
            Handled(number, lambda number=number: self._came.append(number)) for number in _heeded()
        ]

    def __enter__(self) -> list[int]:
        for handled in self._handled:
            handled.__enter__()
        return self._came

    def __exit__(self, *_error: object) -> None:
        for handled in reversed(self._handled):
            handled.__exit__()


def stop_at_once(came: list[int]) -> bool:
    """Whether the user asked twice. A closing terminal may send its signal more than once."""
    return len([number for number in came if number in (signal.SIGINT, signal.SIGTERM)]) > 1
