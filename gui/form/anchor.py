"""Scrolls the form when it grows or shrinks above the focused field, so that the field stays put."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget


class Anchor(QObject):
    """Keeps the focused field at its place on the screen, unless the user scrolls."""

    def __init__(self, area: QScrollArea, inner: QWidget) -> None:
        """`inner` is the widget that the area scrolls."""
        super().__init__(area)
        self._inner = inner
        self._bar = area.verticalScrollBar()
        self._held: tuple[QWidget, int] | None = None
        """The field, and its distance from the top edge of the area."""
        self._is_own = False
        """Whether the bar moves because of this class or of a new range, not because the user scrolls."""
        self._inner.installEventFilter(self)
        self._bar.rangeChanged.connect(self._take_range)
        self._bar.valueChanged.connect(self._scrolled)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._remember)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self._hold()
        return False

    def _take_range(self, _least: int, most: int) -> None:
        self._hold()
        self._is_own = self._bar.value() > most  # Qt clips it to the range next

    def _scrolled(self) -> None:
        if not self._is_own:
            self._remember()
        self._is_own = False

    def _place(self, field: QWidget) -> int:
        return field.mapTo(self._inner, QPoint()).y()

    def _remember(self) -> None:
        field: QWidget | None = QApplication.focusWidget()
        self._held = None
        if field is not None and self._inner.isAncestorOf(field):
            self._held = field, self._place(field) - self._bar.value()

    def _hold(self) -> None:
        if self._held is None or self._held[0] is not QApplication.focusWidget():
            return
        field, below = self._held
        value = min(max(self._place(field) - below, self._bar.minimum()), self._bar.maximum())
        if value != self._bar.value():
            self._is_own = True
            self._bar.setValue(value)
