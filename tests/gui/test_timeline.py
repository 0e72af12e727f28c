"""The Timeline tab: what is drawn of a run, navigation, and choosing tasks and spans of time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from engine.runs import DB
from gui.kit import theme
from gui.shell.pages.job import JobPage
from gui.shell.window import Window
from gui.timeline import ink
from gui.timeline import view as timeline
from gui.timeline.area import TimelineArea
from gui.timeline.span import Span, ticks
from gui.timeline.view import TimelineView
from tests.accessibility import faults
from tests.as_it_is import as_it_is, ended, start
from tests.gui.doing import press
from tests.rows import row
from tests.running import make_job, run_job
from tests.unit.query.made import Made

PATIENCE = 20_000
NO_MODIFIER = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    """Two workers, eight tasks of a second each from 1000 on, then an idle second."""
    made = Made(tmp_path)
    for worker in (1, 2):
        made.store.worker_started(worker, 100 + worker, 1000.0)
    made.store.results(1, row(0, [1] * 4, starts=[1000.0, 1001.0, 1002.0, 1003.0], seconds=1.0))
    failed = bytes([0, 1, 0, 0])
    made.store.results(2, row(4, [1] * 4, failed, starts=[1000.0, 1001.0, 1002.0, 1003.0], seconds=1.0))
    made.store.facts(state="finished", ended=1005.0)
    made.commit()
    yield made
    made.close()


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[TimelineView]:
    view = TimelineView(can_filter=True)
    qtbot.addWidget(view)
    view.resize(900, 300)
    view.show()
    yield view
    view.close_run()


@pytest.fixture
def shown(qtbot: QtBot, view: TimelineView, made: Made) -> TimelineView:
    view.show_run(made.folder)
    sharp(qtbot, view)
    return view


def sharp(qtbot: QtBot, view: TimelineView) -> None:
    """Wait until the visible part has been read."""

    def is_sharp() -> bool:
        drawn = view.area.view
        return drawn is not None and not view._asked and Span(drawn.begin, drawn.end) == view.area.span

    qtbot.waitUntil(is_sharp, timeout=PATIENCE)


def at(area: TimelineArea, time: float, lane: int = 0) -> QPoint:
    place = area._place()
    return QPointF(place.x(time), place.row(lane).center().y()).toPoint()


def drag(
    qtbot: QtBot, area: TimelineArea, start: QPoint, stop: QPoint, modifier: object = NO_MODIFIER
) -> None:
    port = area.viewport()
    qtbot.mousePress(port, LEFT, modifier, start)  # type: ignore[arg-type]
    qtbot.mouseMove(port, (start + stop) / 2)
    qtbot.mouseMove(port, stop)
    qtbot.mouseRelease(port, LEFT, NO_MODIFIER, stop)


def picture(area: TimelineArea) -> QImage:
    return area.viewport().grab().toImage()


def test_what_is_drawn(qtbot: QtBot, shown: TimelineView) -> None:
    area = shown.area
    assert [(bar.task, bar.lane, bar.status) for bar in area.bars] == [
        *((task, 0, 0) for task in range(4)),
        *((task, 1, int(task == 5)) for task in range(4, 8)),
    ]
    image, ratio = picture(area), area.devicePixelRatioF()

    def color(time: float, lane: int, up: int = 0) -> QColor:
        inside = int(area._place().row(lane).height()) // 2 - 3
        place = at(area, time, lane) - QPoint(0, up or inside)
        return image.pixelColor(place * ratio)

    colors = theme.colors()
    assert color(1000.5, 0) == QColor(colors.accent)
    assert color(1001.2, 1) == QColor(colors.problem)
    assert color(1004.5, 0) == QColor(colors.base)
    above = area._place().row(1).height() // 2 + 3
    assert color(1001.5, 1, int(above)) == QColor(colors.problem), "a second sign: it stands out"
    assert color(1002.5, 1, int(above)) == QColor(colors.base)
    assert shown.legend.accessibleName() == "Legend: OK, Error"
    assert area.accessibleDescription() == "2 lanes, from 0 s to 5.00 s of 5.00 s"
    assert not faults(shown)
    assert shown.by_stage.isHidden(), "there is one stage"


def test_zoom_and_move(qtbot: QtBot, shown: TimelineView) -> None:
    area = shown.area
    area.zoom(5.0)
    assert area.span == pytest.approx((1002.0, 1003.0))
    sharp(qtbot, shown)
    assert {bar.task for bar in area.bars} >= {2, 6}
    qtbot.keyClick(area, Qt.Key.Key_Right)
    assert area.span == pytest.approx((1002.1, 1003.1))
    qtbot.keyClick(area, Qt.Key.Key_Home)
    assert area.span == pytest.approx((1000.0, 1001.0))
    qtbot.keyClick(area, Qt.Key.Key_Left)
    assert area.span == pytest.approx((1000.0, 1001.0)), "there is nothing before the run"
    qtbot.keyClick(area, Qt.Key.Key_End)
    assert area.span == pytest.approx((1004.0, 1005.0))
    qtbot.keyClick(area, Qt.Key.Key_Minus)
    assert area.span.length == pytest.approx(1.25)
    qtbot.keyClick(area, Qt.Key.Key_0)
    assert area.span == pytest.approx((1000.0, 1005.0))
    sharp(qtbot, shown)


def test_wheel_and_drag(qtbot: QtBot, shown: TimelineView) -> None:
    area = shown.area
    place = at(area, 1001.0)
    turn(area, place, 120)
    assert area.span.length == pytest.approx(4.0)
    assert area._place().x(1001.0) == pytest.approx(place.x(), abs=1.5), "what is under the mouse stays"
    turn(area, place, -120, SHIFT)
    assert area.span.begin == pytest.approx(1000.2 + 0.4, abs=0.02)
    before = area.span
    drag(qtbot, area, at(area, 1002.0), at(area, 1002.5))
    assert area.span.begin == pytest.approx(before.begin - 0.5, abs=0.02)
    assert shown.area.current is None, "a drag is no click"
    sharp(qtbot, shown)


def turn(area: TimelineArea, place: QPoint, steps: int, modifiers: Qt.KeyboardModifier = NO_MODIFIER) -> None:
    port = area.viewport()
    event = QWheelEvent(
        QPointF(place), QPointF(port.mapToGlobal(place)), QPoint(), QPoint(0, steps),
        Qt.MouseButton.NoButton, modifiers, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(port, event)


def test_a_click_chooses_the_task_and_back(qtbot: QtBot, shown: TimelineView) -> None:
    with qtbot.waitSignal(shown.task_chosen, timeout=PATIENCE) as chosen:
        qtbot.mouseClick(shown.area.viewport(), LEFT, pos=at(shown.area, 1002.5, 1))
    assert chosen.args == [6]
    assert shown.area.current is not None
    assert (shown.area.current.task, shown.area.current.worker) == (6, 2)
    assert shown.sums.text() == "Task 6: OK, 1.00 s, started at 2.00 s, Worker 2"
    with qtbot.waitSignal(shown.task_opened, timeout=PATIENCE) as opened:
        shown.open_task.click()
    assert opened.args == [6]
    shown.area.zoom(10.0, 1000.0)
    shown.show_task(3)
    qtbot.waitUntil(lambda: shown.area.current is not None and shown.area.current.task == 3, timeout=PATIENCE)
    span = shown.area.span
    assert span.begin <= 1003.0
    assert span.end >= 1004.0
    sharp(qtbot, shown)


def test_a_range_is_summed_up(qtbot: QtBot, shown: TimelineView) -> None:
    area = shown.area
    assert shown.in_table.isHidden()
    ruler = QPoint(0, 8)
    drag(qtbot, area, QPoint(at(area, 1001.0).x(), 0) + ruler, QPoint(at(area, 1004.5).x(), 0) + ruler)
    qtbot.waitUntil(lambda: "busy" in shown.sums.text(), timeout=PATIENCE)
    assert area.chosen == pytest.approx((1001.0, 1004.5), abs=0.02)
    assert "tasks, 1 failed, 1.00 s on average; workers were busy 8" in shown.sums.text()
    with qtbot.waitSignal(shown.range_chosen, timeout=PATIENCE) as chosen:
        shown.in_table.click()
    assert chosen.args == pytest.approx([1001.0, 1004.5], abs=0.02)
    qtbot.keyClick(area, Qt.Key.Key_Return)
    assert area.span == pytest.approx(area.chosen)
    qtbot.keyClick(area, Qt.Key.Key_Escape)
    assert area.chosen is None
    assert shown.in_table.isHidden()
    assert shown.sums.text() == timeline.HINT
    sharp(qtbot, shown)


def test_a_range_by_keys(qtbot: QtBot, shown: TimelineView) -> None:
    for _ in range(3):
        qtbot.keyClick(shown.area, Qt.Key.Key_Right, SHIFT)
    assert shown.area.chosen == pytest.approx((1002.5, 1002.65), abs=0.001)
    qtbot.waitUntil(lambda: "2 tasks" in shown.sums.text(), timeout=PATIENCE)


def test_a_tip_says_which_task_it_is(
    qtbot: QtBot, shown: TimelineView, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _at, text, _widget: told.append(text))
    shown.area._ask(QPointF(at(shown.area, 1001.5, 1)), False)
    qtbot.waitUntil(lambda: bool(told), timeout=PATIENCE)
    assert told == ["Task 5: Error\n1.00 s, started at 1.00 s\nWorker 2"]


def test_a_run_that_grows(qtbot: QtBot, shown: TimelineView, made: Made) -> None:
    made.store.results(1, row(8, [1], starts=[1006.0], seconds=1.0))
    made.commit()
    shown.grew()
    qtbot.waitUntil(lambda: len(shown.area.bars) == 9, timeout=PATIENCE)
    assert shown.area.span == Span(1000.0, 1007.0), "all of the run is shown, as it grows"


def test_what_is_read_is_no_more_than_the_screen(qtbot: QtBot, view: TimelineView, made: Made) -> None:
    for worker in range(3, 200):
        made.store.worker_started(worker, 100 + worker, 1000.0)
        made.store.results(worker, row(10 * worker, [1], starts=[1000.0]))
    made.commit()
    view.show_run(made.folder)
    sharp(qtbot, view)
    assert view.area.view is not None
    assert view.area.view.total == 199
    assert len(view.area.view.lanes) < 20
    view.show_task(1500)
    qtbot.waitUntil(lambda: any(bar.task == 1500 for bar in view.area.bars), timeout=PATIENCE)
    picture(view.area)


def test_without_a_run(qtbot: QtBot, view: TimelineView, tmp_path: Path, made: Made) -> None:
    assert view._note.text() == timeline.NO_RUN
    view.show_run(tmp_path)
    qtbot.waitUntil(lambda: view._note.text() == timeline.NO_TASKS, timeout=PATIENCE)
    view.show_run(made.folder)
    sharp(qtbot, view)
    assert view._note.isHidden()
    view.close_run()
    assert view._note.text() == timeline.NO_RUN


def test_a_run_that_cannot_be_read(qtbot: QtBot, view: TimelineView, tmp_path: Path) -> None:
    (tmp_path / DB).write_bytes(b"nothing like it" * 100)
    view.show_run(tmp_path)
    qtbot.waitUntil(lambda: "cannot be read" in view._note.text(), timeout=PATIENCE)


def test_table_and_timeline_have_the_same_task(qtbot: QtBot, window: Window, made: Made) -> None:
    page = window.page
    assert isinstance(page, JobPage)
    views = page.views
    page.shown.show(made.folder)
    press(window, "view.timeline")
    sharp(qtbot, views.timeline)
    qtbot.mouseClick(views.timeline.area.viewport(), LEFT, pos=at(views.timeline.area, 1002.5, 1))
    qtbot.waitUntil(lambda: views.results.table.current == 6, timeout=PATIENCE)
    views.timeline.open_task.click()
    assert views.results_in_front
    qtbot.waitUntil(lambda: views.results.model.row(1) is not None, timeout=PATIENCE)
    views.results.table.go(1)
    views.setCurrentIndex(3)
    area = views.timeline.area
    qtbot.waitUntil(lambda: area.current is not None and area.current.task == 1, timeout=PATIENCE)


DIES = "import os\ndef f(x):\n    return x if x != 3 else os._exit(7)"


def test_a_real_run(qtbot: QtBot, view: TimelineView, tmp_path: Path) -> None:
    folder = run_job(make_job(tmp_path, DIES, inputs=range(6), workers=1)).folder
    view.show_run(folder)
    sharp(qtbot, view)
    drawn = view.area.view
    assert drawn is not None
    assert [(mark.kind, mark.task) for mark in drawn.marks] == [("died", 3), ("started", None)]
    assert drawn.total == 1, "the second worker has the lane of the first"
    assert (ink.STATUSES.index("died")) in {ink.status_of(pixel) for pixel in drawn.plane}
    assert "Death of a worker" in view.legend.accessibleName()
    died = drawn.marks[0]
    place = view.area._place()
    assert view.area.mark_at(QPointF(place.x(died.time), place.row(0).center().y())) is not None
    picture(view.area)


CALLS = """
import time
from multiprocessing import Pool
def load(x): return x
def save(x): return None
if __name__ == "__main__":
    with Pool(2) as pool:
        time.sleep(0.1)
        pool.map(load, range(4))
        pool.map(save, range(4))
