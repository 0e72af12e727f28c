"""The tabs of the pages: closable, movable, previews in italics."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import (
    QStyle,
    QStyleOptionTab,
    QStylePainter,
    QTabBar,
    QTabWidget,
    QToolButton,
    QWidget,
)

from gui.kit import icons

_CLOSE = QTabBar.ButtonPosition.RightSide
WIDEST = 220
NARROWEST = 120
"""Below this, tabs scroll: their titles would not tell them apart."""


class TabBar(QTabBar):
    """Draws previews in italics, and handles the middle button."""

    dismissed = Signal(int)
    """The middle button was clicked on a tab."""

    def __init__(self) -> None:
        super().__init__()
        self.previews: set[int] = set()
        """The positions of tabs in italics."""
        self.setMovable(True)
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.setUsesScrollButtons(True)
        self.setAccessibleName("Pages")

    def tabSizeHint(self, index: int) -> QSize:
        hint = super().tabSizeHint(index)
        return QSize(min(hint.width(), WIDEST), hint.height())

    def minimumTabSizeHint(self, index: int) -> QSize:
        least = min(self.tabSizeHint(index).width(), NARROWEST)
        hint = super().minimumTabSizeHint(index)
        return QSize(max(hint.width(), least), hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionTab()
        order = [at for at in range(self.count()) if at != self.currentIndex()]
        for at in [*order, self.currentIndex()]:
            if at < 0 or not self.isTabVisible(at):
                continue
            self.initStyleOption(option, at)
            font = QFont(self.font())
            font.setItalic(at in self.previews)
            painter.setFont(font)
            painter.drawControl(QStyle.ControlElement.CE_TabBarTabShape, option)
            painter.drawControl(QStyle.ControlElement.CE_TabBarTabLabel, option)
        painter.end()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.MiddleButton:
            at = self.tabAt(event.position().toPoint())
            if at >= 0:
                self.dismissed.emit(at)
            return
        super().mouseReleaseEvent(event)


class Tabs(QTabWidget):
    """The pages, or placeholders for those not looked at yet."""

    kept = Signal(int)
    """A double click on a tab: keep it."""

    def __init__(self) -> None:
        super().__init__()
        self.bar = TabBar()
        self.setTabBar(self.bar)
        self.setDocumentMode(True)
        self.bar.tabBarDoubleClicked.connect(self.kept)
        self.bar.dismissed.connect(self.tabCloseRequested)

    def put(self, at: int, page: QWidget) -> int:
        """Insert a page at a position, with a close button."""
        at = self.insertTab(at, page, "")
        close = QToolButton()
        close.setIcon(icons.icon("close"))
        close.setProperty("quiet", True)
        close.setToolTip("Close this page")
        close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close.setFixedSize(20, 20)
        close.clicked.connect(lambda: self.tabCloseRequested.emit(self.indexOf(page)))
        self.bar.setTabButton(at, _CLOSE, close)
        return at

    def dress(self, at: int, text: str, icon: str, tip: str, *, preview: bool, modified: bool) -> None:
        """Set the looks of a tab."""
        shown = (f"{text}*" if modified else text).replace("&", "&&")
        if self.tabText(at) != shown:  # else Qt would lay out and paint the whole page for nothing
            self.setTabText(at, shown)
        if self.tabIcon(at).cacheKey() != icons.icon(icon).cacheKey():
            self.setTabIcon(at, icons.icon(icon))
        self.setTabToolTip(at, tip)
        button = self.bar.tabButton(at, _CLOSE)
        if button is not None:
            button.setAccessibleName(f"Close {text}")
        (self.bar.previews.add if preview else self.bar.previews.discard)(at)
        self.bar.update()
