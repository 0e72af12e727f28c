"""The model of the results table: what it shows, asks for and forgets."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from engine.query.rows import Growth, Page
from gui.results import model as results_model
from gui.results.model import Column, ResultsModel
from gui.results.rows import PAGE, AtHand, Row

ROOT = QModelIndex()
GENERATION = 7


def grow(model: ResultsModel, *spans: tuple[int, int], is_new: bool = False) -> None:
    for _ in model.growing(Growth(GENERATION, model.version + len(spans), spans, is_new)):
        pass


def page_of(model: ResultsModel, first: int, tasks: list[int], status: str = "ok") -> Page:
    count = len(tasks)
    return Page(
        GENERATION,
        model.version,
        first,
        array("q", tasks).tobytes(),
        tuple(f"in {task}" for task in tasks),
        (status,) * count,
        tuple(f"out {task}" for task in tasks),
        array("d", [1e9] * count).tobytes(),
        array("d", [1e9 + 0.5] * count).tobytes(),
        array("q", [1] * count).tobytes(),
    )


def answering(model: ResultsModel, count: int) -> list[int]:
    """Answer the model's requests at once, and list them. Row and task are the same."""
    asked: list[int] = []

    def answer(first: int) -> None:
        asked.append(first)
        model.put(page_of(model, first, list(range(first, min(first + PAGE, count)))))

    model.wanted.connect(answer)
    grow(model, (0, count))
    return asked


def text(model: ResultsModel, row: int, column: Column) -> str:
    return model.data(model.index(row, column))


def see(model: ResultsModel, qtbot: QtBot, row: int) -> None:
    """Read a row until its contents are there."""
    qtbot.waitUntil(lambda: model.row(row) is not None)


SPANS = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), max_size=20)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(SPANS)
def test_insertions_keep_the_rules_of_qt(qapp: object, spans: list[tuple[int, int]]) -> None:
    model = ResultsModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for row, count in spans:
        grow(model, (min(row, model.rowCount()), count))
    assert model.rowCount() == sum(count for _, count in spans)
    grow(model, (0, 3), is_new=True)
    assert model.rowCount() == 3
    model.clear()
    del tester


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 40), max_size=8))
def test_renewals_keep_the_rules_of_qt(qapp: object, totals: list[int]) -> None:
    model = ResultsModel()
    model.QT_MOST = 30
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    grow(model, (0, 20))
    for handle, total in enumerate(totals, 1):
        model.renew(handle, 1, 1, total)
        assert (model.total, model.rowCount(), model.handle) == (total, min(total, 30), handle)
    del tester


def a_row(number: int) -> Row:
    return Row(number, "", "ok", "", 0.0, 0.0, 1)


STEPS = st.lists(
    st.tuples(st.sampled_from(["insert", "put"]), st.integers(0, 60), st.integers(1, 20)), max_size=40
)


@given(STEPS, st.integers(2, 50))
def test_what_is_at_hand_moves_with_its_rows(steps: list[tuple[str, int, int]], most: int) -> None:
    rows: list[int] = []
    at_hand = AtHand(most)
    fresh = 0
    for kind, place, count in steps:
        first = min(place, len(rows))
        if kind == "insert":
            rows[first:first] = range(fresh, fresh + count)
            fresh += count
            at_hand.insert(first, count)
        elif rows[first : first + count]:
            at_hand.put(first, [a_row(number) for number in rows[first : first + count]])
            assert at_hand.get(first) == a_row(rows[first])
        for row, number in enumerate(rows):
            found = at_hand.get(row)
            assert found is None or found.index == number
        assert at_hand.get(len(rows)) is None
        assert len(at_hand) == sum(at_hand.get(row) is not None for row in range(len(rows)))


def test_what_is_at_hand_is_shifted() -> None:
    kept = AtHand(9)
    kept.put(1, [a_row(1), a_row(2), a_row(3)])
    kept.put(10, [a_row(10)])
    for rows, expected in ((2, [3, 4, 5, 12]), (-4, [0, 1, 8]), (-8, [0]), (-1, [])):
        kept.shift(rows)
        assert [number for number, _ in kept] == expected


