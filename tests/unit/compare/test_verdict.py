"""The verdict on given measurements."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.compare.lines import Line, lines
from engine.compare.machine import Machine
from engine.compare.measure import Measured
from engine.compare.verdict import Verdict, verdict
from engine.compare.ways import Way

SERIAL = Way("serial")
MB = 1 << 20


def measured(way: Way, per_task: float, mean: float, share: float = 1.0, **more: float) -> Measured:
    return Measured(
        way,
        tasks=20,
        failed=0,
        start_up=more.get("start_up", 0.1),
        per_task=per_task,
        under_load=more.get("under_load", per_task),
        mean=mean,
        longest=more.get("longest", mean),
        waited=more.get("waited", 0.0),
        cpu=mean * share,
        memory=int(more.get("memory", 20 * MB)),
    )


def judged(*rows: Measured, tasks: int | None = 1_000, cores: int = 2, memory: int = 1 << 34) -> Verdict:
    return verdict(lines(rows), tasks, Machine(cores, memory))


def pools(mean: float, share: float, threads: float, **by_size: float) -> list[Measured]:
    """Serial, 2 threads that are this many times as fast, and pools by their size."""
    return [
        measured(SERIAL, mean, mean, share),
        measured(Way("threads", 2), mean / threads, mean, share),
        *(measured(Way("pool", int(n[1:])), mean / times, mean, share) for n, times in by_size.items()),
    ]


CASES = {
    "computes": (pools(0.02, 1.0, 1.0, p1=1, p2=1.9), "pool", 2, "cpu"),
    "computes with little to gain": (pools(0.02, 1.0, 1.0, p1=1, p2=1.1), "serial", 1, "cpu"),
    "computes without the lock": (pools(0.02, 1.0, 1.9, p1=1, p2=1.95), "threads", 2, "cpu"),
    "waits": (
        [*pools(0.05, 0.01, 2.0, p1=1, p2=2), measured(Way("threads", 8), 0.05 / 8, 0.05, 0.01)],
        "threads",
        8,
        "waiting",
    ),
    "waits with the lock": (
        [*pools(0.05, 0.01, 1.0, p1=1, p2=2), measured(Way("pool", 8), 0.05 / 7.5, 0.05, 0.01)],
        "pool",
        8,
        "waiting",
    ),
    "more processes than cores get more of a loaded machine": (
        [*pools(0.05, 1.0, 1.0, p1=1, p2=1.8), measured(Way("pool", 8), 0.05 / 4, 0.05)],
        "pool",
        2,
        "cpu",
    ),
    "tiny": (pools(1e-7, 1.0, 1.0, p1=1, p2=1.6), "serial", 1, "tiny"),
    "library threads": (pools(0.05, 1.9, 1.05, p1=1, p2=1.08), "serial", 1, "library threads"),
    "library threads on a busy machine": (
        pools(0.016, 1.95, 2.9, p1=0.9, p2=2.0),
        "threads",
        2,
        "library threads",
    ),
    "computes on a busy machine": (pools(0.02, 1.0, 2.6, p1=1, p2=2.6), "threads", 2, "cpu"),
    "half and half": (pools(0.05, 0.5, 1.3, p1=1, p2=2), "pool", 2, "mixed"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_verdict_is_what_the_measurements_say(case: str) -> None:
    rows, mode, workers, kind = CASES[case]
    found = judged(*rows)
    assert (found.mode, found.workers, found.kind) == (mode, workers, kind)
    assert found.reason.endswith(".")


def test_many_tiny_tasks_are_worth_a_pool() -> None:
    rows = pools(1e-6, 1.0, 1.0, p1=1, p2=1.9)
    few = judged(*rows, tasks=10**6)
    assert few.mode == "serial"
    assert "2 processes would save only 474 ms of 1.1 s for 1,000,000 inputs." in few.reason
    assert judged(*rows, tasks=10**8).mode == "pool"


def test_inputs_that_take_long_to_move_need_more_gain() -> None:
    rows = [
        measured(SERIAL, 0.02, 0.002),
        measured(Way("threads", 2), 0.018, 0.002),
        measured(Way("pool", 2), 0.015, 0.002),
    ]
    found = judged(*rows)
    assert found.mode == "serial"
    assert "pickling" in [limit.name for limit in found.limits]
    assert judged(*rows[:2], measured(Way("pool", 2), 0.011, 0.002)).mode == "pool"


def test_what_only_moves_its_inputs_is_told_so() -> None:
    found = judged(*(measured(way, 0.005, 1e-6) for way in (SERIAL, Way("threads", 2), Way("pool", 2))))
    assert (found.mode, found.kind) == ("serial", "moving")
    assert "5 ms more to get its input" in found.reason
    assert [limit.name for limit in found.limits] == ["pickling"]


@pytest.mark.parametrize(("tasks", "mode"), [(20, "serial"), (2_000, "pool"), (None, "pool")])
def test_a_long_start_up_must_be_earned(tasks: int | None, mode: str) -> None:
    rows = [replace(row, start_up=2.0) for row in pools(0.01, 1.0, 1.0, p1=1, p2=1.9)]
    found = judged(*rows, tasks=tasks)
    assert found.mode == mode
    assert "start-up" in [limit.name for limit in found.limits]
    assert "2 s" in found.reason


def test_one_process_is_as_in_turn_whatever_noise_says() -> None:
    rows = [
        measured(SERIAL, 0.1, 0.1),
        measured(Way("threads", 2), 0.2, 0.1),
        measured(Way("pool", 1), 0.05, 0.05),
    ]
    assert judged(*rows, measured(Way("pool", 2), 0.09, 0.1)).mode == "serial"


def test_one_lucky_round_decides_nothing() -> None:
    usual = pools(0.02, 1.0, 1.0, p2=1.05)
    lucky = pools(0.02, 1.0, 1.0, p2=1.6)
    assert judged(*usual, *lucky, *usual).mode == "serial"


def test_a_tie_goes_to_the_smaller_size() -> None:
    assert judged(*pools(0.02, 1.0, 1.0, p1=1, p2=1.9, p4=3.7, p8=3.8), cores=8).workers == 4


def test_no_more_workers_than_memory_holds() -> None:
    rows = [replace(row, memory=1 << 30) for row in pools(0.02, 1.0, 1.0, p1=1, p2=1.9, p4=3.6)]
    found = judged(*rows, cores=4, memory=3 << 30)
    assert (found.mode, found.workers) == ("pool", 2)
    assert "memory" in [limit.name for limit in found.limits]


def test_one_input_is_run_in_turn() -> None:
    found = judged(measured(SERIAL, 0.5, 0.5), measured(Way("pool", 1), 0.5, 0.5), tasks=1)
    assert (found.mode, found.workers) == ("serial", 1)
    assert "one input" in found.reason


def test_the_margin_is_over_the_best_of_the_other_modes() -> None:
    found = judged(*pools(0.02, 1.0, 1.25, p2=2.0))
    assert found.mode == "pool"
    assert found.next_best == "threads"
    assert found.margin == pytest.approx(2 / 1.25, rel=0.05)
    assert found.speed_up == pytest.approx(2.0, rel=0.05)


def test_what_is_expected_lies_within_its_band() -> None:
    found = judged(*pools(0.02, 1.0, 1.0, p2=1.8), *pools(0.021, 1.0, 1.0, p2=1.7))
    assert found.low is not None
    assert found.expected is not None
    assert found.high is not None
    assert found.low < found.expected < found.high
    assert found.expected == pytest.approx(0.1 + 1_000 * 0.02 / 1.8, rel=0.05)


def test_nothing_is_expected_of_unknown_inputs() -> None:
    assert judged(*pools(0.02, 1.0, 1.0, p2=1.8), tasks=None).expected is None


def test_the_lock_and_library_threads_are_named() -> None:
    names = [limit.name for limit in judged(*pools(0.02, 1.0, 1.0, p2=1.9)).limits]
    assert "lock" in names
    rows = pools(0.05, 1.9, 1.9, p2=2.4)
    assert "blas threads" in [limit.name for limit in judged(*rows).limits]


def test_threads_of_a_library_are_seen_under_load_too() -> None:
    rows = [replace(row, elsewhere=0.45) for row in pools(0.05, 1.0, 1.0, p2=1.1)]
    found = judged(*rows)
    assert (found.mode, found.kind) == ("serial", "library threads")


def test_threads_of_what_computes_scale_or_are_noise() -> None:
    assert judged(*pools(0.02, 1.0, 1.25)).mode == "serial"
    assert judged(*pools(0.02, 1.0, 1.6)).mode == "threads"


def test_a_long_task_is_a_tail() -> None:
    rows = [replace(row, longest=5.0) for row in pools(0.02, 1.0, 1.0, p2=1.9)]
    assert "tail" in [limit.name for limit in judged(*rows).limits]


def test_what_was_asked_for_counts_if_it_is_faster() -> None:
    rows = pools(0.02, 1.0, 1.0, p2=1.9)
    batches = measured(Way("pool", 2, batch=50), 0.02 / 2.9, 0.02)
    assert judged(*rows, batches).batch == 50
    assert judged(*rows, replace(batches, per_task=0.02 / 2)).batch == 0
    spawned = measured(Way("pool", 2, start_method="spawn"), 0.02 / 2.9, 0.02)
    assert judged(*rows, spawned).start_method == "spawn"


def test_load_of_others_is_said() -> None:
    rows = [replace(row, waited=0.5, under_load=2 * row.per_task) for row in pools(0.02, 1.0, 1.0, p2=1.9)]
    assert "Other programs used the cores for 50% of the time" in judged(*rows).reason


def test_start_ups_that_hardly_differ_are_alike() -> None:
    slower = replace(measured(Way("pool", 2), 0.01, 0.02), start_up=0.3)
    serial, pool = lines([measured(SERIAL, 0.02, 0.02), slower])
    assert pool.start_up == serial.start_up == 0.1
    far = replace(slower, start_up=3.0)
    assert lines([measured(SERIAL, 0.02, 0.02), far])[1].start_up == 3.0


def test_rounds_of_a_way_make_one_line() -> None:
    found = lines([*pools(0.02, 1.0, 1.0, p2=1.9), *pools(0.03, 1.0, 1.0, p2=1.9)])
    assert [len(line.rounds) for line in found] == [2, 2, 2]
    serial: Line = found[0]
    assert serial.per_task == 0.02
    assert serial.slowest == 0.03
