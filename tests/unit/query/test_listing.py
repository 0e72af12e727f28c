"""The list of all runs: what it says, and what need not be read again."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from engine.query.listing import Listing, ListRuns, Summaries, Summarize, summary
from engine.query.request import Request, finish
from engine.query.sources import Sources
from engine.runs import DB, LABEL, Label, read_label, write_label
from tests.unit.query.made import Made


def ask(sources: Sources, request: Request[Any]) -> Any:
    return finish(request.steps(sources))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A finished run, an interrupted one, an unreadable one, and a folder that is no run yet."""
    root = tmp_path / "all"
    root.mkdir()
    for name, values, is_finished in (("2026-01 a", 3, True), ("2026-02 b", 2, False)):
        made = Made(tmp_path / name)
        made.add(0, [None] * values, bytes([1] + [0] * (values - 1)))
        if is_finished:
            made.close()
        else:
            made.store.facts(state="running", pid=os.getpid(), launched=1.0)
            made.commit()
            made.store.close()
        made.folder.rename(root / name)
    (root / "2026-03 c").mkdir()
    (root / "2026-03 c" / DB).write_bytes(b"rubbish" * 100)
    (root / "2026-04 d").mkdir()
    (root / "a file").touch()
    return root


def told(listing: Listing) -> list[tuple[str, str, int, int]]:
    return [(run.folder.name, run.state, run.ok, run.failed) for run in listing.runs]


ALL = [
    ("2026-03 c", "unreadable", 0, 0),
    ("2026-02 b", "interrupted", 1, 1),
    ("2026-01 a", "finished", 2, 1),
]


def test_runs_are_listed_newest_first(root: Path) -> None:
    with Sources() as sources:
        listing = ask(sources, ListRuns(root))
    assert listing.complete
    assert told(listing) == ALL
    assert listing.unborn == (root / "2026-04 d",)


def test_no_folder_has_no_runs(tmp_path: Path) -> None:
    with Sources() as sources:
        assert ask(sources, ListRuns(tmp_path / "none")) == Listing((), (), True)


def test_a_run_is_read_again_only_if_it_has_changed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def noted(folder: Path) -> Any:
        read.append(folder.name)
        return summary(folder)

    monkeypatch.setattr("engine.query.listing.summary", noted)
    with Sources() as sources:
        assert told(ask(sources, ListRuns(root))) == ALL
        assert len(read) == 3
        assert told(ask(sources, ListRuns(root))) == ALL
        assert len(read) == 3
    with Sources() as sources:  # another start of the app
        assert told(ask(sources, ListRuns(root))) == ALL
        assert len(read) == 3
        os.utime(root / "2026-01 a" / DB)
        shutil.rmtree(root / "2026-03 c")
        assert told(ask(sources, ListRuns(root))) == ALL[1:]
        assert read[3:] == ["2026-01 a"]


def test_what_is_kept_of_runs_may_be_damaged(root: Path) -> None:
    with Sources() as sources:
        ask(sources, ListRuns(root))
    kept = Summaries(root)._file
    assert kept.exists()
    for text in ("", "{}", '{"format": 1, "runs": [[1]]}', '{"format": 0}'):
        kept.write_text(text)
        with Sources() as sources:
            assert told(ask(sources, ListRuns(root))) == ALL


def test_a_label_is_seen_at_once(root: Path) -> None:
    with Sources() as sources:
        ask(sources, ListRuns(root))
        write_label(root / "2026-01 a", Label("mine", pinned=True))
        run = ask(sources, ListRuns(root)).runs[-1]
        assert (run.name, run.pinned, run.state) == ("mine", True, "finished")
        write_label(root / "2026-01 a", Label())
        assert ask(sources, ListRuns(root)).runs[-1].name == "f"


@pytest.mark.parametrize("text", ["", "[]", '{"name": 3, "pinned": "yes"}', "[" * 100_000, "\0"])
def test_a_damaged_label_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / LABEL).write_text(text)
    assert read_label(tmp_path) == Label()


def test_a_run_that_goes_on_is_always_read(root: Path, tmp_path: Path) -> None:
    made = Made(tmp_path / "live")
    made.store.facts(state="running", pid=os.getpid(), launched=1e12)
    made.add(0, [1], bytes(1))
    made.commit()
    with Sources() as sources:
        runs = made.folder.parent
        assert [(run.state, run.ok) for run in ask(sources, ListRuns(runs)).runs] == [("running", 1)]
        made.add(1, [1], bytes(1))
        made.commit()
        (run,) = ask(sources, Summarize(runs, (made.folder,)))
        assert (run.state, run.ok) == ("running", 2)
    made.close()
