"""Changes are written to disk while new ones arrive, which wait for the next commit."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from engine.host.record.commits import Commits
from engine.host.record.objects import Syncer


class Files(Syncer):
    """Lets a commit wait or fail."""

    error: OSError | None = None

    def sync(self, written: set[str]) -> None:
        if self.error is not None:
            raise self.error


@pytest.fixture
def db(tmp_path: Path) -> Any:
    db = sqlite3.connect(tmp_path / "run.db", isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("CREATE TABLE change (n INTEGER)")
    yield db
    db.close()


def on_disk(tmp_path: Path) -> list[int]:
    other = sqlite3.connect(tmp_path / "run.db")
    rows = [n for (n,) in other.execute("SELECT n FROM change")]
    other.close()
    return rows


def test_what_comes_while_a_commit_is_under_way_is_in_the_next(tmp_path: Path, db: Any) -> None:
    commits = Commits(db, Files(str(tmp_path)), lambda: None)
    assert not commits.wanted
    for n in (1, 2):
        commits.add("INSERT INTO change VALUES (?)", (n,))
    assert commits.wanted
    commits.start()
    commits.add("INSERT INTO change VALUES (?)", (3,))
    assert commits.under_way
    assert not commits.wanted
    assert commits.ended.poll(10)
    commits.end()
    assert on_disk(tmp_path) == [1, 2]
    assert commits.wanted, "the third is there, and not committed"
    assert not commits.ended.poll(0)
    commits.commit()
    assert on_disk(tmp_path) == [1, 2, 3]


def test_a_commit_waits_for_the_one_before(tmp_path: Path, db: Any) -> None:
    commits = Commits(db, Files(str(tmp_path)), lambda: None)
    commits.add("INSERT INTO change VALUES (1)")
    commits.start()
    commits.add("INSERT INTO change VALUES (2)")
    commits.commit()
    assert on_disk(tmp_path) == [1, 2]
    commits.commit()
    commits.end()


def test_what_a_commit_meets_is_raised_where_it_is_waited_for(tmp_path: Path, db: Any) -> None:
    files = Files(str(tmp_path))
    commits = Commits(db, files, lambda: None)
    files.error = OSError(28, "No space left on device")
    commits.add("INSERT INTO change VALUES (1)")
    commits.start()
    with pytest.raises(OSError, match="No space"):
        commits.end()
    assert on_disk(tmp_path) == []


def test_without_a_thread_a_commit_is_made_at_once(
    tmp_path: Path, db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    commits = Commits(db, Files(str(tmp_path)), lambda: None)
    commits.add("INSERT INTO change VALUES (1)")
    monkeypatch.setattr(threading.Thread, "start", refuse)
    commits.start()
    assert not commits.under_way
    assert on_disk(tmp_path) == [1]
    commits.end()
    commits.add("INSERT INTO change VALUES (2)")
    commits.commit()
    assert on_disk(tmp_path) == [1, 2]