def test_model_with_contents(qtbot: QtBot, qtmodeltester: ModelTester) -> None:
    model = ResultsModel()
    answering(model, 701)
    see(model, qtbot, 0)
    qtmodeltester.check(model)
    model.clear()
    qtmodeltester.check(model)


def test_a_row_is_faint_until_its_contents_come(qtbot: QtBot) -> None:
    model = ResultsModel()
    grow(model, (0, 2))
    with qtbot.waitSignal(model.wanted) as asked:
        assert text(model, 0, Column.RESULT) == "…"
    assert asked.args == [0]
    with qtbot.waitSignal(model.dataChanged) as changed:
        assert model.put(page_of(model, 0, [5, 6]))
    assert changed.args is not None
    assert (changed.args[0].row(), changed.args[1].row()) == (0, 1)
    cells = [text(model, 1, column) for column in Column]
    assert cells[:6] == ["6", "in 6", "OK", "out 6", "500 ms", "1"]


def test_only_what_is_looked_at_is_asked_for(qtbot: QtBot) -> None:
    model = ResultsModel()
    asked = answering(model, 10_000_000)
    see(model, qtbot, 9_999_999)
    assert asked == [9_999_999 // PAGE * PAGE]
    assert text(model, 9_999_999, Column.RESULT) == "out 9999999"


def test_what_was_looked_at_last_is_asked_for_first(qtbot: QtBot) -> None:
    model = ResultsModel()
    grow(model, (0, 10 * PAGE))
    with qtbot.waitSignal(model.wanted) as asked:
        for row in range(10 * PAGE):
            model.row(row)
    assert asked.args == [9 * PAGE]


def test_a_page_of_before_the_run_grew_is_asked_for_again(qtbot: QtBot) -> None:
    model = ResultsModel()
    grow(model, (0, 2))
    with qtbot.waitSignal(model.wanted):
        model.row(0)
    old = page_of(model, 0, [5, 6])
    grow(model, (0, 1))
    assert not model.put(old)
    with qtbot.waitSignal(model.wanted) as asked:
        grow(model)
    assert asked.args == [0]
    assert model.put(page_of(model, 0, [4, 5, 6]))
    assert text(model, 1, Column.INDEX) == "5"


def test_the_cache_is_bounded(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results_model, "_KEPT", 3)
    model = ResultsModel()
    asked = answering(model, 20 * PAGE)
    for page in range(20):
        see(model, qtbot, page * PAGE)
    assert len(model._at_hand) == 3 * PAGE
    see(model, qtbot, 0)
    assert asked.count(0) == 2


def test_unreadable_pages_are_not_asked_for_for_ever(qtbot: QtBot) -> None:
    model = ResultsModel()
    grow(model, (0, 3))
    with qtbot.waitSignal(model.wanted):
        model.row(0)
    model.give_up()
    with qtbot.assertNotEmitted(model.wanted, wait=20):
        assert text(model, 0, Column.RESULT) == "…"
    assert "cannot be read" in model.data(model.index(0, Column.RESULT), Qt.ItemDataRole.ToolTipRole)


def test_a_failed_task_is_told_by_word_and_icon(qtbot: QtBot) -> None:
    model = ResultsModel()
    grow(model, (0, 1))
    model.put(page_of(model, 0, [0], status="died"))
    status = model.index(0, Column.STATUS)
    assert model.data(status) == "Worker died"
    assert not model.data(status, Qt.ItemDataRole.DecorationRole).isNull()
    assert model.data(status, Qt.ItemDataRole.ForegroundRole) is not None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(SPANS)
def test_more_rows_than_qt_counts(qapp: object, spans: list[tuple[int, int]]) -> None:
    model = ResultsModel()
    model.QT_MOST = 30
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for row, count in spans:
        grow(model, (min(row, model.total), count))
    assert model.total == sum(count for _, count in spans)
    assert model.rowCount() == min(model.total, 30)
    del tester


def test_rows_around_the_screen_are_read_after_those_on_it(qtbot: QtBot) -> None:
    model = ResultsModel()
    asked = answering(model, 10_000_000)
    first = 5_000_000 // PAGE * PAGE
    model.near(first + 10, first + 50)
    for row in range(first + 10, first + 50):
        model.row(row)
    qtbot.waitUntil(lambda: len(asked) == 2)
    assert asked == [first, first - PAGE]
