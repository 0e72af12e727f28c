"""How long a run has run."""

from __future__ import annotations

from typing import Any

import pytest

from engine.host.loop.elapsed import KEEP_SECONDS, Elapsed


def test_pauses_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("engine.host.system.clock", lambda: now)
    monkeypatch.setattr("time.time", lambda: now + 1000)
    facts: dict[str, Any] = {}
    elapsed = Elapsed(5.0, facts.update)
    now += 2
    elapsed.turn(True)
    assert facts == {"ran": 7.0, "ran_at": 1102.0}
    now += 1000
    elapsed.turn(True)
    elapsed.look(now)
    assert (elapsed.seconds, facts) == (7.0, {"ran": 7.0, "ran_at": 1102.0})
    elapsed.turn(False)
    now += KEEP_SECONDS
    elapsed.look(now)
    assert facts == {"ran": 7.0 + KEEP_SECONDS, "ran_at": now + 1000}
