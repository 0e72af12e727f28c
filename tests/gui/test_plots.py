"""The charts that can be zoomed: what workers used, and columns against each other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyqtgraph
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from engine.results import scatter
from gui.kit import ask
from gui.summary.plots import NOT_KNOWN, Plots
from gui.summary.view import SummaryView
from tests.accessibility import faults
from tests.rows import row
from tests.unit.query.made import Made

PATIENCE = 20_000


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    made = Made(tmp_path, total=100)
    made.store.results(1, row(0, [task * task for task in range(50)], seconds=0.25))
    for worker in (1, 2):
        made.store.worker_started(worker, worker, 1000.0, worker - 1)
    for moment in range(3):
        made.store.usage(1000 + moment, [(1, 10 << 20, moment / 2), (2, 20 << 20, float(moment))])
    made.store.facts(state="finished", ended=1010.0, ran=10.0, workers=2)
    made.commit()
    yield made
    made.close()


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[SummaryView]:
    view = SummaryView(can_filter=True)
    qtbot.addWidget(view)
    view.resize(700, 1600)
    view.show()
    yield view
    view.close_run()


def shown(qtbot: QtBot, view: SummaryView, made: Made) -> Plots:
    view.show_run(made.folder)
    qtbot.waitUntil(lambda: view.plots is not None, timeout=PATIENCE)
    assert view.plots is not None
    plots = view.plots
    qtbot.waitUntil(lambda: bool(plots.scatter.accessibleDescription()), timeout=PATIENCE)
    qtbot.waitUntil(lambda: plots.has_read_usage, timeout=PATIENCE)
    return plots


def total(plots: Plots) -> int:
    found = plots.scatter._scatter
    return found.total if found else -1


def test_what_workers_took_is_drawn_and_said(qtbot: QtBot, view: SummaryView, made: Made) -> None:
    plots = shown(qtbot, view, made)
    assert plots.memory.accessibleDescription() == "At most: Lane 1 10.0 MiB, Lane 2 20.0 MiB"
    assert plots.cpu.accessibleDescription() == "On average: Lane 1 33%, Lane 2 67%"
    assert plots.memory.csv().splitlines()[1] == "Lane 1,0,10485760"
    assert plots.not_known.isHidden()
    assert not faults(view)


def test_a_run_without_samples_says_so(qtbot: QtBot, view: SummaryView, tmp_path: Path) -> None:
    made = Made(tmp_path, 4)
    made.close()
    plots = shown(qtbot, view, made)
    assert plots.not_known.text() == NOT_KNOWN
    assert not plots.not_known.isHidden()
    assert plots.memory.isHidden()
    assert plots.said.text() == "No task has a number in both"


def test_a_point_is_its_task(qtbot: QtBot, view: SummaryView, made: Made) -> None:
    plots = shown(qtbot, view, made)
    plot = plots.scatter
    assert plot.accessibleDescription() == (
        "result against input: 50 tasks; input from 0 to 49, value from 0 to 2401"
    )
    at = plot.mapFromScene(plot.getPlotItem().getViewBox().mapViewToScene(QPointF(30, 900)))
    with qtbot.waitSignal(view.task_chosen, timeout=PATIENCE) as chosen:
        qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert chosen.args == [30]


def test_zooming_reads_the_part_that_is_seen(qtbot: QtBot, view: SummaryView, made: Made) -> None:
    plots = shown(qtbot, view, made)
    for _ in range(4):
        qtbot.keyClick(plots.scatter, Qt.Key.Key_Plus)
    qtbot.waitUntil(lambda: 0 <= total(plots) < 50, timeout=PATIENCE)
    assert not plots.scatter.is_whole
    qtbot.keyClick(plots.scatter, Qt.Key.Key_0)
    qtbot.waitUntil(lambda: total(plots) == 50, timeout=PATIENCE)
    assert plots.scatter.is_whole
    for keys, is_whole in (
        (Qt.KeyboardModifier.NoModifier, True),
        (Qt.KeyboardModifier.ControlModifier, False),
    ):
        place = QPointF(200, 100)
        wheel = QWheelEvent(
            place, plots.scatter.mapToGlobal(place), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, keys,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(plots.scatter.viewport(), wheel)
        assert plots.scatter.is_whole == is_whole


def test_a_drag_with_shift_chooses_what_is_seen(
    qtbot: QtBot, view: SummaryView, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    plots = shown(qtbot, view, made)
    monkeypatch.setitem(pyqtgraph.CONFIG_OPTIONS, "mouseRateLimit", -1)  # no hand is that fast
    plot = plots.scatter
    box = plot.getPlotItem().getViewBox()
    places = QPointF(9.5, 50), QPointF(20, 900), QPointF(30.5, 1600)
    corners = [plot.mapFromScene(box.mapViewToScene(place)) for place in places]
    kinds = [QEvent.Type.MouseButtonPress, *[QEvent.Type.MouseMove] * 3, QEvent.Type.MouseButtonRelease]
    for kind, at in zip(kinds, [corners[0], *corners, corners[-1]], strict=True):
        held = Qt.MouseButton.NoButton if kind == kinds[-1] else Qt.MouseButton.LeftButton
        button = Qt.MouseButton.NoButton if kind == kinds[1] else Qt.MouseButton.LeftButton
        place = plot.viewport().mapToGlobal(at)
        shift = Qt.KeyboardModifier.ShiftModifier
        event = QMouseEvent(kind, QPointF(at), QPointF(at), QPointF(place), button, held, shift)
        QApplication.sendEvent(plot.viewport(), event)
    qtbot.waitUntil(lambda: total(plots) == 21, timeout=PATIENCE)
    (left, right), _ = box.viewRange()
    assert (left, right) == pytest.approx((9.5, 30.5), abs=0.4)
    qtbot.keyClick(plot, Qt.Key.Key_0)
    qtbot.waitUntil(lambda: total(plots) == 50, timeout=PATIENCE)


def test_other_columns(qtbot: QtBot, view: SummaryView, made: Made) -> None:
    plots = shown(qtbot, view, made)
    plots.up.setCurrentIndex(plots.up.findData("started"))
    plots.up.activated.emit(plots.up.currentIndex())
    qtbot.waitUntil(
        lambda: plots.scatter.accessibleDescription().startswith("started against input"), timeout=PATIENCE
    )
    assert plots.scatter.csv().splitlines()[:2] == ["task,input,started", "0,0.0,1000.0"]


def test_a_plot_is_saved(
    qtbot: QtBot, view: SummaryView, made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plots = shown(qtbot, view, made)
    for name, head in (("a.png", b"\x89PNG"), ("a.svg", b"<?xml"), ("a.csv", b"worker,seconds,value\n")):
        monkeypatch.setattr(ask, "chart_to_save", lambda *_, name=name: str(tmp_path / name))
        plots.cpu.save_asked.emit()
        said = f"The chart is saved as {name}."
        qtbot.waitUntil(lambda said=said: view.told.text() == said, timeout=PATIENCE)
        assert (tmp_path / name).read_bytes().startswith(head)


def test_many_points_are_counted_in_a_grid(qtbot: QtBot, view: SummaryView, tmp_path: Path) -> None:
    made = Made(tmp_path, 10_000)
    made.store.results(1, row(0, [task % 100 for task in range(10_000)], seconds=0.25))
    made.close()
    plots = shown(qtbot, view, made)
    assert plots.said.text() == "10,000 tasks, counted in a grid: the more tasks, the stronger the colour"
    lines = plots.scatter.csv().splitlines()[1:]
    assert sum(int(line.rsplit(",", 1)[1]) for line in lines) == 10_000
    assert len(lines) <= scatter.GRID[0] * scatter.GRID[1]


def test_the_menu_of_a_plot(qtbot: QtBot, view: SummaryView, made: Made) -> None:
    plots = shown(qtbot, view, made)
    place = QPoint(10, 10)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, plots.scatter.mapToGlobal(place))
    QApplication.sendEvent(plots.scatter.viewport(), event)
    menu = next(menu for menu in plots.scatter.findChildren(QMenu) if menu.isVisible())
    assert [action.text() for action in menu.actions()] == ["See all", "Save chart…", "Copy as CSV"]
    menu.actions()[2].trigger()
    assert QGuiApplication.clipboard().text().startswith("task,input,value\n")
    menu.close()
