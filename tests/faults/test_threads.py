"""Workers share the cores among the threads that libraries start."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.host.work.threads import VARIABLES
from engine.launch.plan import blas_threads
from tests.running import START_METHODS, make_job, run_job

SEEN = """
import os
def f(x): return {name: n for name, n in os.environ.items() if name.endswith("_THREADS")}
"""


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("method", START_METHODS)
def test_each_worker_gets_its_share(tmp_path: Path, method: str) -> None:
    job = make_job(tmp_path, SEEN, inputs=range(3), start_method=method)
    done = run_job(job)
    assert done.values == [dict.fromkeys(VARIABLES, str(blas_threads(job)))] * 3
    assert done.log == [], "nobody can make use of it"


def test_the_job_may_name_a_number(tmp_path: Path) -> None:
    done = run_job(make_job(tmp_path, SEEN, inputs=range(1), blas_threads=3))
    assert done.values == [dict.fromkeys(VARIABLES, "3")]


def test_what_the_person_has_set_stays_and_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MKL_NUM_THREADS", "5")
    (values,) = run_job(make_job(tmp_path, SEEN, inputs=range(1), blas_threads=3)).values
    assert values == {**dict.fromkeys(VARIABLES, "3"), "MKL_NUM_THREADS": "5"}
    monkeypatch.setenv("OMP_NUM_THREADS", "6")
    (values,) = run_job(make_job(tmp_path, SEEN, inputs=range(1), blas_threads=3)).values
    assert values == {"OMP_NUM_THREADS": "6", "MKL_NUM_THREADS": "5", "VECLIB_MAXIMUM_THREADS": "3"}


@pytest.mark.parametrize("method", START_METHODS)
def test_the_log_says_so_where_it_is_of_use(tmp_path: Path, method: str) -> None:
    (tmp_path / "numexpr.py").write_text("")
    source = "import numexpr, logging\ndef f(x): logging.info('task')"
    done = run_job(make_job(tmp_path, source, inputs=range(3), blas_threads=3, start_method=method))
    said = [line for line in done.log if "OMP_NUM_THREADS" in line]
    assert len(said) == 1
    assert "= 3 in each worker" in said[0]
    assert "blas_threads" in said[0]
