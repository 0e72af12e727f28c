"""What pools promise, line by line: the same under plain Python and as it is, on each Python."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.as_it_is import both

pytestmark = pytest.mark.timeout(300)
TABLE = Path(__file__).parent / "pools"


def agree(place: Path, python: Path, method: str) -> None:
    stock, ours = both(TABLE, "pools.py", place, method, python=python)
    assert ours.out.splitlines() == stock.out.splitlines(), ours.err
    assert (ours.status, stock.status) == (4, 4)
    found = {record.status for record in ours.records}
    assert {"ok", "error", "unpicklable"} <= found <= {"ok", "error", "unpicklable", "missing", "cancelled"}


def test_under_fork(tmp_path: Path, interpreter: Path) -> None:
    agree(tmp_path, interpreter, "fork")


@pytest.mark.parametrize("method", ["forkserver", "spawn"])
def test_under_other_start_methods(tmp_path: Path, method: str) -> None:
    agree(tmp_path, Path(sys.executable), method)
