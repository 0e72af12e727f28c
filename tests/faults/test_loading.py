"""What the user's module does when it is imported: either nothing runs, or everything runs as it should."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.runs import runs_root
from tests.running import START_METHODS, make_job, run_job

every_start_method = pytest.mark.parametrize("method", START_METHODS)
GUARDED = "\nif __name__ == '__main__':\n    print(multiprocessing.Pool(2).map(f, [1]))\n"
STARTS = {
    "a pool": "import multiprocessing\nmultiprocessing.Pool(2)",
    "a pool that maps": "import multiprocessing\nwith multiprocessing.Pool(2) as p: p.map(abs, [1])",
    "an executor": (
        "from concurrent.futures import ProcessPoolExecutor as E\nwith E(2) as e: list(e.map(abs, [1]))"
    ),
    "a process": "import multiprocessing\nmultiprocessing.Process(target=print).start()",
    "a manager": "import multiprocessing\nmultiprocessing.Manager()",
}
FAILURES = {
    "fails": ("1 / 0", "ZeroDivisionError", "function.file"),
    "exits": ("raise SystemExit(0)", "SystemExit: 0", "function.file"),
    "lacks a module": ("import not_there_at_all", "no module named 'not_there_at_all'", "function.file"),
    "dies": ("import os\nos._exit(3)", "exited with status 3", "function.file"),
    "crashes": ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", "SIGSEGV", "function.file"),
}


@every_start_method
@pytest.mark.parametrize("case", STARTS)
def test_a_module_that_starts_work_in_processes_is_refused(tmp_path: Path, case: str, method: str) -> None:
    source = f"def f(x):\n    return x\n{STARTS[case]}"
    run = run_job(make_job(tmp_path, source, inputs=range(4), start_method=method))
    assert (run.ended.state, run.ended.ran, run.ended.key) == ("failed", False, "function.file")
    assert "a process is started when the module is imported" in run.ended.reason
    assert '__name__ == "__main__"' in run.ended.reason
    assert "user_code.py" in run.ended.details
    assert not list(runs_root().iterdir()), "nothing ran, so nothing is kept"


@every_start_method
@pytest.mark.parametrize("case", FAILURES)
def test_a_module_that_cannot_be_loaded_is_refused(tmp_path: Path, case: str, method: str) -> None:
    code, words, key = FAILURES[case]
    run = run_job(make_job(tmp_path, f"{code}\ndef f(x): pass", inputs=range(4), start_method=method))
    assert (run.ended.state, run.ended.ran, run.ended.key) == ("failed", False, key)
    assert words in run.ended.reason


@every_start_method
def test_a_module_that_is_slow_prints_guards_its_work_and_has_a_thread(tmp_path: Path, method: str) -> None:
    """The time limit for tasks does not include the loading."""
    source = f"""
import multiprocessing, os, threading, time
time.sleep(1.5)
print("loaded")
threading.Thread(target=time.sleep, args=(1000,)).start()
if os.fork() == 0:
    print("a copy of the worker, which must not act as one")

def f(x):
    return x
{GUARDED}
"""
    job = make_job(tmp_path, source, inputs=range(500), start_method=method, timeout=1.0, workers=1)
    run = run_job(job)
    assert run.values == list(range(500))
    assert "loaded" in run.output
