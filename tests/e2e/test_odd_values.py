"""Values that contain themselves or are deeply nested: each is exported, and so is what follows."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest

from tests.e2e.terminal import exported, poolhouse, write_job
from tests.interpreters import interpreters

SOURCE = """
def f(x):
    value = [x]
    if x % 2:
        value.append({"itself": value})
    for _ in range(x * 50):
        value = [value]
    return value
"""
NEWER = [name for name in interpreters() if tuple(map(int, name.split("."))) >= (3, 11)]


@pytest.fixture(params=NEWER)
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A run of it under this interpreter, on which it depends which values can be pickled."""
    job = write_job(tmp_path, SOURCE, inputs='kind = "range"\nstop = 60')
    python = json.dumps(str(interpreters()[request.param]))
    job.write_text(job.read_text().replace('name = "f"', f'name = "f"\npython = {python}'))
    done = poolhouse("run", job, "--runs", tmp_path / "runs", "--quiet")
    return Path(done.stdout.strip())


def test_export_of_odd_values(run: Path, tmp_path: Path) -> None:
    records = exported(run)
    assert [record["index"] for record in records] == list(range(60))
    assert {record["status"] for record in records} <= {"ok", "unpicklable"}
    assert records[0]["value"] == [0]
    assert "[...]" in records[1]["value"]
    assert isinstance(records[2]["value"], list), "100 levels"
    deep = [record["value"] for record in records[5:] if record["status"] == "ok"]
    assert deep
    assert all(type(value) is str and value for value in deep)

    done = poolhouse("export", run, "--format", "csv")
    assert done.returncode == 0
    assert len(list(csv.DictReader(io.StringIO(done.stdout)))) == 60
    pytest.importorskip("pyarrow")
    assert poolhouse("export", run, "-o", tmp_path / "out.parquet").returncode == 0
    shutil.rmtree(run)
