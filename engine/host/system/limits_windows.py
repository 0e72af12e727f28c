"""What user code leaves set on its process. Windows has only signal handlers."""

from __future__ import annotations

import signal

SIGNALS = sorted(int(number) for number in signal.valid_signals())


class ProcessState:
    """The current signal handlers, which `put_back` restores."""

    def __init__(self) -> None:
        self._handlers = [signal.getsignal(number) for number in SIGNALS]

    def stop_timers(self) -> None:
        """Windows has no alarms."""

    def put_back(self) -> bool:
        """Restore what differs; always True here."""
        for number, before in zip(SIGNALS, self._handlers):
            if before is not None and signal.getsignal(number) is not before:
                signal.signal(number, before)
        return True


def die_in(seconds: float) -> None:
    """Windows has no alarms."""


def address_space() -> int:
    """0: nothing limits it here."""
    return 0