"""


def test_a_script_as_it_is(
    qtbot: QtBot, view: TimelineView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "calls.py").write_text(CALLS)
    run = start(as_it_is("calls.py", runs=tmp_path / "runs"), tmp_path)
    folder = ended(run, tmp_path, True).folder
    assert folder is not None
    view.show_run(folder)
    sharp(qtbot, view)
    area, port = view.area, view.area.viewport()
    assert area.view is not None
    assert area.view.main is not None
    assert area.view.stages == ("load", "save")
    assert [call.name for call in area.view.calls] == ["load", "save"]
    assert area.accessibleDescription().startswith("main and 2 lanes")
    assert view.by_status.isVisible()
    view.by_stage.click()
    qtbot.waitUntil(lambda: view.legend.accessibleName() == "Legend: A load, B save", timeout=PATIENCE)
    sharp(qtbot, view)
    first, second = area.view.calls
    image, ratio = picture(area), area.devicePixelRatioF()
    for call in (first, second):
        place = at(area, (call.begin + call.end) / 2)
        top = QPoint(place.x(), int(area._place().row(0).y()) + 2)
        assert image.pixelColor(top * ratio) == ink.stage_ink(theme.colors(), call.group)
    told: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _at, text, _widget: told.append(text))
    begin = area.view.main.begin
    assert first.begin > begin + 0.1
    for time in ((second.begin + second.end) / 2, begin + 0.05):
        area._tip_at = port.mapToGlobal(at(area, time))
        area._ask(QPointF(at(area, time)), False)
    assert told[0].startswith("Stage 2: save\n4 tasks in")
    assert told[1].startswith("main, the script itself: ")
    qtbot.mouseClick(port, LEFT, pos=at(area, (second.begin + second.end) / 2))
    assert area.chosen == pytest.approx((second.begin, second.end))
    qtbot.waitUntil(lambda: ": 4 tasks" in view.sums.text(), timeout=PATIENCE)
    assert not faults(view)


@pytest.mark.parametrize(
    ("length", "texts"),
    [
        (10.0, ["0 s", "2 s", "4 s", "6 s", "8 s", "10 s"]),
        (0.001, ["0.0000 s", "0.0002 s", "0.0004 s", "0.0006 s", "0.0008 s", "0.0010 s"]),
        (300.0, ["0:00", "1:00", "2:00", "3:00", "4:00", "5:00"]),
        (18000.0, ["0:00", "1:00:00", "2:00:00", "3:00:00", "4:00:00", "5:00:00"]),
    ],
)
def test_ticks(length: float, texts: list[str]) -> None:
    found = ticks(Span(1000.0, 1000.0 + length * 1.0001), 1000.0, 600.0, 100.0)
    assert [text for _, text in found] == texts
    assert found[1][0] == pytest.approx(1000.0 + length / 5)


def test_a_span_stays_within_the_run() -> None:
    whole = Span(0.0, 10.0)
    assert Span(-5, 3).within(whole) == Span(0, 8)
    assert Span(5, 50).within(whole) == whole
    assert Span(4, 4).within(whole).length == pytest.approx(1e-5)
    assert Span(4, 6).zoomed(4.5, 2) == Span(4.25, 5.25)


def test_a_span_and_a_duration_choose_rows_of_the_table(qtbot: QtBot, window: Window, made: Made) -> None:
    page = window.page
    assert isinstance(page, JobPage)
    views = page.views
    page.shown.show(made.folder)
    press(window, "view.results")
    qtbot.waitUntil(lambda: views.results.model.total == 8)
    whole = views.results.model.total
    views.timeline.range_chosen.emit(1001.4, 1002.6)
    assert views.results_in_front
    qtbot.waitUntil(lambda: 0 < views.results.model.total < whole)
    views.summary.durations_chosen.emit(0.0, 1e9)
    qtbot.waitUntil(lambda: views.results.model.total == whole)
