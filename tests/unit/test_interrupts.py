"""Ctrl-C and other signals at the command line, whenever they come."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any, cast

import pytest

from engine.cli import interrupts
from engine.cli.progress import Bar
from engine.cli.run import _watch
from engine.launch import Ended, Progress

ENDED = Ended("stopped", "It was stopped.", ok=3, failed=0, ran=True)


class FakeHost:
    """Sends what its script holds, and does what the script says in between."""

    def __init__(self, *script: Ended | Progress | Callable[[], None]) -> None:
        self._script = list(script)
        self.asked: list[str] = []

    def receive(self, timeout: float | None = None) -> Any:
        while callable(step := self._script.pop(0)):
            step()
        return step

    def stop(self) -> None:
        self.asked.append("stop")

    def kill(self) -> None:
        self.asked.append("kill")


def interrupt(number: signal.Signals = signal.SIGINT) -> None:
    os.kill(os.getpid(), number)


def watch(host: FakeHost) -> Ended:
    with interrupts.Gathered() as came, Bar(quiet=True) as bar:
        return _watch(cast("Any", host), bar, came)


def test_an_interrupt_within_a_message_loses_none_of_it() -> None:
    progress = Progress(ok=3, failed=0, total=9, workers=1, state="running")
    host = FakeHost(interrupt, progress, interrupt, progress, ENDED)
    assert watch(host) == ENDED
    assert host.asked == ["stop", "kill"]


def test_two_at_once_end_the_run_at_once() -> None:
    progress = Progress(ok=3, failed=0, total=9, workers=1, state="running")
    host = FakeHost(interrupt, interrupt, progress, ENDED)
    assert watch(host) == ENDED
    assert host.asked == ["kill"]


def test_one_that_comes_while_another_is_obeyed_is_not_lost() -> None:
    class Slow(FakeHost):
        def stop(self) -> None:
            super().stop()
            interrupt()

    progress = Progress(ok=3, failed=0, total=9, workers=1, state="running")
    host = Slow(interrupt, progress, progress, ENDED)
    assert watch(host) == ENDED
    assert host.asked == ["stop", "kill"]


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no such signal")
def test_a_terminal_that_is_closed_says_so_twice_and_the_run_ends_in_order() -> None:
    def hang_up() -> None:
        interrupt(signal.SIGHUP)

    progress = Progress(ok=3, failed=0, total=9, workers=1, state="running")
    host = FakeHost(hang_up, progress, hang_up, progress, ENDED)
    assert watch(host) == ENDED
    assert host.asked == ["stop"]


def test_afterwards_an_interrupt_is_one_again() -> None:
    watch(FakeHost(ENDED))
    with pytest.raises(KeyboardInterrupt):
        interrupt()


def test_where_they_are_ignored_they_stay_so() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        host = FakeHost(interrupt, ENDED)
        assert watch(host) == ENDED
        assert host.asked == []
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
