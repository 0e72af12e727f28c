"""The legend of the timeline: the colours and signs on screen."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.kit import theme, words
from gui.timeline import ink

_MARKS = {"died": "Death of a worker", "started": "New worker", "retried": "Retried"}
_SWATCH, _GAP, _APART = 14, 5, 14


class Legend(QWidget):
    """One line; what does not fit is left out, but screen readers still get it."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_kinds(
        self, statuses: list[int], marks: set[str], bands: set[str], stages: list[tuple[int, str]]
    ) -> None:
        """Show the legend of what is on screen: statuses and stages by number, kinds of marks and bands."""
        kinds = [f"stage {ink.LETTERS[group]} {name}" for group, name in stages]
        kinds += [ink.STATUSES[status] for status in statuses]
        shown = (*kinds, *(f"mark {kind}" for kind in _MARKS if kind in marks))
        shown = (*shown, *(f"band {kind}" for kind in ink.BANDS if kind in bands))
        if shown != self._shown:
            self._shown = shown
            self.setAccessibleName("Legend: " + ", ".join(map(_text, shown)) if shown else "Legend")
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, self.fontMetrics().height() + 4)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors = theme.colors()
        x, middle = 0, self.height() / 2
        for kind in self._shown:
            text = _text(kind)
            wide = self.fontMetrics().horizontalAdvance(text)
            if x + _SWATCH + _GAP + wide > self.width():
                break
            swatch = QRectF(x, middle - _SWATCH / 2, _SWATCH, _SWATCH)
            if kind.startswith("mark "):
                ink.draw_mark(painter, colors, kind.removeprefix("mark "), swatch.center().x(), middle)
            elif kind.startswith("band "):
                color = colors.warning if kind == "band paused" else colors.muted
                painter.fillRect(swatch, QBrush(QColor(color), ink.HATCHES[kind.removeprefix("band ")]))
            elif kind.startswith("stage "):
                ink.draw_striped(painter, colors, swatch, ink.LETTERS.index(kind[6]))
            else:
                status = ink.STATUSES.index(kind)
                painter.fillRect(swatch, ink.ink(colors, status))
                painter.setPen(ink.on(colors, status))
                painter.drawText(swatch, Qt.AlignmentFlag.AlignCenter, ink.SIGNS.get(kind, ""))
            painter.setPen(QColor(colors.muted))
            at = QRectF(x + _SWATCH + _GAP, 0, wide + 1, self.height())
            painter.drawText(at, Qt.AlignmentFlag.AlignVCenter, text)
            x += _SWATCH + _GAP + wide + _APART
        painter.end()


def _text(kind: str) -> str:
    if kind.startswith("stage "):
        return kind.removeprefix("stage ")
    if kind.startswith("band "):
        return ink.BANDS[kind.removeprefix("band ")]
    name = kind.removeprefix("mark ")
    return _MARKS[name] if kind.startswith("mark ") else words.status(name)
