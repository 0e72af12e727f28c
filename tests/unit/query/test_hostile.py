"""Whatever anybody has put into a run.db: reading it ends, takes little memory, and runs nothing."""

from __future__ import annotations

import json
import math
import pickle
import selectors
import sqlite3
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.runs import DB
from tests.unit.query.made import Made

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_AS, and how much is taken")

LIMIT = 100.0
"""Seconds after which reading a small file counts as endless."""


class Reader:
    """The reading process."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.unit.query.hostile_reader"]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            command, cwd=Path(__file__).parents[3], stdin=pipe, stdout=pipe, text=True
        )

    def read(self, folder: Path) -> str:
        """The outcome of reading a folder."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{folder}\n")
        self.process.stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            assert selector.select(LIMIT), "it does not come to an end"
        return self.process.stdout.readline().strip() or f"it died: {self.process.wait()}"

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    reader = Reader()
    yield reader
    reader.close()


class Executes:
    """Its pickle is a call."""

    def __reduce__(self) -> Any:
        return exec, ("raise SystemExit",)


def pieces(data: bytes, begins: list[int] | None = None, count: int | None = None) -> bytes:
    """A list in pieces, which may be malformed."""
    begins = [0] if begins is None else begins
    return data + struct.pack(f"<{len(begins)}QQ", *begins, len(begins) if count is None else count)


def doubled(times: int) -> bytes:
    """A list that contains the same list twice, and so on: short, but endless to walk."""
    lists = (b"]\x94(h" + bytes([n]) + b"h" + bytes([n]) + b"e" for n in range(times))
    return b"\x80\x04]\x94" + b"".join(lists) + b"."


PICKLES = [
    pickle.dumps([Executes()]),
    pickle.dumps([{}, (), set(), b"", 2**70, "x"] * 3),
    pickle.dumps([("text",)] * 4),
    pickle.dumps([10**6_000, -(10**6_000), (10**6_000,), [10**6_000]]),
    pickle.dumps([math.nan, math.inf, True, "\ud800"], 5),
    b"\x80\x05]\x94(" + b"]" * 5_000 + b"e.",
    b"(" * 20_000 + b"t" * 20_000 + b".",
    doubled(40),
    b"\x80\x05\x8e" + struct.pack("<Q", 1 << 40) + b"x.",
    b"\x80\x05\x8d" + struct.pack("<Q", 1 << 33) + b"x.",
    b"\x80\x05\x96" + struct.pack("<Q", 1 << 33) + b"x.",
    b"\x80\x05\x95" + struct.pack("<Q", 1 << 62) + b"].",
    b"\x80\x05]r\xff\xff\xff\x7f.",
    b"\x80\x05\x8b" + struct.pack("<i", 1 << 28) + b"\xff" * 100 + b".",
    b"\x80\x05](" + b"K\x01" * 30_000 + b"e.",
    b"\x80\x02](" + b"I" + b"9" * 100_000 + b"\ne.",
    b"cos\nsystem\n(S'true'\ntR.",
    b"",
    b"\x80\x05N.",
]
COLUMNS = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(PICKLES).map(pieces),
    st.builds(
        pieces,
        st.sampled_from(PICKLES),
        st.lists(st.sampled_from([0, 1, 5, 2**40, 2**63]), max_size=5),
        st.none() | st.sampled_from([0, 1, 2, 2**32, 2**61, 2**64 - 1]),
    ),
)
NUMBERS = st.sampled_from([-1, 0, 1, 3, 4, 1024, 2**31, 2**40, 2**48, 2**62, 2**63 - 1])
TEXTS = st.sampled_from(
    ["", "x", "../../etc/passwd:0:9", "a:b:c", "1-1:0:99999999999", "int64", "none", "é" * 9]
)
VALUES = st.one_of(COLUMNS, NUMBERS, TEXTS, st.none(), st.floats(), st.just(b"\0" * 40))
BATCH = (
    "id", "stage", "worker", "first", "count", "error", "statuses", "stride", "start", "last_start", "end",
    "starts", "seconds", "shortest", "longest_task", "form", "vals", "numbers", "objects", "log", "prints",
    "inputs", "cpu",
)  # fmt: skip
FAILURE = ("task", "attempt", "kind", "message", "traceback", "ends", "worker", "time", "log", "prints")
WORKER = ("lane", "pid", "started", "ended", "exit_code", "signal", "last_task")
USAGE = ("moment", "worker", "memory", "cpu")
CHANGES = st.one_of(
    st.tuples(st.just("batch"), st.sampled_from(BATCH), VALUES),
    st.tuples(st.just("failure"), st.sampled_from(FAILURE), VALUES),
    st.tuples(st.just("worker"), st.sampled_from(WORKER), VALUES),
    st.tuples(st.just("text"), st.just("text"), VALUES),
    st.tuples(st.just("usage"), st.sampled_from(USAGE), VALUES),
)
FACTS = st.tuples(
    st.sampled_from(
        ["total", "counts", "generation", "state", "launched", "pid", "folder", "packages", "git"]
    ),
    st.sampled_from(
        [
            "null", "-1", "1e999", "281474976710656", '"x"', "[]", "{}", '{"ok": -5, "error": 1e300}',
            "[" * 100_000, '{"ok": "x"}', '"running"', "not JSON", "9" * 5_000,
        ]
    ),
)  # fmt: skip
ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
SCHEMAS = st.sampled_from(
    [
        "DROP TABLE text",
        "DROP TABLE worker",
        "DROP TABLE failure",
        "DROP TABLE fact",
        "DROP INDEX batch_first",
        "DROP INDEX failure_task",
        "ALTER TABLE batch RENAME COLUMN vals TO other",
        "ALTER TABLE batch ADD COLUMN more GENERATED ALWAYS AS (zeroblob(1000000000))",
        "ALTER TABLE text ADD COLUMN more GENERATED ALWAYS AS (zeroblob(1000000000))",
        f"CREATE VIEW many AS {ENDLESS} SELECT x FROM n",
        f"DROP TABLE text; CREATE VIEW text AS {ENDLESS} SELECT x AS id, x AS text FROM n",
        "DROP TABLE stage",
        "PRAGMA user_version = 2",
        "PRAGMA user_version = 1",
        "PRAGMA user_version = -5",
    ]
)


