"""The app's own icons: SVGs drawn in the colour of the text around them, sharp at any scale."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from gui.kit import theme
from gui.kit.resources import ICONS


@cache
def _source(name: str) -> str:
    return (ICONS / f"{name}.svg").read_text(encoding="utf-8")


@cache
def _renderer(name: str, color: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(_source(name).replace("currentColor", color).encode()))


class _Tinted(QIconEngine):
    """Draws one icon in a colour of the theme, looked up at each paint, so that it follows the theme."""

    def __init__(self, name: str, role: str) -> None:
        super().__init__()
        self._name = name
        self._role = role

    def clone(self) -> QIconEngine:
        return _Tinted(self._name, self._role)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        painter.save()
        painter.setOpacity(0.6 if mode == QIcon.Mode.Disabled else 1.0)
        _renderer(self._name, self._color(mode)).render(painter, QRectF(rect))
        painter.restore()

    def _color(self, mode: QIcon.Mode) -> str:
        if mode == QIcon.Mode.Selected:
            return theme.colors().on_accent
        if mode == QIcon.Mode.Disabled:
            return theme.colors().muted
        return getattr(theme.colors(), self._role)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        key = f"{self._name} {self._color(mode)} {mode.name} {size.width()} {size.height()}"
        made = QPixmap()
        if QPixmapCache.find(key, made):
            return made
        made = QPixmap(size)
        if made.isNull():  # a widget may ask before it has a size; nothing can be painted then
            return made
        made.fill(QColor(Qt.GlobalColor.transparent))
        painter = QPainter(made)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        QPixmapCache.insert(key, made)
        return made


@cache
def icon(name: str, role: str = "text") -> QIcon:
    """The icon `name`, tinted in the theme's colour `role`.

    Each is created once and kept: if the last copy of an icon is garbage collected, its engine
    is freed twice (PySide6 6.11).
    """
    return QIcon(_Tinted(name, role))


def app_icon() -> QIcon:
    """The icon of the app itself, in its own colours."""
    return QIcon(str(ICONS / "poolhouse.svg"))
