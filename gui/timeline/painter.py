"""Paints a view of the timeline: lanes, bars, marks, ruler."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from functools import cached_property

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetrics, QPainter, QPen

from engine.results.timeline.answers import Band, Call, Lane, Main, Mark, Spot, View
from gui.kit.theme import Colors
from gui.timeline import ink
from gui.timeline.span import Span, ticks

TICK = 4
"""Pixels by which a failed task sticks out above its lane."""
PAD = 5
_LEAST_CURRENT = 3.0
_COMMIT = 6
"""The size in pixels of a commit mark."""


@dataclass(frozen=True)
class Bar:
    """A task that is drawn individually, or several that share a bar."""

    task: int
    count: int
    lane: int
    begin: float
    end: float
    status: int
    group: int

    @property
    def text(self) -> str:
        """Which tasks these are."""
        return str(self.task) if self.count == 1 else f"{self.task}\u2013{self.task + self.count - 1}"


def bars_of(view: View) -> list[Bar]:
    """The bars of a view, by time."""
    bars, scale = view.bars, (view.end - view.begin) / view.width
    tasks, counts, lanes = array("q", bars.tasks), array("q", bars.counts), array("q", bars.lanes)
    times = array("d", bars.times)
    edges = zip(times[::2], times[1::2], strict=True)
    return [
        Bar(task, count, lane, view.begin + begin * scale, view.begin + end * scale, status, group)
        for task, count, lane, (begin, end), status, group in zip(
            tasks, counts, lanes, edges, bars.statuses, bars.groups, strict=True
        )
    ]


@dataclass(frozen=True)
class Geometry:
    """Positions on screen."""

    gutter: int
    ruler: int
    width: int
    height: int
    lane: int
    """The height of a lane."""
    top: int
    """The first lane below the ruler."""
    span: Span

    @cached_property
    def plot(self) -> QRectF:
        """The rectangle of the lanes."""
        return QRectF(self.gutter, self.ruler, max(self.width - self.gutter, 1), self.height - self.ruler)

    def x(self, time: float) -> float:
        """The position of a time."""
        return self.gutter + (time - self.span.begin) * self._scale

    @cached_property
    def _scale(self) -> float:
        """Pixels per second."""
        return self.plot.width() / self.span.length

    def time(self, x: float) -> float:
        """The time at a position."""
        return self.span.begin + (x - self.gutter) / self.plot.width() * self.span.length

    def row(self, lane: int) -> QRectF:
        """The rectangle of a lane's tasks."""
        y = self.ruler + (lane - self.top) * self.lane
        return QRectF(self.gutter, y + TICK + 1, self.plot.width(), self.lane - TICK - 2)

    def lane_at(self, y: float) -> int:
        """The lane at a height."""
        return self.top + int((y - self.ruler) // self.lane)


class Painting:
    """Paints one frame."""

    def __init__(self, painter: QPainter, colors: Colors, metrics: QFontMetrics, place: Geometry) -> None:
        self._painter, self._colors, self._metrics, self._place = painter, colors, metrics, place

    def ruler(self, first: float) -> None:
        """Times, each with a faint line through all lanes."""
        painter, place = self._painter, self._place
        painter.fillRect(QRectF(0, 0, place.width, place.ruler), QColor(self._colors.raised))
        room = self._metrics.horizontalAdvance("00:00.0000") + 24
        for time, text in ticks(place.span, first, place.plot.width(), room):
            x = place.x(time)
            painter.setPen(QColor(self._colors.border))
            painter.drawLine(QPointF(x, place.ruler - 5), QPointF(x, place.height))
            painter.setPen(QColor(self._colors.muted))
            painter.drawText(QPointF(x + 4, self._metrics.ascent() + 3), text)
        painter.setPen(QColor(self._colors.border))
        painter.drawLine(QPointF(0, place.ruler - 0.5), QPointF(place.width, place.ruler - 0.5))

    def names(self, lanes: tuple[Lane, ...], top: int) -> None:
        """The names of the lanes."""
        painter, place = self._painter, self._place
        painter.fillRect(QRectF(0, 0, place.gutter, place.height), QColor(self._colors.raised))
        painter.setPen(QColor(self._colors.muted))
        for at, lane in enumerate(lanes, top):
            row = place.row(at)
            room = QRectF(PAD, row.y() - TICK, place.gutter - 2 * PAD, row.height() + TICK)
            text = self._metrics.elidedText(name_of(lane), Qt.TextElideMode.ElideRight, int(room.width()))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)

    def density(self, images: ink.Images) -> None:
        """Tasks by pixel, stretched if the view has another time span."""
        view, place = images.view, self._place
        whole = Span(view.begin, view.end)
        seen = Span(max(whole.begin, place.span.begin), min(whole.end, place.span.end))
        if seen.length <= 0:
            return
        scale = view.width / whole.length
        left, right = place.x(seen.begin), place.x(seen.end)
        for at in range(len(view.lanes)):
            row = place.row(view.top + at)
            source = QRectF((seen.begin - whole.begin) * scale, at, seen.length * scale, 1)
            self._painter.drawImage(QRectF(left, row.y(), right - left, row.height()), images.covered, source)
            above = QRectF(left, row.y() - TICK, right - left, TICK)
            self._painter.drawImage(above, images.failed, source)
            for line, image in zip(ink.stripes(row), images.stripes, strict=False):
                self._painter.drawImage(QRectF(left, line.y(), right - left, line.height()), image, source)

    def bars(self, bars: list[Bar], by_stage: bool) -> None:
        """Tasks that are wide enough, all of one status or stage at once."""
        painter, place = self._painter, self._place
        boxes: dict[int, list[tuple[Bar, QRectF]]] = {}
        for bar in bars:
            left, right = max(place.x(bar.begin), place.gutter), min(place.x(bar.end), place.width)
            if right > left:
                row = place.row(bar.lane)
                box = QRectF(left, row.y(), max(right - left - 1, 1), row.height())
                boxes.setdefault(bar.group if by_stage else bar.status, []).append((bar, box))
        painter.setPen(Qt.PenStyle.NoPen)
        for kind, found in boxes.items():
            lines = [box.adjusted(0, 0, 1, 0) for _, box in found]
            painter.setBrush(QColor(self._colors.base))
            painter.drawRects(lines)
            painter.setBrush(ink.stage_ink(self._colors, kind) if by_stage else ink.ink(self._colors, kind))
            painter.drawRects([box for _, box in found])
            if by_stage:
                self._stripes(kind, [box for _, box in found])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for kind, found in boxes.items():
            painter.setPen(ink.on(self._colors, 0 if by_stage else kind))
            self._texts(ink.LETTERS[kind] if by_stage else ink.SIGNS.get(ink.STATUSES[kind], ""), found)

    def _stripes(self, group: int, boxes: list[QRectF]) -> None:
        self._painter.setBrush(ink.stripe(self._colors))
        lines = [
            line for box in boxes for nth, line in enumerate(ink.stripes(box)) if ink.has_stripe(group, nth)
        ]
        self._painter.drawRects(lines)

    def main(self, main: Main, last: float) -> None:
        """The lifetime of a script's main process: a frame for its calls."""
        painter, place = self._painter, self._place
        left, right = place.x(main.begin), place.x(main.end or last)
        row = place.row(0)
        box = QRectF(max(left, place.gutter - 2), row.y(), 0, row.height())
        box.setRight(min(max(right, left + 1), place.width + 2))
        painter.fillRect(box, QColor(self._colors.button))
        painter.setPen(QColor(self._colors.edge))
        painter.drawRect(box)

    def calls(self, calls: tuple[Call, ...], by_stage: bool) -> None:
        """What main called, and for how long, with the name if there is room."""
        painter, place = self._painter, self._place
        colors, row = self._colors, place.row(0)
        for call in calls:
            left, right = max(place.x(call.begin), place.gutter), min(place.x(call.end), place.width)
            if right < place.gutter or left > place.width:
                continue
            box = QRectF(left, row.y() + 1, max(right - left, 2.0), row.height() - 1)
            if by_stage:
                ink.draw_striped(painter, colors, box, call.group)
            else:
                painter.fillRect(box, ink.ink(colors, 0))
            painter.setPen(QColor(colors.base))
            painter.drawLine(box.topLeft(), box.bottomLeft())
            text = f"{ink.LETTERS[call.group]} {call.name}" if by_stage else call.name
            room = box.adjusted(PAD, 0, -PAD, 0)
            if self._metrics.horizontalAdvance(text[:8]) <= room.width():
                painter.setPen(ink.on(colors, 0))
                text = self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(room.width()))
                painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)

    def _texts(self, sign: str, found: list[tuple[Bar, QRectF]]) -> None:
        """The sign and index of each task, or only the sign, if there is room."""
        digit, height = self._metrics.horizontalAdvance("0"), self._metrics.height()
        up = (self._metrics.ascent() - self._metrics.descent()) / 2
        for bar, box in found:
            room = box.width() - 4
            if room < digit or height > box.height():
                continue
            for text in (f"{sign} {bar.text}" if sign else bar.text, sign):
                wide = len(text) * digit  # roughly what it needs, without laying it out
                if text and wide <= room:
                    at = QPointF(box.center().x() - wide / 2, box.center().y() + up)
                    self._painter.drawText(at, text)
                    break

    def bands(self, bands: tuple[Band, ...]) -> None:
        """When the run was paused or had no host: hatched, with a label if there is room."""
        painter, place = self._painter, self._place
        for band in bands:
            left, right = max(place.x(band.begin), place.gutter), min(place.x(band.end), place.width)
            if right <= left:
                continue
            color = QColor(self._colors.warning if band.kind == "paused" else self._colors.muted)
            color.setAlpha(110)
            box = QRectF(left, place.ruler, max(right - left, 2.0), place.height - place.ruler)
            painter.fillRect(box, QBrush(color, ink.HATCHES[band.kind]))
            text = ink.BANDS[band.kind]
            if self._metrics.horizontalAdvance(text) + 2 * PAD < box.width():
                painter.setPen(QColor(self._colors.text))
                painter.drawText(QPointF(left + PAD, place.height - self._metrics.descent() - PAD), text)

    def commits(self, times: array[float]) -> None:
        """When rows were committed: ticks at the foot of the ruler."""
        place = self._place
        self._painter.setPen(QPen(QColor(self._colors.good), 1.0))
        self._painter.drawLines(
            [QLineF(x, place.ruler - _COMMIT, x, place.ruler) for x in map(place.x, times)]
        )

    def marks(self, marks: tuple[Mark, ...]) -> None:
        """Deaths, new workers, discarded attempts."""
        for mark in marks:
            row = self._place.row(mark.lane)
            x = self._place.x(mark.time)
            ink.draw_mark(self._painter, self._colors, mark.kind, x, row.center().y())

    def current(self, spot: Spot) -> None:
        """The selected task."""
        row, place = self._place.row(spot.lane), self._place
        left, right = place.x(spot.start), place.x(spot.start + spot.seconds)
        wide = max(right - left, _LEAST_CURRENT)
        box = QRectF((left + right - wide) / 2, row.y() - 1, wide, row.height() + 2)
        self._painter.setPen(QPen(QColor(self._colors.text), 2.0))
        self._painter.drawRect(box)

    def chosen(self, chosen: Span) -> None:
        """The selected time span."""
        place = self._place
        left, right = place.x(chosen.begin), place.x(chosen.end)
        shade = QColor(self._colors.accent)
        shade.setAlpha(40)
        self._painter.fillRect(QRectF(left, 0, right - left, place.height), shade)
        self._painter.setPen(QPen(QColor(self._colors.accent), 1.5))
        for x in (left, right):
            self._painter.drawLine(QPointF(x, 0), QPointF(x, place.height))


def name_of(lane: Lane) -> str:
    """The name of a lane: its worker, or the number of its workers."""
    if lane.is_main:
        return "main"
    return f"Worker {lane.first}" if lane.workers == 1 else f"{lane.workers:,} workers"
