"""The model of the results table: what it shows, asks for and forgets."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from engine.runs import BatchRef
from gui.results import model as results_model
from gui.results.model import Column, ResultsModel
from gui.results.reader import PAGE, Page, PageKey, Row
from tests.gui.test_ranges import arrivals

ROOT = QModelIndex()


def add(model: ResultsModel, *refs: BatchRef) -> None:
    for _ in model.adding(refs):
        pass


def page_of(refs: dict[int, BatchRef], key: PageKey, size: int = 0, status: str = "ok") -> Page:
    ref = refs[key.batch]
    start = key.number * PAGE
    tasks = range(ref.first + start, ref.first + min(start + PAGE, ref.count))
    rows = tuple(Row(task, f"in {task}", status, f"out {task}", 1e9, 1e9 + 0.5, 1) for task in tasks)
    return Page(key, ref.first + start, rows, size)


def answering(model: ResultsModel, *refs: BatchRef, size: int = 0) -> list[PageKey]:
    """Have the model's wishes fulfilled at once; they are listed as they come."""
    known = {ref.id: ref for ref in refs}
    asked: list[PageKey] = []

    def answer(keys: list[PageKey]) -> None:
        asked.extend(keys)
        model.put([page_of(known, key, size) for key in keys])

    model.wanted.connect(answer)
    add(model, *refs)
    return asked


def text(model: ResultsModel, row: int, column: Column) -> str:
    return model.data(model.index(row, column))


def see(model: ResultsModel, qtbot: QtBot, row: int) -> None:
    """Look at a row until its contents are there."""
    qtbot.waitUntil(lambda: model.row(row) is not None)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(pieces=arrivals())
def test_insertions_keep_the_rules_of_qt(qapp: object, pieces: list[list[BatchRef]]) -> None:
    model = ResultsModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    moved: list[tuple[int, int]] = []
    model.rowsInserted.connect(lambda _, first, last: moved.append((first, last)))
    for piece in pieces:
        add(model, *piece)
    tasks = sorted(t for piece in pieces for r in piece for t in range(r.first, r.first + r.count))
    assert [text(model, row, Column.INDEX) for row in range(model.rowCount())] == list(map(str, tasks))
    assert sum(last - first + 1 for first, last in moved) == len(tasks)
    model.clear()
    del tester


def test_model_with_contents(qtbot: QtBot, qtmodeltester: ModelTester) -> None:
    model = ResultsModel()
    answering(model, BatchRef(1, 0, 700), BatchRef(2, 700, 1))
    see(model, qtbot, 0)
    qtmodeltester.check(model)
    model.clear()
    qtmodeltester.check(model)


def test_a_row_is_faint_until_its_contents_come(qtbot: QtBot) -> None:
    model = ResultsModel()
    ref = BatchRef(1, 5, 2)
    add(model, ref)
    with qtbot.waitSignal(model.wanted) as asked:
        assert text(model, 0, Column.INDEX) == "5"
        assert text(model, 0, Column.RESULT) == "…"
    assert asked.args == [[PageKey(1, 0)]]
    with qtbot.waitSignal(model.dataChanged) as changed:
        model.put([page_of({1: ref}, PageKey(1, 0))])
    assert changed.args is not None
    assert (changed.args[0].row(), changed.args[1].row()) == (0, 1)
    cells = [text(model, 1, column) for column in Column]
    assert cells[:6] == ["6", "in 6", "OK", "out 6", "500 ms", "1"]


def test_pages_of_a_large_batch_are_asked_for_one_by_one(qtbot: QtBot) -> None:
    model = ResultsModel()
    asked = answering(model, BatchRef(1, 0, 10_000_000))
    see(model, qtbot, 9_999_999)
    assert asked == [PageKey(1, 9_999_999 // PAGE)]
    assert text(model, 9_999_999, Column.RESULT) == "out 9999999"


def test_what_was_looked_at_last_is_asked_for_first(qtbot: QtBot) -> None:
    model = ResultsModel()
    add(model, *(BatchRef(task + 1, task, 1) for task in range(2000)))
    with qtbot.waitSignal(model.wanted) as asked:
        for row in range(2000):
            model.row(row)
    assert asked.args is not None
    assert asked.args[0][0] == PageKey(2000, 0)
    assert len(asked.args[0]) <= 64


def test_the_cache_is_bounded(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results_model, "_CACHE_BYTES", 1000)
    monkeypatch.setattr(results_model, "_CACHE_LEAST", 3)
    model = ResultsModel()
    asked = answering(model, *(BatchRef(task + 1, task, 1) for task in range(20)), size=400)
    for row in range(20):
        see(model, qtbot, row)
    assert len(model._pages) == 3
    see(model, qtbot, 0)
    assert asked.count(PageKey(1, 0)) == 2


def test_unreadable_pages_are_not_asked_for_for_ever(qtbot: QtBot) -> None:
    model = ResultsModel()
    add(model, BatchRef(1, 0, 3))
    with qtbot.waitSignal(model.wanted):
        model.row(0)
    model.give_up()
    with qtbot.assertNotEmitted(model.wanted, wait=20):
        assert text(model, 0, Column.RESULT) == "…"
    assert "cannot be read" in model.data(model.index(0, Column.RESULT), Qt.ItemDataRole.ToolTipRole)


def test_a_failed_task_is_told_by_word_and_icon(qtbot: QtBot) -> None:
    model = ResultsModel()
    ref = BatchRef(1, 0, 1)
    add(model, ref)
    model.put([page_of({1: ref}, PageKey(1, 0), status="died")])
    status = model.index(0, Column.STATUS)
    assert model.data(status) == "Worker died"
    assert not model.data(status, Qt.ItemDataRole.DecorationRole).isNull()
    assert model.data(status, Qt.ItemDataRole.ForegroundRole) is not None


def test_no_more_rows_than_a_table_can_count(monkeypatch: pytest.MonkeyPatch, qapp: object) -> None:
    monkeypatch.setattr(results_model, "MAX_ROWS", 100)
    model = ResultsModel()
    add(model, BatchRef(1, 0, 100))
    assert not model.is_full
    add(model, BatchRef(2, 100, 1))
    assert model.is_full
    assert model.rowCount() == 100


def test_copied_slices_follow_the_batches(qapp: object) -> None:
    model = ResultsModel()
    add(model, BatchRef(1, 0, 10), BatchRef(2, 10, 1), BatchRef(3, 20, 5))
    slices = [(s.batch, s.offset, s.count) for s in model.segments(8, 12)]
    assert slices == [(1, 8, 2), (2, 0, 1), (3, 0, 2)]
