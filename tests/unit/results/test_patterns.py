"""A regular expression that never ends on a text is given up, and other answers stay."""

from __future__ import annotations

import re
import signal
import sys

import numpy as np
import pytest

from engine.results import patterns
from engine.results.conditions import ConditionError

ENDLESS = re.compile(r"(a+)+$").search


def test_texts_that_match(monkeypatch: pytest.MonkeyPatch) -> None:
    found = patterns.mask(re.compile(r"\d").search, ["a", "b2", "", "3"])
    assert (found.dtype, found.tolist()) == (np.bool_, [False, True, False, True])


@pytest.mark.skipif(sys.platform == "win32", reason="no timers there: the process is ended")
def test_an_endless_match_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "PATIENCE", 0.1)
    before = signal.getsignal(signal.SIGVTALRM)
    with pytest.raises(ConditionError, match="takes too long"):
        patterns.mask(ENDLESS, ["b", "a" * 60 + "!"])
    assert signal.getsignal(signal.SIGVTALRM) == before
    assert patterns.mask(ENDLESS, ["aaa"]).tolist() == [True]


@pytest.mark.skipif(sys.platform == "win32", reason="no timers there: the process is ended")
def test_many_texts_may_take_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "PATIENCE", 0.02)
    assert patterns.mask(re.compile("x").search, ["y"] * 300_000).sum() == 0
