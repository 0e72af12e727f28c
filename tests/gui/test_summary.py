"""The Summary tab: words, numbers and charts of a run, and what clicking them asks for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QWheelEvent
from PySide6.QtWidgets import QApplication, QMenu, QToolTip
from pytestqt.qtbot import QtBot

from engine.host.record.store import Failure
from engine.results.answers import Histogram
from engine.results.timeline.answers import Throughput
from engine.runs import DB
from gui.kit import ask
from gui.summary import charts
from gui.summary import view as summary
from gui.summary.axis import Axis
from gui.summary.chart import BarChart
from gui.summary.view import SummaryView
from tests.accessibility import faults
from tests.rows import row
from tests.unit.query.made import Made

PATIENCE = 20_000
LEFT = Qt.MouseButton.LeftButton
NO_KEYS = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    made = Made(tmp_path, total=10)
    made.store.results(1, row(0, [1] * 4, seconds=0.25))
    made.store.failure(Failure(5, 1, "timeout", "too long", "", 1, None, None, 1006.0))
    made.store.results(1, row(4, [1] * 4, bytes([0, 2, 0, 0]), seconds=0.5))
    made.store.facts(state="finished", ended=1010.0, ran=10.0, workers=2)
    made.commit()
    yield made
    made.close()


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[SummaryView]:
    view = SummaryView(can_filter=True)
    qtbot.addWidget(view)
    view.resize(700, 900)
    view.show()
    yield view
    view.close_run()


@pytest.fixture
def shown(qtbot: QtBot, view: SummaryView, made: Made) -> SummaryView:
    view.show_run(made.folder)
    qtbot.waitUntil(lambda: view.throughput._bars is not None and bool(view.verdict.text()), timeout=PATIENCE)
    return view


def test_words_and_numbers(shown: SummaryView) -> None:
    assert shown.verdict.text() == (
        "f: finished, 8 of 10 tasks done in 10 s; 2 workers were busy 15% of the time."
        " 1 failed, at their time limit."
    )
    rows = {name.text(): value.text() for name, value in shown._labels}
    assert rows["Tasks"] == "7 ok, 1 timeout, 2 missing"
    assert rows["Ran for"] == "10.0 s"
    assert rows["All tasks together"] == "3.00 s"
    assert rows["Speed-up"] == "0.30 times, 15% of the workers' time"
    assert rows["Median"] == "250 ms"
    assert len(shown._buttons) == 5
    assert shown._buttons[0].text() == "500 ms  task 4  4"
    assert not faults(shown)


def test_a_click_goes_to_a_long_task(qtbot: QtBot, shown: SummaryView) -> None:
    with qtbot.waitSignal(shown.task_chosen, timeout=PATIENCE) as chosen:
        shown._buttons[1].click()
    assert chosen.args == [5]


def test_a_bar_chooses_its_tasks(qtbot: QtBot, shown: SummaryView) -> None:
    chart = shown.histogram
    last = QPoint(chart.width() - 2, chart.height() // 2)
    with qtbot.waitSignal(shown.durations_chosen, timeout=PATIENCE) as chosen:
        qtbot.mouseClick(chart, LEFT, pos=last)
    assert chosen.args is not None
    assert chosen.args[0] < chosen.args[1] == 0.5
    with qtbot.assertNotEmitted(shown.durations_chosen):
        qtbot.mouseClick(chart, LEFT, pos=QPoint(chart.width() // 2, 50))  # no task took so long


def test_what_comes_in_is_added_up(qtbot: QtBot, shown: SummaryView, made: Made) -> None:
    made.store.results(1, row(8, [1] * 2, seconds=2.0))
    made.commit()
    shown._live, shown._again_at = True, 0.0  # as during the run
    shown.grew()
    qtbot.waitUntil(lambda: shown._buttons[0].text().startswith("2.00 s"), timeout=PATIENCE)


def test_without_a_run(qtbot: QtBot, view: SummaryView, tmp_path: Path) -> None:
    assert view._note.text() == summary.NO_RUN
    (tmp_path / DB).write_bytes(b"nothing like it" * 100)
    view.show_run(tmp_path)
    qtbot.waitUntil(lambda: "cannot be summed up" in view._note.text(), timeout=PATIENCE)


def test_the_chart_is_read_and_used_by_keys(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    chart = BarChart("How long tasks took", can_choose=True)
    qtbot.addWidget(chart)
    chart.resize(300, 170)
    chart.show()
    bars = charts.durations(Histogram((0.0, 1.0, 2.0, 3.0), (3, 0, 1), False))
    chart.show_bars(bars)
    assert chart.accessibleDescription().startswith("From < 1 µs to 3.00 s. The tallest bar is")
    for _ in range(3):
        qtbot.keyClick(chart, Qt.Key.Key_Right)
    assert chart.accessibleDescription().startswith("2.00 s to 3.00 s: 1 task.")
    with qtbot.waitSignal(chart.chosen) as chosen:
        qtbot.keyClick(chart, Qt.Key.Key_Return)
    assert chosen.args == [2]
    told: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _at, text, _widget: told.append(text))
    qtbot.mouseMove(chart, QPoint(20, 100))
    qtbot.waitUntil(lambda: bool(told))
    assert told[-1].endswith("1.00 s: 3 tasks")
    image = chart.grab().toImage()
    assert image.pixelColor(20, 100) != image.pixelColor(150, 100)


def test_a_chart_is_saved(
    qtbot: QtBot, shown: SummaryView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, head in (
        ("a.png", b"\x89PNG"),
        ("a.svg", b"<?xml"),
        ("a.csv", b"from_seconds,to_seconds,tasks\n"),
    ):
        monkeypatch.setattr(ask, "chart_to_save", lambda *_, name=name: str(tmp_path / name))
        shown.histogram.save_asked.emit()
        qtbot.waitUntil(lambda name=name: shown.told.text() == f"The chart is saved as {name}.")
        assert (tmp_path / name).read_bytes().startswith(head)
    rows = (tmp_path / "a.csv").read_text().splitlines()[1:]
    assert sum(float(line.split(",")[2]) for line in rows) == 8
    monkeypatch.setattr(ask, "chart_to_save", lambda *_: str(tmp_path / "no" / "a.png"))
    shown.histogram.save_asked.emit()
    qtbot.waitUntil(lambda: shown.told.text().startswith("The chart was not saved: "))


def test_the_menu_of_a_chart(qtbot: QtBot, shown: SummaryView) -> None:
    place = QPoint(10, 10)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, shown.throughput.mapToGlobal(place))
    QApplication.sendEvent(shown.throughput, event)
    menu = shown.throughput.findChild(QMenu)
    assert menu is not None
    copy = menu.actions()[2]
    copy.trigger()
    assert QGuiApplication.clipboard().text().startswith("from_seconds,to_seconds,tasks_per_second\n0,")
    menu.close()


def drag(
    qtbot: QtBot, chart: BarChart, start: float, stop: float, keys: Qt.KeyboardModifier = NO_KEYS
) -> None:
    """Drag from one fraction of the width to another."""
    places = [QPoint(round(share * chart.width()), 60) for share in (start, (start + stop) / 2, stop)]
    qtbot.mousePress(chart, LEFT, keys, places[0])
    for place in places[1:]:
        qtbot.mouseMove(chart, place)
    qtbot.mouseRelease(chart, LEFT, keys, places[-1])


def span(chart: BarChart) -> tuple[float, float]:
    assert chart.bars is not None
    return chart.bars.numbers[0], chart.bars.numbers[-1]


def test_zooming_counts_the_part_that_is_seen_anew(qtbot: QtBot, shown: SummaryView) -> None:
    chart = shown.histogram
    assert span(chart) == (0.25, 0.5)
    drag(qtbot, chart, 0.8, 1.0, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: span(chart) == pytest.approx((0.45, 0.5), abs=0.002), timeout=PATIENCE)
    assert chart.bars is not None
    assert (len(chart.bars.values), sum(chart.bars.values)) == (40, 4)
    assert chart.accessibleDescription().startswith("Zoomed in. From 450 ms")
    seen = span(chart)
    drag(qtbot, chart, 0.2, 0.7)
    qtbot.waitUntil(lambda: span(chart)[0] < seen[0] - 0.02, timeout=PATIENCE)
    assert span(chart)[1] - span(chart)[0] == pytest.approx(seen[1] - seen[0])
    drag(qtbot, chart, 0.9, 0.1)
    qtbot.waitUntil(lambda: span(chart)[1] == 0.5, timeout=PATIENCE)
    last = QPoint(chart.width() - 2, chart.height() // 2)
    with qtbot.waitSignal(shown.durations_chosen, timeout=PATIENCE) as chosen:
        qtbot.mouseClick(chart, LEFT, pos=last)
    assert chosen.args is not None
    assert chosen.args[1] - chosen.args[0] < 0.002, "a click chooses a bar as it is seen"
    with qtbot.assertNotEmitted(shown.durations_chosen):
        qtbot.mouseDClick(chart, LEFT, pos=last)
    assert chart.is_whole
    assert span(chart) == (0.25, 0.5)


def test_throughput_is_zoomed_by_wheel_and_keys(qtbot: QtBot, shown: SummaryView, made: Made) -> None:
    chart = shown.throughput
    place = QPointF(0, 60)
    for keys in (NO_KEYS, Qt.KeyboardModifier.ControlModifier):
        wheel = QWheelEvent(
            place, chart.mapToGlobal(place), QPoint(), QPoint(0, 480), Qt.MouseButton.NoButton, keys,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        chart.clearFocus()
        QApplication.sendEvent(chart, wheel)
        assert chart.is_whole == (keys == NO_KEYS), "the wheel alone is for the page"
    qtbot.waitUntil(lambda: span(chart) == pytest.approx((0, 10 / 1.25**4)), timeout=PATIENCE)
    assert chart.bars is not None
    assert sum(chart.bars.values) / 200 * span(chart)[1] == pytest.approx(4 + 4 * 0.096 / 3.5)
    qtbot.keyClick(chart, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: span(chart)[0] > 0, timeout=PATIENCE)
    shown.grew()
    made.store.results(1, row(8, [1] * 2, seconds=2.0))
    made.commit()
    before = span(chart)
    shown._live, shown._again_at = True, 0.0  # as during the run
    shown.grew()
    qtbot.waitUntil(lambda: shown._buttons[0].text().startswith("2.00 s"), timeout=PATIENCE)
    assert span(chart) == before, "who looks at a part goes on doing so"
    qtbot.keyClick(chart, Qt.Key.Key_0)
    assert chart.is_whole
    qtbot.keyClick(chart, Qt.Key.Key_Minus)
    assert chart.is_whole


def test_an_axis() -> None:
    whole = Axis(1.0, 10_000.0, True)
    assert whole.share(100.0) == pytest.approx(0.5)
    assert whole.zoomed(0.5, 2.0) == pytest.approx((10.0, 1000.0, True))
    assert whole.part(-0.25, 0.25).within(whole) == pytest.approx((1.0, 100.0, True))
    assert whole.part(-1, 3).within(whole) == whole
    even = Axis(0.0, 10.0, False)
    assert even.part(0.8, 1.3).within(even) == pytest.approx((5.0, 10.0, False))
    assert even.part(0.5, 0.5).within(even) == pytest.approx((5.0, 5.0, False), abs=1e-4)


def test_tasks_over_time() -> None:
    bars = charts.over_time(Throughput(1000.0, 1002.0, (10.0, 0.5)))
    assert list(bars.values) == [10.0, 0.5]
    assert bars.tips == ["At 0 s: 10.0 tasks a second", "At 1.00 s: 0.500 tasks a second"]
    assert bars.description == "5.2 tasks a second on average in 2.00 s; 10.0 tasks a second at most"
