"""Two runs side by side: pairs, kinds, code and job, against plain Python over the same tasks."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.cli.versus import as_text
from engine.host.record import schema
from engine.query import answer
from engine.query.versus import CompareRuns
from engine.results.differences import RunDifferences
from tests.running import make_job, run_job
from tests.unit.query.made import Made

Task = tuple[object, bool]
VALUES = st.sampled_from(
    [1, 1.0, -1, -2, True, None, "1", "é", 2**70, float("nan"), {"a": 1}, [1, 2], ("x",)]
)
ERROR = schema.STATUSES.index("error")
TASKS = st.lists(st.tuples(VALUES, st.booleans()), max_size=12)


def make(root: Path, tasks: list[Task], step: int) -> Path:
    """A run whose tasks ended in batches of `step`."""
    made = Made(root, total=100)
    for first in range(0, len(tasks), step):
        part = tasks[first : first + step]
        made.add(
            first,
            [value for value, _ in part],
            bytes(schema.STATUSES.index("error") * bad for _, bad in part),
        )
    made.close()
    return made.folder


def kind(one: Task, other: Task) -> str:
    if one[1] or other[1]:
        return "same error" if one[1] and other[1] else "fixed" if one[1] else "broken"
    return "same" if repr(one[0]) == repr(other[0]) else "differs"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=TASKS, other=TASKS, steps=st.tuples(st.integers(1, 5), st.integers(1, 5)))
def test_kinds_agree_with_plain_python(
    tmp_path_factory: pytest.TempPathFactory, one: list[Task], other: list[Task], steps: tuple[int, int]
) -> None:
    root = tmp_path_factory.mktemp("versus")
    found = answer(CompareRuns(make(root / "a", one, steps[0]), make(root / "b", other, steps[1])))
    wanted = Counter(map(kind, one, other))
    assert found.both == min(len(one), len(other))
    assert (found.only_one, found.only_other) == (len(one) - found.both, len(other) - found.both)
    assert found.same == wanted.pop("same", 0)
    assert {name: count for name, count in found.counts if count} == wanted
    for pair in found.pairs:
        if pair.kind in ("fixed", "broken", "differs"):
            assert kind(one[pair.one], other[pair.other]) == pair.kind
    assert as_text(found)


BEFORE = "def f(x): return x * 2"
AFTER = """def f(x):
    if x == 'c': raise ValueError("no c")
    return x * 3 if x == 'b' else x * 2
"""


def run_both(tmp_path: Path, inputs: list[str]) -> RunDifferences:
    """Runs of two versions of a file, the second with these inputs."""
    folders: list[Path] = []
    for source, values in ((BEFORE, list("abc")), (AFTER, inputs)):
        (tmp_path / "w").mkdir(exist_ok=True)
        folders.append(run_job(make_job(tmp_path / "w", source, inputs=values)).folder)
    return answer(CompareRuns(*folders))


def test_code_and_results_of_real_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POOLHOUSE_RUNS", str(tmp_path / "runs"))
    found = run_both(tmp_path, list("abc"))
    assert found.paired_by == "index"
    assert (found.same, found.count("differs"), found.count("broken")) == (1, 1, 1)
    (differs,) = [pair for pair in found.pairs if pair.kind == "differs"]
    assert (differs.one, differs.input, differs.one_result, differs.other_result) == (1, "b", "bb", "bbb")
    assert "-def f(x): return x * 2" in found.code.splitlines()
    assert not found.job
    assert "1 new failure, 0 fixed, 1 other result, 1 the same" in as_text(found)


def test_tasks_are_paired_by_their_input_if_the_inputs_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POOLHOUSE_RUNS", str(tmp_path / "runs"))
    found = run_both(tmp_path, list("ccxba"))
    assert (found.paired_by, found.both, found.only_one, found.only_other) == ("input", 3, 0, 2)
    assert [(pair.one, pair.other) for pair in found.pairs if pair.kind == "broken"] == [(2, 0)]
    assert [change.key for change in found.job] == ["inputs.values", "tasks"]
