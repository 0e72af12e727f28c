"""The parts of a comparison: ways, samples, curves, and what the workers' times show."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.compare.fit import Curve, fitted
from engine.compare.further import more_ways
from engine.compare.lines import lines
from engine.compare.measure import Lane, Measured, measured
from engine.compare.sample import sample
from engine.compare.ways import Demands, Way, first_ways, sizes
from engine.job import Function, Inputs, Job, Run

RANGE = Job(Function(source="def f(x): return x"), Inputs("range", stop=1_000))
SERIAL, THREADS, POOL = Way("serial"), Way("threads", 2), Way("pool", 2)


@pytest.mark.parametrize(
    ("cores", "expected"),
    [(1, [1]), (2, [1, 2]), (4, [1, 2, 4]), (6, [1, 2, 4, 6]), (16, [1, 2, 4, 8, 16])],
)
def test_sizes_double_up_to_the_cores(cores: int, expected: list[int]) -> None:
    assert sizes(cores) == expected


def test_no_way_has_more_workers_than_inputs() -> None:
    assert max(way.workers for way in first_ways(16, 3, Demands())) == 3
    assert {way.workers for way in first_ways(16, 1, Demands())} == {1}


def test_what_is_asked_for_is_tried_besides() -> None:
    ways = first_ways(2, None, Demands(("spawn",), (10,), (1,)))
    assert [way.title for way in ways] == [
        "in turn",
        "2 threads",
        "1 process",
        "2 processes",
        "2 processes, spawn",
        "2 processes, batches of 10",
        "in turn, BLAS threads: 1",
        "2 processes, BLAS threads: 1",
    ]


def test_a_way_is_applied_to_a_job() -> None:
    job = RANGE.with_(run=Run(mode="threads", workers=7, start_method="fork", blas_threads=3))
    run = Way("pool", 2, "spawn", 5).applied(job).run
    assert (run.mode, run.workers, run.start_method, run.batch, run.blas_threads) == (
        "pool",
        2,
        "spawn",
        5,
        3,
    )
    assert Way("serial").applied(job).run.workers == 0


def row(way: Way, per_task: float, share: float) -> Measured:
    return Measured(way, 10, 0, 0.1, per_task, per_task, 0.05, 0.05, cpu=0.05 * share)


@pytest.mark.parametrize(
    ("share", "threads", "expected"),
    [
        (0.01, 2.0, [Way("threads", 8), Way("threads", 32), Way("threads", 128)]),
        (0.01, 1.0, [Way("pool", 8), Way("pool", 32)]),
        (1.0, 1.0, []),
        (1.0, 2.0, []),
        (1.9, 1.0, [Way("serial", blas_threads=1)]),
    ],
)
def test_what_waits_has_more_workers(share: float, threads: float, expected: list[Way]) -> None:
    found = lines([row(SERIAL, 0.05, share), row(THREADS, 0.05 / threads, share), row(POOL, 0.025, share)])
    assert more_ways(found, 2, None) == expected


def test_further_ways_have_no_more_workers_than_inputs() -> None:
    found = lines([row(SERIAL, 0.05, 0.01), row(THREADS, 0.025, 0.01)])
    assert more_ways(found, 2, 12) == [Way("threads", 8), Way("threads", 12)]


@given(st.integers(1, 5_000), st.integers(1, 5_000), st.floats(1e-8, 10))
def test_a_sample_is_ordered_and_within_the_inputs(total: int, count: int, seconds: float) -> None:
    job = RANGE.with_(inputs=Inputs("range", stop=total))
    chosen = sample(job, total, count, seconds)
    assert chosen.count == min(count, total)
    if chosen.spans is None:
        assert count >= total
        return
    assert sum(stop - first for first, stop in chosen.spans) == count
    places = [place for span in chosen.spans for place in span]
    assert places == sorted(places)
    assert 0 <= places[0] < places[-1] <= total
    if len(chosen.spans) > 1:
        assert chosen.spans[0][0] == 0
        assert chosen.spans[-1][1] == total


def test_inputs_that_are_read_are_taken_from_the_front(tmp_path: Path) -> None:
    job = RANGE.with_(inputs=Inputs("lines", path=str(tmp_path / "a.txt")))
    assert sample(job, 1_000, 10, 0.1).spans is None
    assert sample(RANGE, None, 10, 0.1).spans is None


@given(st.floats(0.0, 1.0))
def test_amdahl_is_found_again(contention: float) -> None:
    curve = Curve(contention)
    found = fitted([(n, curve.at(n)) for n in (1, 2)])
    assert found is not None
    assert found.contention == pytest.approx(contention, abs=1e-6)
    assert found.most is None


@given(st.floats(0.0, 0.5), st.floats(1e-4, 0.05))
def test_the_universal_law_is_found_again(contention: float, crosstalk: float) -> None:
    curve = Curve(contention, crosstalk)
    found = fitted([(n, curve.at(n)) for n in (1, 2, 4, 8, 16)])
    assert found is not None
    assert found.contention == pytest.approx(contention, abs=1e-6)
    assert found.crosstalk == pytest.approx(crosstalk, abs=1e-6)
    assert found.law == "usl"
    assert found.most is not None


def test_there_is_no_curve_through_one_point() -> None:
    assert fitted([(1, 1.0)]) is None


def lane(start: float, *seconds: float) -> Lane:
    return Lane(start, seconds[0], list(seconds), start + sum(seconds))


def test_the_rate_of_a_worker_alone() -> None:
    found = measured(SERIAL, [lane(10.5, 1, 1, 1, 1)], began=10.0, cpu=4.0, cores=2)
    assert found.start_up == pytest.approx(0.5)
    assert found.per_task == pytest.approx(1.0)
    assert (found.tasks, found.mean, found.longest, found.cpu) == (4, 1.0, 1.0, 1.0)


def test_processes_share_the_tasks_and_a_late_end_does_not_count() -> None:
    found = measured(POOL, [lane(10, 1, 1, 1), lane(10, 1, 1)], began=10.0, cores=2)
    assert found.per_task == pytest.approx(2.5 / 5)
    uneven = measured(POOL, [lane(10, 1, 1, 1, 1, 1, 1), lane(10, 1, 1)], began=10.0, cores=2)
    assert uneven.per_task == pytest.approx(5.5 / 8)


def test_threads_that_hold_each_other_up_have_all_of_their_span() -> None:
    found = measured(Way("threads", 2), [lane(10, 2), lane(11, 2)], began=10.0, cores=2)
    assert found.per_task == pytest.approx(1.5)


def test_a_slow_first_task_of_each_worker_is_start_up() -> None:
    found = measured(POOL, [lane(10, 3, 1, 1), lane(10, 3, 1, 1)], began=10.0, cores=2)
    assert found.start_up == pytest.approx(0.0)
    warm = measured(POOL, [lane(10, 9, 1, 1), lane(10, 9, 1, 1)], began=10.0, cores=2)
    assert warm.start_up == pytest.approx(8.0)
    assert warm.per_task == pytest.approx(0.5)
    assert warm.mean == 1.0


def test_waits_for_a_core_are_taken_out_down_to_the_cpu_time() -> None:
    found = measured(SERIAL, [lane(10, 1, 1, 1, 1)], began=10.0, cpu=2.0, waited=2.0, cores=2)
    assert found.per_task == pytest.approx(0.5)
    assert found.under_load == pytest.approx(1.0)
    assert found.waited == pytest.approx(0.5)
    more = measured(SERIAL, [lane(10, 1, 1, 1, 1)], began=10.0, cpu=3.0, waited=3.9, cores=2)
    assert more.mean == pytest.approx(0.75)
    assert more.per_task == pytest.approx(0.75)


def test_what_threads_of_a_library_take_is_no_floor() -> None:
    found = measured(SERIAL, [lane(10, 1, 1)], began=10.0, cpu=1.6, own=0.8, waited=1.0, cores=2)
    assert found.elsewhere == pytest.approx(0.5)
    assert found.mean == pytest.approx(0.5)


def test_workers_beyond_the_cores_wait_for_each_other() -> None:
    lanes = [lane(10, 1, 1) for _ in range(4)]
    found = measured(Way("pool", 4), lanes, began=10.0, cpu=4.0, waited=4.0, cores=2)
    assert found.per_task == found.under_load == pytest.approx(0.25)


def test_reading_inputs_is_no_time_of_a_task() -> None:
    found = measured(SERIAL, [lane(10, 1, 1, 1, 1)], began=10.0, cpu=4.0, task_cpu=3.6, intake=3.0, cores=2)
    assert (found.per_task, found.mean, found.longest) == pytest.approx((1.0, 0.25, 0.25))
    assert found.cpu == pytest.approx(0.225)


@pytest.mark.parametrize(("held", "expected"), [(1.0, 1.0), (0.2, 0.5), (None, 0.5)])
def test_threads_that_hold_the_lock_are_not_made_faster_by_a_loaded_machine(
    held: float | None, expected: float
) -> None:
    lanes = [lane(10, 4, 4), lane(10, 4, 4)]
    waits = measured(Way("threads", 2), lanes, 10.0, cpu=4.0, waited=12.0, lock_held=held, cores=2)
    assert waits.per_task == pytest.approx(expected)
