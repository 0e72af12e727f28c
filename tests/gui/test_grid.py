"""The painted table: keys, mouse, scrolling of any number of rows, columns, and what screen readers get."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTableView
from pytestqt.qtbot import QtBot

from gui.kit import theme
from gui.kit.columns import ROOT, Cell, Index
from gui.kit.grid.area import GridArea
from gui.kit.grid.model import GridModel

_Key, _Modifier, _Left = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton.LeftButton


class Numbers(GridModel):
    """Rows that number themselves, and how often one was read."""

    headers = MappingProxyType({0: ("Number", ""), 1: ("Text", ""), 2: ("Rest", "")})
    right = (0,)
    monospace = (1,)

    def __init__(self, rows: int) -> None:
        super().__init__()
        self.rows = rows
        self.looks = 0

    @property
    def total(self) -> int:
        return self.rows

    def rowCount(self, parent: Index = ROOT) -> int:  # noqa: N802
        return min(self.rows, self.QT_MOST)

    def cells(self, row: int) -> Sequence[Cell]:
        self.looks += 1
        return Cell(str(row)), Cell(f"text {row}"), Cell("rest", "problem")

    def insert(self, row: int, count: int) -> None:
        self.rows += count
        self.came_in.emit(row, count)


def made(qtbot: QtBot, rows: int) -> GridArea:
    area = GridArea(Numbers(rows), "Numbers", (1,))
    area.header.set_natural({0: 80, 1: 100, 2: 60})
    qtbot.addWidget(area)
    area.resize(400, 300)
    area.show()
    qtbot.waitExposed(area)
    area.setFocus()
    area.settle()
    return area


def press(area: GridArea, key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> None:
    together = _Modifier.NoModifier
    for modifier in modifiers:
        together |= modifier
    QTest.keyClick(area, key, together)


def point(area: GridArea, row: int, column: int = 1) -> QPoint:
    return area.cell_rect(row, column).center()


def is_seen(area: GridArea, row: int) -> bool:
    rect = area.cell_rect(row, 0)
    return rect.top() >= 0 and rect.bottom() < area.viewport().height()


@pytest.mark.parametrize("rows", [1_000, 10_000_000, 100_000_000, 10**12])
def test_keys_go_anywhere_in_any_number_of_rows(qtbot: QtBot, rows: int) -> None:
    area = made(qtbot, rows)
    bar = area.verticalScrollBar()
    press(area, _Key.Key_Down)
    assert area.current == 0
    press(area, _Key.Key_End)
    assert area.current == rows - 1
    assert is_seen(area, rows - 1)
    assert bar.value() == bar.maximum()
    press(area, _Key.Key_Up)
    press(area, _Key.Key_PageUp)
    assert area.current == rows - 2 - area.page
    assert is_seen(area, area.current)
    press(area, _Key.Key_Home, _Modifier.ControlModifier)
    assert (area.current, bar.value()) == (0, 0)
    press(area, _Key.Key_PageDown)
    press(area, _Key.Key_Down, _Modifier.ShiftModifier)
    assert area.selection.spans == [(area.page, area.page + 2)]
    press(area, _Key.Key_End, _Modifier.ControlModifier, _Modifier.ShiftModifier)
    assert area.selection.spans == [(area.page, rows)]
    press(area, _Key.Key_A, _Modifier.ControlModifier)
    assert len(area.selection) == rows


def test_the_bar_and_the_wheel_move_by_rows_where_a_unit_is_many_rows(qtbot: QtBot) -> None:
    rows = 10**12
    area = made(qtbot, rows)
    bar = area.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    middle = area.top
    assert abs(middle - rows // 2) < rows // 1000
    bar.triggerAction(bar.SliderAction.SliderSingleStepAdd)
    assert area.top == middle + 1
    bar.triggerAction(bar.SliderAction.SliderPageStepSub)
    assert 0 < middle + 1 - area.top <= area.page
    before = area.top
    at = QPointF(area.viewport().rect().center())
    wheel = QWheelEvent(
        at,
        area.viewport().mapToGlobal(at),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        _Modifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(area.viewport(), wheel)
    assert area.top == before + QApplication.wheelScrollLines()


def test_typing_selects_nothing_and_walks_through_no_rows(qtbot: QtBot) -> None:
    area = made(qtbot, 1_000_000)
    assert isinstance(area.model, Numbers)
    QTest.keyClicks(area, "xyz 123")
    assert area.current == -1
    assert not area.selection
    assert area.model.looks < 10_000


def test_the_mouse_selects_extends_adds_and_drags(qtbot: QtBot) -> None:
    area = made(qtbot, 1_000)
    view = area.viewport()
    heard: list[int] = []
    area.current_changed.connect(heard.append)
    QTest.mouseClick(view, _Left, _Modifier.NoModifier, point(area, 2))
    assert (area.current, area.column) == (2, 1)
    QTest.mouseClick(view, _Left, _Modifier.ShiftModifier, point(area, 5))
    assert area.selection.spans == [(2, 6)]
    QTest.mouseClick(view, _Left, _Modifier.ControlModifier, point(area, 4))
    assert area.selection.spans == [(2, 4), (5, 6)]
    QTest.mousePress(view, _Left, _Modifier.NoModifier, point(area, 1))
    QTest.mouseMove(view, point(area, 3))
    QTest.mouseMove(view, QPoint(50, view.height() + 40))  # beyond the edge, where it scrolls
    qtbot.waitUntil(lambda: area.top > 20)
    QTest.mouseRelease(view, _Left, _Modifier.NoModifier, QPoint(50, view.height() + 40))
    first, stop = area.selection.spans[0]
    assert first == 1
    assert stop > 20
    assert heard[:4] == [2, 5, 4, 1]
    QTest.mouseClick(view, _Left, _Modifier.NoModifier, QPoint(2, 2))
    press(area, _Key.Key_Right)
    press(area, _Key.Key_Right)
    press(area, _Key.Key_Right)
    assert area.column == 2


def test_rows_that_come_in_above_move_neither_screen_nor_selection(qtbot: QtBot) -> None:
    area = made(qtbot, 1_000)
    assert isinstance(area.model, Numbers)
    area.go(500)
    area.go(503, extend=True)
    y, top = area.cell_rect(500, 0).y(), area.top
    area.model.insert(0, 300)
    area.model.insert(1_250, 10)
    area.settle()
    assert area.selection.spans == [(800, 804)]
    assert (area.current, area.top) == (803, top + 300)
    assert area.cell_rect(800, 0).y() == y
    area.scroll_to(0)
    area.model.insert(0, 5)
    area.settle()
    assert area.top == 0


def test_what_is_painted_is_what_is_selected(qtbot: QtBot) -> None:
    area = made(qtbot, 1_000)
    area.go(3)
    area.clearFocus()
    picture = area.viewport().grab().toImage()
    scale = picture.devicePixelRatio()

    def color(row: int) -> QColor:
        at = area.cell_rect(row, 2).bottomRight() * scale
        return picture.pixelColor(at.x() - 2, at.y() - 1)

    assert color(3) == QColor(theme.colors().selection)
    assert color(4) != color(3)


def test_columns_fit_move_hide_and_are_remembered(qtbot: QtBot) -> None:
    area = made(qtbot, 1_000)
    header = area.header
    assert sum(map(header.sectionSize, range(3))) == area.viewport().width()
    with qtbot.waitSignal(header.edited):
        header.resizeSection(0, 120)  # as a drag does
    assert sum(map(header.sectionSize, range(3))) == area.viewport().width()
    header.sectionHandleDoubleClicked.emit(0)
    assert 40 <= header.sectionSize(0) < 120
    area.resize(700, 300)
    qtbot.waitUntil(lambda: sum(map(header.sectionSize, range(3))) == area.viewport().width())
    with qtbot.waitSignal(header.edited):
        header.moveSection(2, 0)
    header.show_column(1, False)
    assert header.shown == [2, 0]
    saved = header.saved()
    header.reset_columns()
    assert header.shown == [0, 1, 2]
    header.restore(saved)
    assert header.shown == [2, 0]
    header.show_column(2, False)
    header.show_column(0, False)
    assert header.shown == [0]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "7", '{"order": 3}', '{"hidden": ["Number", "Text", "Rest"], "widths": {"Text": "x"}}'],
)
def test_a_damaged_setting_is_no_setting(qtbot: QtBot, text: str) -> None:
    area = made(qtbot, 10)
    area.header.restore(text)
    assert area.header.shown == [0, 1, 2]


def test_the_menu_of_columns(qtbot: QtBot) -> None:
    area = made(qtbot, 10)
    menu = area.header.choose_columns(area.mapToGlobal(QPoint(5, 5)))
    next(action for action in menu.actions() if action.text() == "Rest").trigger()
    menu.close()
    assert area.header.shown == [0, 1]


def test_a_screen_reader_is_told_of_the_rows(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    area = made(qtbot, 10_000_000)
    area.go(5_000_000)
    (mirror,) = area.viewport().findChildren(QTableView)
    assert mirror.isVisible()
    assert mirror.currentIndex().row() == 5_000_000
    assert mirror.visualRect(mirror.currentIndex()) == area.cell_rect(5_000_000, 0)
    table = QAccessible.queryAccessibleInterface(mirror)
    assert table.role() == QAccessible.Role.Table
    assert table.text(QAccessible.Text.Name) == "Numbers"
    cell = table.child((5_000_000 + 1) * 4 + 1 + 1)  # headers are children too
    assert cell.text(QAccessible.Text.Name) == "text 5000000"
    assert cell.state().selected
    area.go(7)
    assert mirror.currentIndex().row() == 7
    QTest.mouseClick(area.viewport(), _Left, _Modifier.NoModifier, point(area, 3))
    assert area.current == 3
