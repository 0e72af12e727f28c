"""The drawing of the timeline: lanes over time, with zoom by wheel, mouse and keys."""

from __future__ import annotations

from array import array

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from engine.results.timeline.answers import Band, Call, Mark, Spot, View
from gui.kit import theme, words
from gui.timeline.ink import MARK, Images
from gui.timeline.painter import PAD, Bar, Geometry, Painting, bars_of, name_of
from gui.timeline.span import Span

LANE = (18, 44)
"""Least and greatest height of a lane in pixels."""
ZOOM = 1.25
"""The factor of one wheel step or key."""
_SHARE = 0.1
"""The share of the screen that an arrow key moves by; of the range, a tenth of that."""
_NEAR = 3.0
"""Distance in pixels at which a click still hits a task."""
_STEP = 120


class TimelineArea(QAbstractScrollArea):
    """A part of a run's time. It requests what to show by `moved` and gets it by `show_view`."""

    moved = Signal()
    """Another part of the timeline is visible, see `wanted`."""
    range_changed = Signal()
    """The selected time span has changed, see `chosen`."""
    asked = Signal(int, float, float, bool)
    """Which task is at a lane and time, within this distance? True selects it."""

    _view: View | None = None  # class attributes, because Qt reports fonts before __init__ has finished

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._span: Span | None = None
        """The visible time; None for the whole run."""
        self._images: Images | None = None
        self._bars: list[Bar] = []
        self._chosen: Span | None = None
        self._current: Spot | None = None
        self._pressed: tuple[QPointF, Span, bool] | None = None
        """Where the button was pressed, what was visible then, and whether a range is being selected."""
        self._is_drag = self._shows_commits = self._by_stage = False
        self._tip_at = QPoint()
        self.setAccessibleName("Timeline")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Base)
        self.viewport().setMouseTracking(True)
        self.verticalScrollBar().valueChanged.connect(self._changed)

    # content

    @property
    def view(self) -> View | None:
        """The latest view."""
        return self._view

    @property
    def bars(self) -> list[Bar]:
        """The tasks that are drawn individually."""
        return self._bars

    @property
    def chosen(self) -> Span | None:
        """The selected time span."""
        return self._chosen

    @property
    def current(self) -> Spot | None:
        """The selected task."""
        return self._current

    @property
    def span(self) -> Span:
        """The visible time span."""
        return self._span or self._whole()

    def _whole(self) -> Span:
        return Span(self._view.first, self._view.last) if self._view else Span(0.0, 1.0)

    def wanted(self) -> tuple[float | None, float | None, int, int, int, bool]:
        """What to read: begin and end (None for those of the run), pixels, first lane, lanes, by stage."""
        place = self._place()
        width = max(1, round(place.plot.width() * self.devicePixelRatioF()))
        begin, end = self._span or (None, None)
        return begin, end, width, place.top, self._page() + 1, self._by_stage

    def color_by_stage(self, by_stage: bool) -> None:
        """Whether colours show stages instead of statuses."""
        if by_stage != self._by_stage:
            self._by_stage = by_stage
            self._changed()

    def show_commits(self, shown: bool) -> None:
        """Show or hide when rows were committed."""
        self._shows_commits = shown
        self.viewport().update()

    def clear(self) -> None:
        """Show no run."""
        self._view = self._images = self._span = self._chosen = self._current = self._pressed = None
        self._bars = []
        self.verticalScrollBar().setRange(0, 0)
        self._describe()
        self.viewport().update()

    def show_view(self, view: View) -> None:
        """Show what has been read."""
        self._view, self._images, self._bars = view, None, bars_of(view)
        if self._span:
            self._span = self._span.within(self._whole())
        self._set_bar()
        self._describe()
        self.viewport().update()

    def select(self, spot: Spot | None, *, reveal: bool = False) -> None:
        """Mark a task as selected, and scroll to it if it should be revealed."""
        self._current = spot
        if spot and reveal:
            self._reveal(spot)
        self.viewport().update()

    def _reveal(self, spot: Spot) -> None:
        span, end = self.span, spot.start + spot.seconds
        if self._span and not (span.begin <= spot.start and end <= span.end):
            length = max(span.length, spot.seconds * 1.2)
            middle = (spot.start + end) / 2
            self.look_at(Span(middle - length / 2, middle + length / 2))
        bar = self.verticalScrollBar()
        bar.setValue(max(min(bar.value(), spot.lane), spot.lane - self._page() + 1))

    def look_at(self, span: Span | None) -> None:
        """Show a time span; None for the whole run, even as it grows."""
        whole = self._whole()
        found = span.within(whole) if span else None
        self._span = None if found is None or found.length >= whole.length else found
        self._changed()

    def zoom(self, factor: float, at: float | None = None) -> None:
        """Zoom in by a factor above 1, out by one below, around a time or the middle."""
        span = self.span
        self.look_at(span.zoomed((span.begin + span.end) / 2 if at is None else at, factor))

    def choose(self, chosen: Span | None) -> None:
        """Select a time span, or none."""
        self._chosen = chosen.within(self._whole()) if chosen else None
        self.range_changed.emit()
        self.viewport().update()

    def _changed(self) -> None:
        self._describe()
        self.viewport().update()
        self.moved.emit()

    def _describe(self) -> None:
        """Describe the visible part in words."""
        view, span = self._view, self.span
        if view is None:
            self.setAccessibleDescription("")
            return
        total = view.total - bool(view.main)
        lanes = f"{'main and ' if view.main else ''}{total:,} lane{'s' if total != 1 else ''}"
        since = span.begin - view.first
        begin, end = words.duration(since) if since > 0 else "0 s", words.duration(span.end - view.first)
        self.setAccessibleDescription(
            f"{lanes}, from {begin} to {end} of {words.duration(view.last - view.first)}"
        )

    # places

    def _place(self) -> Geometry:
        port, metrics = self.viewport(), self.fontMetrics()
        lanes = max(self._view.total, 1) if self._view else 1
        ruler = metrics.height() + 10
        names = [name_of(lane) for lane in self._view.lanes] if self._view else []
        widest = max(map(metrics.horizontalAdvance, ["Worker 00", *names]))
        gutter = min(widest, port.width() // 6) + 3 * PAD
        lane = max(LANE[0], min(LANE[1], (port.height() - ruler) // lanes))
        top = self.verticalScrollBar().value()
        return Geometry(gutter, ruler, port.width(), port.height(), lane, top, self.span)

    def _page(self) -> int:
        place = self._place()
        return max(int(place.plot.height() // place.lane), 1)

    def _set_bar(self) -> None:
        total = self._view.total if self._view else 0
        self.verticalScrollBar().setPageStep(self._page())
        self.verticalScrollBar().setRange(0, max(0, total - self._page()))

    def band_at(self, x: float) -> Band | None:
        """The idle time span of the run at a place."""
        time = self._place().time(x)
        bands = self._view.bands if self._view else ()
        return next((band for band in bands if band.begin <= time <= band.end), None)

    def call_at(self, at: QPointF) -> Call | None:
        """What main called at a place, the last of several calls."""
        place, view = self._place(), self._view
        if not self.is_of_main(at) or view is None:
            return None
        near = _NEAR / place.plot.width() * place.span.length
        time = place.time(at.x())
        there = [call for call in view.calls if call.begin - near <= time <= call.end + near]
        return there[-1] if there else None

    def is_of_main(self, at: QPointF) -> bool:
        """Whether a place is in the lane of the main process, while it existed."""
        place, view = self._place(), self._view
        if view is None or view.main is None or not place.plot.contains(at) or place.lane_at(at.y()):
            return False
        return view.main.begin <= place.time(at.x()) <= (view.main.end or view.last)

    def mark_at(self, at: QPointF) -> Mark | None:
        """The mark at a place."""
        place = self._place()
        for mark in self._view.marks if self._view else ():
            center = QPointF(place.x(mark.time), place.row(mark.lane).center().y())
            if (at - center).manhattanLength() <= 2 * MARK:
                return mark
        return None

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        view = self._view
        if view is None:
            return
        painter = QPainter(self.viewport())
        painter.setFont(self.font())
        colors, place = theme.colors(), self._place()
        if self._images is None or self._images.colors is not colors:
            self._images = Images(view, colors)
        painting = Painting(painter, colors, self.fontMetrics(), place)
        painting.names(view.lanes, view.top)
        painter.setClipRect(QRectF(place.gutter, 0, place.width, place.height))
        painting.ruler(view.first)
        painter.setClipRect(place.plot)
        painting.bands(view.bands)
        painting.density(self._images)
        if view.main:
            painting.main(view.main, view.last)
            painting.calls(view.calls, bool(view.groups))
        painting.bars(self._bars, bool(view.groups))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painting.marks(view.marks)
        if self._current:
            painting.current(self._current)
        painter.setClipRect(QRectF(place.gutter, 0, place.width, place.height))
        if self._shows_commits:
            painting.commits(array("d", view.commits))
        if self._chosen:
            painting.chosen(self._chosen)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._set_bar()
        self._changed()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.PaletteChange):
            self.viewport().update()

    # wheel, mouse, keys

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned, modifiers = event.angleDelta(), event.modifiers()
        across = turned.x() if abs(turned.x()) > abs(turned.y()) else 0
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
            return
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            across = across or turned.y()
        if across:
            self.look_at(self.span.moved(-across / _STEP * _SHARE * self.span.length))
        elif turned.y():
            self.zoom(ZOOM ** (turned.y() / _STEP), self._place().time(event.position().x()))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton) or not self._view:
            return
        at = event.position()
        chooses = event.button() == Qt.MouseButton.LeftButton and (
            at.y() < self._place().ruler or bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        )
        self._pressed, self._is_drag = (at, self.span, chooses), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._pressed is None:
            over_ruler = at.y() < self._place().ruler
            shape = Qt.CursorShape.SplitHCursor if over_ruler else Qt.CursorShape.ArrowCursor
            self.viewport().setCursor(shape)
            return
        start, span, chooses = self._pressed
        if not self._is_drag and (at - start).manhattanLength() < 4:
            return
        self._is_drag = True
        place = self._place()
        if chooses:
            edges = sorted((place.time(start.x()), place.time(max(at.x(), place.gutter))))
            self._chosen = Span(*edges).within(self._whole())
            self.viewport().update()
        else:
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
            self.look_at(span.moved((start.x() - at.x()) / place.plot.width() * span.length))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        at, (_, _, chooses), was_drag = event.position(), self._pressed, self._is_drag
        self._pressed, self._is_drag = None, False
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor)
        if chooses:
            self.choose(self._chosen if was_drag else None)
        elif not was_drag and event.button() == Qt.MouseButton.LeftButton:
            self._ask(at, True)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._view:
            self.zoom(4.0, self._place().time(event.position().x()))

    def _ask(self, at: QPointF, selects: bool) -> None:
        """Ask which task is at a place, if there can be one. A call by main is selected as a time span."""
        place = self._place()
        if selects and (call := self.call_at(at)):
            self.choose(Span(call.begin, call.end))
            return
        if self._view and place.plot.contains(at) and place.lane_at(at.y()) < self._view.total:
            slack = _NEAR / place.plot.width() * place.span.length
            self.asked.emit(place.lane_at(at.y()), place.time(at.x()), slack, selects)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self._tip_at = event.globalPos()
            self._ask(QPointF(event.pos()), False)
            return True
        return super().viewportEvent(event)

    @property
    def tip_at(self) -> QPoint:
        """Where on the screen a tip was last requested."""
        return self._tip_at

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, span = event.key(), self.span
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step = {Qt.Key.Key_Left: -_SHARE, Qt.Key.Key_Right: _SHARE}.get(Qt.Key(key))
        scroll = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(key))
        if step is not None and shift:
            self._extend(step * span.length / 10)
        elif step is not None:
            self.look_at(span.moved(step * span.length))
        elif scroll is not None:
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() + scroll)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(ZOOM)
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore):
            self.zoom(1 / ZOOM)
        elif key == Qt.Key.Key_0:
            self.look_at(None)
        elif key == Qt.Key.Key_Home:
            self.look_at(span.moved(self._whole().begin - span.begin))
        elif key == Qt.Key.Key_End:
            self.look_at(span.moved(self._whole().end - span.end))
        elif key == Qt.Key.Key_Escape and self._chosen:
            self.choose(None)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._chosen:
            self.look_at(self._chosen)
        else:
            super().keyPressEvent(event)

    def _extend(self, seconds: float) -> None:
        """Move the end of the selected span; it begins in the middle of the screen."""
        middle = (self.span.begin + self.span.end) / 2
        chosen = self._chosen or Span(middle, middle)
        self.choose(Span(chosen.begin, max(chosen.end + seconds, chosen.begin)))