def made_at(root: Path) -> Path:
    """A run with a little of everything."""
    made = Made(root)
    for first in range(0, 40, 4):
        made.add(first, ["text", 1, None, [1]], bytes([0, 1, 0, 0]), 1 + first)
        made.store.worker_started(1 + first, 1, 1.0, 1)
        made.store.usage(1000 + first, [(1 + first, 1 << 20, 0.5)])
    made.add(50, list(range(3_000)), bytes(3_000))
    made.add(4_000, [None] * 5, bytes(5))
    made.close()
    return made.folder


# The same examples each time: a new finding must be fixed, but is not the fault of whoever meets it.
@settings(max_examples=60, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(CHANGES, max_size=3),
    st.lists(FACTS, max_size=2),
    st.lists(SCHEMAS, max_size=1),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=8),
)
def test_whatever_is_in_a_run_db(
    tmp_path_factory: pytest.TempPathFactory,
    reader: Reader,
    changes: list[tuple[str, str, Any]],
    facts: list[tuple[str, str]],
    schemas: list[str],
    damage: list[tuple[float, int]],
) -> None:
    folder = made_at(tmp_path_factory.mktemp("run"))
    path = folder / DB
    with closing(sqlite3.connect(path)) as db:
        for table, column, value in changes:
            with suppress(sqlite3.Error):
                db.execute(f"UPDATE OR IGNORE {table} SET {column} = ?", (value,))
        for name, text in facts:
            db.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (name, text))
        db.commit()
        for change in schemas:
            db.executescript(change)
    if damage:
        data = bytearray(path.read_bytes())
        for place, byte in damage:
            data[int(place * (len(data) - 1))] = byte
        path.write_bytes(data)
    assert reader.read(folder) == "read"


@pytest.mark.parametrize("data", PICKLES)
@pytest.mark.parametrize("column", ["vals", "objects", "inputs"])
def test_each_kind_of_pickle_in_each_column(tmp_path: Path, reader: Reader, column: str, data: bytes) -> None:
    folder = made_at(tmp_path)
    with closing(sqlite3.connect(folder / DB)) as db:
        db.execute(f"UPDATE batch SET {column} = ?", (pieces(data),))
        db.commit()
    assert reader.read(folder) == "read"


def test_a_job_of_another_is_read_as_little_as_its_run(tmp_path: Path, reader: Reader) -> None:
    folder = made_at(tmp_path)
    (folder / "job.pool").write_bytes(b"[function]\nimport = '" + json.dumps("[" * 10_000).encode())
    assert reader.read(folder) == "read"
