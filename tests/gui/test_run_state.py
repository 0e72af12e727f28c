"""The state of one live run, without widgets: phases, running time, totals that become known late."""

from __future__ import annotations

from engine.launch import Ended, Progress, Started
from gui.run.state import RunState


def begun(total: int | None = 100) -> RunState:
    state = RunState("new", "f", "pool")
    state.take_started(Started(total, 2, 0.0), 10.0)
    return state


def test_phases() -> None:
    state = RunState("new", "f", "pool")
    assert (state.phase, state.begun, state.resizable) == ("starting", False, False)
    state.take_started(Started(5, 2, 0.0), 1.0)
    assert (state.phase, state.begun, state.resizable) == ("running", True, True)
    state.take_pause(True, 2.0)
    assert state.phase == "paused"
    state.stopping = True
    assert (state.phase, state.resizable) == ("stopping", False)
    state.take_end(Ended("stopped", ok=2, failed=1, total=5), 3.0)
    assert (state.phase, state.begun, state.ok, state.failed) == ("stopped", False, 2, 1)


def test_only_the_time_in_which_it_ran_counts() -> None:
    state = begun()
    assert state.watch.seconds(14.0) == 4
    state.take_pause(True, 15.0)
    state.take_progress(Progress(3, 0, 2, "paused"), 16.0)
    assert state.watch.seconds(100.0) == 5
    state.take_pause(False, 200.0)
    state.take_progress(Progress(4, 0, 2), 201.0)
    state.take_end(Ended("finished", ok=100), 203.0)
    assert state.watch.seconds(1000.0) == 8


def test_a_total_that_is_known_late_counts_from_then_on() -> None:
    state = begun(total=None)
    state.take_progress(Progress(3, 0, 2), 11.0)
    assert state.total is None
    assert state.time_left() is None
    state.take_progress(Progress(6, 0, 2, total=12), 12.0)
    assert state.total == 12
    assert state.time_left() is not None


def test_a_run_that_is_taken_up_paused_is_paused() -> None:
    state = RunState("attach", "f", "pool")
    assert state.attaching
    state.take_started(Started(5, 2, 0.0), 1.0)
    state.take_progress(Progress(1, 0, 2, "paused"), 1.0)
    assert state.paused
    state.take_pause(False, 2.0)
    state.take_progress(Progress(1, 0, 2, "paused"), 2.1)  # the host has not received it yet
    assert state.phase == "running"


def test_a_pause_right_after_a_run_was_taken_up_holds() -> None:
    state = RunState("attach", "f", "pool")
    state.take_started(Started(5, 2, 0.0), 1.0)
    state.take_pause(True, 1.1)
    state.take_progress(Progress(1, 0, 2), 1.2)  # sent before the host received it
    assert state.phase == "paused"


def test_nothing_is_left_to_say_of_a_paused_run() -> None:
    state = begun()
    for second in range(1, 6):
        state.take_progress(Progress(second, 0, 2), 10.0 + second)
    assert state.time_left() is not None
    state.take_pause(True, 16.0)
    assert state.time_left() is None
