"""Questions of panes: answered in the GUI thread, only to those who still ask, and only the newest."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from pytestqt.qtbot import QtBot

from engine.query import Client, QueryError
from gui.kit import query
from gui.kit.query import Query
from tests.unit.query import odd


@pytest.fixture
def service(qapp: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[query._Service]:
    """A service of its own, whose process knows odd requests."""
    service = query._Service()
    service.client = Client(odd.start)
    monkeypatch.setattr(query, "_the_service", [service])
    yield service
    service.client.close()


@pytest.fixture
def asker(service: query._Service, tmp_path: Path) -> Iterator[Query]:
    asker = Query(tmp_path)
    yield asker
    asker.end()


def test_answers_come_whole_and_in_part_in_this_thread(asker: Query, qtbot: QtBot) -> None:
    told: list[object] = []
    threads: set[int] = set()

    def note(key: str, value: object) -> None:
        told.append((key, value))
        threads.add(threading.get_ident())

    asker.came_in_part.connect(note)
    asker.answered.connect(note)
    with qtbot.waitSignal(asker.answered, timeout=30_000):
        asker.ask("count", odd.Count(asker.source, last=3))
    assert told == [("count", 0), ("count", 1), ("count", 2), ("count", 3)]
    assert threads == {threading.get_ident()}


def test_a_failure_says_why(asker: Query, qtbot: QtBot) -> None:
    with qtbot.waitSignal(asker.failed, timeout=30_000) as failed:
        asker.ask("fail", odd.Fail(asker.source))
    assert failed.args is not None
    key, error = failed.args
    assert (key, type(error), str(error)) == ("fail", QueryError, "It is odd.")


def test_only_the_newest_of_a_key_is_told(asker: Query, qtbot: QtBot) -> None:
    told: list[object] = []
    asker.answered.connect(lambda key, value: told.append((key, value)))
    for last in range(1, 6):
        asker.ask("count", odd.Count(asker.source, last=last))
    asker.ask("other", odd.Count(asker.source, last=9))
    qtbot.waitUntil(lambda: len(told) == 2, timeout=30_000)
    assert sorted(told, key=str) == [("count", 5), ("other", 9)]


def test_nothing_is_told_after_the_end(asker: Query, service: query._Service, qtbot: QtBot) -> None:
    told: list[object] = []
    asker.came_in_part.connect(lambda key, value: told.append(value))
    with qtbot.waitSignal(asker.came_in_part, timeout=30_000):
        asker.ask("count", odd.Count(asker.source))
    asker.end()
    told.clear()
    other = Query(asker.source)
    with qtbot.waitSignal(other.answered, timeout=30_000):
        other.ask("count", odd.Count(asker.source, last=20))
    asker.ask("count", odd.Count(asker.source))
    assert told == []
    assert list(service._queries.values()) == [other]
    shiboken6.delete(other)
    assert not service._queries
    assert not service._uses


def test_a_source_is_released_by_the_last_who_asks(service: query._Service, tmp_path: Path) -> None:
    released: list[Path] = []
    service.client.release = released.append  # pyright: ignore[reportAttributeAccessIssue]
    first, second = Query(tmp_path), Query(tmp_path)
    first.end()
    assert released == []
    second.end()
    second.end()
    assert released == [tmp_path]
