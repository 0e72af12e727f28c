"""What user code leaves set on its process: timers, signals and limits. Linux, macOS and the like."""

from __future__ import annotations

import resource
import signal
import sys
from operator import is_

from ..typed import Any
from . import posix

assert sys.platform != "win32"

_signal: Any = vars(signal)["_signal"]
"""The function behind `signal.getsignal`, which makes an enum of each answer: twenty times as slow."""

TIMERS = (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)
SIGNALS = [int(n) for n in signal.valid_signals() if n < 32 and n not in (signal.SIGKILL, signal.SIGSTOP)]
LIMITS = sorted({getattr(resource, name) for name in dir(resource) if name.startswith("RLIMIT_")})


class ProcessState:
    """The current timers, signal handlers, signal mask and limits, which `put_back` restores."""

    def __init__(self) -> None:
        before = [signal.getitimer(timer) for timer in TIMERS]
        self._timers = [timer for timer, state in zip(TIMERS, before) if state == (0.0, 0.0)]
        self._handlers: list[Any] = list(map(_signal.getsignal, SIGNALS))
        self._mask = _signal.pthread_sigmask(signal.SIG_BLOCK, ())
        self._limits = list(map(resource.getrlimit, LIMITS))

    def stop_timers(self) -> None:
        """Stop alarms and timers that were not running at first."""
        for timer in self._timers:
            signal.setitimer(timer, 0)

    def put_back(self) -> bool:
        """Restore what differs; False if the system does not allow it."""
        self.stop_timers()
        allowed = True
        limits = list(map(resource.getrlimit, LIMITS))
        if limits != self._limits:
            allowed = self._put_back_limits()
        handlers: list[Any] = list(map(_signal.getsignal, SIGNALS))
        if not all(map(is_, handlers, self._handlers)):
            self._put_back_handlers(handlers)
        if _signal.pthread_sigmask(signal.SIG_BLOCK, ()) != self._mask:
            self._put_back_mask()
        return allowed

    def _put_back_limits(self) -> bool:
        try:
            for limit, before in zip(LIMITS, self._limits):
                if resource.getrlimit(limit) != before:
                    resource.setrlimit(limit, before)
        except (ValueError, OSError):  # the hard limit was lowered, which cannot be undone
            return False
        return True

    def _put_back_handlers(self, handlers: list[Any]) -> None:
        for number, now, before in zip(SIGNALS, handlers, self._handlers):
            if now is not before and before is not None:  # None: the handler was not set by Python
                signal.signal(number, before)
                if number == signal.SIGUSR1:
                    posix.renew_stack_requests()

    def _put_back_mask(self) -> None:
        """Pending signals are the last task's: the next one must not die of them."""
        waiting = [int(n) for n in signal.sigpending() if n in SIGNALS]
        handlers = [(number, _signal.getsignal(number)) for number in waiting]
        for number in waiting:
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)
        for number, handler in handlers:
            if handler is not None:
                signal.signal(number, handler)


def die_in(seconds: float) -> None:
    """Have the system kill this process after this long."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGALRM])
    signal.setitimer(signal.ITIMER_REAL, seconds)


def address_space() -> int:
    """Address space of this process in bytes; 0 if the system does not report it."""
    if sys.platform != "linux":
        return 0
    with open("/proc/self/statm", "rb") as file:
        return int(file.read().split()[0]) * resource.getpagesize()
