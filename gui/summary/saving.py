"""Saves a chart as a picture or as numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, cast

from PySide6.QtCore import QBuffer, QIODevice, QObject, QPoint, QRect, Signal
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from gui.kit import ask, theme
from gui.kit.work import Latest

_SHARP = 2
"""Pixels of a picture for each pixel on screen."""


class Chart(Protocol):
    """A widget that knows its numbers. QGraphicsView has a `render` of its own, so QWidget's is called."""

    def csv(self) -> str:
        """Its numbers as CSV."""
        ...


class Saver(QObject):
    """Saves charts where the user chooses. Files are written off the GUI thread."""

    told = Signal(str)
    """The outcome."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._writer = Latest(self)
        self._writer.answered.connect(lambda name: self.told.emit(f"The chart is saved as {name}."))
        self._writer.failed.connect(self._not_saved)

    def save(self, chart: QWidget) -> None:
        """Ask where, and save in the format that the suffix names."""
        start = f"{chart.accessibleName().lower().replace(' ', '_')}.png"
        if found := ask.chart_to_save(chart.window(), start):
            path = Path(found)
            data = made(chart, path.suffix)
            self._writer.ask(lambda: (path.write_bytes(data), path.name)[1])

    def _not_saved(self, error: Exception) -> None:
        self.told.emit(f"The chart was not saved: {error}\nChoose another place.")


def made(chart: QWidget, suffix: str) -> bytes:
    """A chart in a file format; an unknown one means PNG."""
    if suffix.lower() == ".csv":
        return cast("Chart", chart).csv().encode()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if suffix.lower() == ".svg":
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setSize(chart.size())
        generator.setViewBox(QRect(QPoint(), chart.size()))
        generator.setTitle(chart.accessibleName())
        generator.setDescription(chart.accessibleDescription())
        painter = QPainter(generator)
        QWidget.render(chart, painter, QPoint())
        painter.end()
    else:
        image = QImage(chart.size() * _SHARP, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(_SHARP)
        image.fill(theme.colors().base)
        QWidget.render(chart, image)
        image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())
