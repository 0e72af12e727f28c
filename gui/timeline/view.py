"""The timeline of a run, live or saved: lanes over time, and totals of a selected time span."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QToolTip, QVBoxLayout, QWidget

from engine.query.timeline import PlaceOfTask, SeeTimeline, SumUp, TaskAt
from engine.results.timeline.answers import STATUS, Band, Call, Mark, Spot, Sums, View
from gui.kit import words
from gui.kit.empty import EmptyNote
from gui.kit.query import Query
from gui.kit.tips import plain_tip
from gui.kit.widgets import Chip, text_label
from gui.timeline.area import ZOOM, TimelineArea
from gui.timeline.ink import BANDS, status_of
from gui.timeline.legend import Legend

_REST = 300
"""Milliseconds between two readings of a growing run."""
_POLL = 1000
NO_RUN = "When tasks ran, and on which worker, appears here."
NO_TASKS = "No task of this run has ended."
HINT = "Wheel zooms, dragging moves. Drag on the ruler to choose a span of time."
_MARKS = {
    "died": "Worker {0.worker} died: {0.text}",
    "started": "Worker {0.worker} started in place of another",
}


class TimelineView(QWidget):
    """Shows one run folder at a time, from `show_run` to `close_run`."""

    task_chosen = Signal(int)
    """The task with this index was clicked."""
    task_opened = Signal(int)
    """Show the task in the table."""
    range_chosen = Signal(float, float)
    """Show the tasks between these times, in seconds since the epoch, in the table."""

    def __init__(self, parent: QWidget | None = None, *, can_filter: bool = False) -> None:
        super().__init__(parent)
        self._can_filter = can_filter
        """Whether a table can show the tasks of a time span."""
        self._query: Query | None = None
        self._live = self._asked = self._again = False
        """Whether the run is active, a view is being read, and another one is wanted afterwards."""
        self.area = TimelineArea()
        self.legend = Legend()
        self.sums = text_label("muted", selectable=True)
        self.zoom_in = self._button("+", "Zoom in", "Zoom in (+)")
        self.zoom_out = self._button("\u2212", "Zoom out", "Zoom out (\u2212)")
        self.by_status, self.by_stage = Chip("Status"), Chip("Stage")
        self.by_status.setToolTip("Colours show how tasks ended")
        self.by_stage.setToolTip("Colours show which function a task called")
        colored = QButtonGroup(self)
        for chip in (self.by_status, self.by_stage):
            chip.setAccessibleName(f"Colour by {chip.text().lower()}")
            chip.hide()
            colored.addButton(chip)
        self.by_status.setChecked(True)
        self.commits = self._button("Commits", "Commits", "Mark when results were written to disk")
        self.commits.setCheckable(True)
        self.whole = self._button("Whole run", "Whole run", "Show all of the run's time (0)")
        self.zoom_to = self._button("Zoom to it", "Zoom to the chosen span", "Show just this time (Enter)")
        self.in_table = self._button(
            "Show its tasks", "Show its tasks", "Show the tasks of this time as a table"
        )
        self.open_task = self._button("Show in results", "Show in results", "Show this task in the results")
        self._note = EmptyNote(self.area)
        self._rest = QTimer(self, singleShot=True, interval=_REST)
        self._poll = QTimer(self, interval=_POLL)
        self._lay_out()
        self._connect()
        self._note.say(NO_RUN)
        self._say(None)

    def _button(self, text: str, name: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(name)
        button.setProperty("quiet", True)
        return button

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(8, 3, 6, 3)
        head.setSpacing(4)
        head.addWidget(self.legend, 1)
        for button in (self.by_status, self.by_stage, self.commits, self.zoom_out, self.zoom_in, self.whole):
            head.addWidget(button)
        foot = QHBoxLayout()
        foot.setContentsMargins(8, 3, 6, 3)
        foot.addWidget(self.sums, 1)
        foot.addWidget(self.open_task)
        foot.addWidget(self.zoom_to)
        foot.addWidget(self.in_table)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(head)
        whole.addWidget(self.area, 1)
        whole.addLayout(foot)
        self.setFocusProxy(self.area)

    def _connect(self) -> None:
        self._rest.timeout.connect(self._go_on)
        self._poll.timeout.connect(self.grew)
        self.area.moved.connect(self._look)
        self.area.asked.connect(self._ask_task)
        self.area.range_changed.connect(self._sum_up)
        self.zoom_in.clicked.connect(lambda: self.area.zoom(ZOOM**2))
        self.zoom_out.clicked.connect(lambda: self.area.zoom(ZOOM**-2))
        self.by_stage.toggled.connect(self.area.color_by_stage)
        self.commits.toggled.connect(self.area.show_commits)
        self.whole.clicked.connect(lambda: self.area.look_at(None))
        self.zoom_to.clicked.connect(lambda: self.area.look_at(self.area.chosen))
        self.in_table.clicked.connect(self._choose_range)
        self.open_task.clicked.connect(self._open_task)

    # the run

    def show_run(self, folder: Path | None) -> None:
        """Show this run; None shows none."""
        self.close_run()
        if folder is None:
            return
        self._note.say("")
        self._query = query = Query(folder, self)
        query.came_in_part.connect(self._came_in_part)
        query.answered.connect(self._answered)
        query.failed.connect(self._failed)
        self._live = True  # until it is read
        self._set_poll()
        self._look()

    def close_run(self) -> None:
        """Show nothing, and stop asking."""
        if self._query:
            self._query.end()
            self._query.deleteLater()
            self._query = None
        self._rest.stop()
        self._poll.stop()
        self._live = self._asked = self._again = False
        self.area.clear()
        self.legend.show_kinds([], set(), set(), [])
        self._offer_stages(0)
        self._say(None)
        self._note.say(NO_RUN)

    def grew(self) -> None:
        """The run has grown: read again, at most a few times a second."""
        self._again = True
        self._go_on()

    def show_task(self, task: int) -> None:
        """Select a task, and scroll to it."""
        if self._query:
            self._query.ask("place", PlaceOfTask(self._query.source, task))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._set_poll()
        self._look()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._set_poll()

    def _set_poll(self) -> None:
        if self._query and self._live and self.isVisible():
            self._poll.start()
        else:
            self._poll.stop()

    def _look(self) -> None:
        """Read the visible part; if that is under way, remember to read again."""
        if not self._query or not self.isVisible():
            return
        if self._asked:
            self._again = True
            return
        self._asked, self._again = True, False
        self._rest.start()
        self._query.ask("view", SeeTimeline(self._query.source, *self.area.wanted()))

    def _go_on(self) -> None:
        if self._again and not self._rest.isActive():
            self._look()

    def _came_in_part(self, _key: str, part: object) -> None:
        if isinstance(part, View):
            self._show(part)

    def _answered(self, key: str, answer: object) -> None:
        if key == "view":
            self._asked = False
            self._show(answer if isinstance(answer, View) else None)
            if self._again and self._is_elsewhere(answer):
                self._look()
            else:
                self._go_on()
        elif key in ("select", "tip", "place"):
            self._task_found(key, answer if isinstance(answer, Spot) else None)
        elif isinstance(answer, Sums) and self.area.chosen:
            self._say(answer)

    def _is_elsewhere(self, answer: object) -> bool:
        """Whether the user has moved meanwhile: then the next reading is due at once."""
        begin, end, width, top, _, by_stage = self.area.wanted()
        if not isinstance(answer, View):
            return False
        if answer.lanes and bool(answer.groups) != by_stage:
            return True
        is_all = begin is None and end is None
        return not is_all and (begin, end, width, top) != (answer.begin, answer.end, answer.width, answer.top)

    def _show(self, view: View | None) -> None:
        if view is not None:
            self._live = view.live
            self.area.show_view(view)
            self._offer_stages(len(view.stages))
            self._explain(view)
            if self.area.current and self.area.chosen is None:
                self._say(None)
        self._note.say("" if view and view.total else NO_TASKS)
        self._set_poll()

    def _offer_stages(self, count: int) -> None:
        """Colours by stage are useful if there are several stages."""
        if (count > 1) != self.by_stage.isVisibleTo(self):
            for button in (self.by_status, self.by_stage):
                button.setVisible(count > 1)
        if count < 2:
            self.by_status.setChecked(True)

    def _explain(self, view: View) -> None:
        """Explain the colours and signs on screen."""
        statuses = sorted({status_of(pixel) for pixel in set(view.plane) if pixel})
        stages: list[tuple[int, str]] = []
        if view.groups:
            there = {pixel >> STATUS for pixel in set(view.groups) if pixel} | {
                each.group for each in view.calls
            }
            stages = [(group, name) for group, name in enumerate(view.stages) if group in there]
            statuses = []
        marks, bands = {mark.kind for mark in view.marks}, {band.kind for band in view.bands}
        self.legend.show_kinds(statuses, marks, bands, stages)

    def _failed(self, key: str, error: object) -> None:
        if key == "view":
            self._asked = False
            self._poll.stop()
        text = f"The timeline of this run cannot be read: {words.cause(error)}"
        if self.area.view is None:
            self._note.say(text)
        else:
            self.sums.setText(text)

    # tasks

    def _ask_task(self, lane: int, time: float, slack: float, selects: bool) -> None:
        if not self._query:
            return
        place = self.area.viewport().mapFromGlobal(self.area.tip_at).toPointF()
        mark = None if selects else self.area.mark_at(place)
        if mark:
            self._tell(_text_of_mark(mark))
        elif not selects and self.area.is_of_main(place):
            self._tell(self._text_of_main(self.area.call_at(place)))
        else:
            self._query.ask("select" if selects else "tip", TaskAt(self._query.source, lane, time, slack))

    def _task_found(self, key: str, spot: Spot | None) -> None:
        if key == "tip":
            place = self.area.viewport().mapFromGlobal(self.area.tip_at)
            band = None if spot else self.area.band_at(place.x())
            self._tell(self._text_of_task(spot) if spot else _text_of_band(band) if band else "")
            return
        self.area.select(spot, reveal=key == "place")
        if self.area.chosen is None:
            self._say(None)
        if spot and key == "select":
            self.task_chosen.emit(spot.task)

    def _open_task(self) -> None:
        if self.area.current:
            self.task_opened.emit(self.area.current.task)

    def _text_of_task(self, spot: Spot) -> str:
        first = self.area.view.first if self.area.view else spot.start
        since = spot.start - first
        return (
            f"Task {spot.task:,}: {words.status(spot.status)}\n"
            f"{words.duration(spot.seconds)}, started at {words.duration(since) if since > 0 else '0 s'}\n"
            f"Worker {spot.worker}"
        )

    def _text_of_main(self, call: Call | None) -> str:
        view = self.area.view
        if call:
            count = f"{call.tasks:,} task{'s' if call.tasks != 1 else ''}"
            return f"Stage {call.stage:,}: {call.name}\n{count} in {words.duration(call.end - call.begin)}"
        if view is None or view.main is None:
            return ""
        length = (view.main.end or view.last) - view.main.begin
        alone = words.duration(length - view.main.in_stages)
        text = f"main, the script itself: {words.duration(length)}, of which {alone} in no stage"
        return f"{text}\nIt ended with {view.main.how_ended}" if view.main.how_ended else text

    def _tell(self, text: str) -> None:
        if self.area.isVisible():
            QToolTip.showText(self.area.tip_at, plain_tip(text), self.area.viewport())

    # a time span

    def _sum_up(self) -> None:
        chosen = self.area.chosen
        self._say(None)
        if chosen and self._query:
            self._query.ask("sums", SumUp(self._query.source, *chosen))

    def _say(self, sums: Sums | None) -> None:
        """Describe the selection: a time span, else a task."""
        has_range, spot = self.area.chosen is not None, self.area.current
        self.zoom_to.setVisible(has_range)
        self.in_table.setVisible(has_range and self._can_filter)
        self.open_task.setVisible(spot is not None and not has_range)
        if has_range:
            self.sums.setText(in_words(sums) if sums else "Adding up \u2026")
        else:
            self.sums.setText(self._text_of_task(spot).replace("\n", ", ") if spot else HINT)

    def _choose_range(self) -> None:
        if self.area.chosen:
            self.range_chosen.emit(*self.area.chosen)


def in_words(sums: Sums) -> str:
    """The totals of a time span."""
    said = f"{words.duration(sums.end - sums.begin)}: {sums.tasks:,} task{'s' if sums.tasks != 1 else ''}"
    if sums.failed:
        said += f", {sums.failed:,} failed"
    if sums.mean is not None:
        said += f", {words.duration(sums.mean)} on average"
    there = sums.busy + sums.idle
    if there:
        share = sums.busy / there
        said += f"; workers were busy {share:.0%} of the time ({words.duration(sums.busy)},"
        said += f" idle {words.duration(sums.idle)})"
    return said


def _text_of_band(band: Band) -> str:
    return f"{BANDS[band.kind]} for {words.duration(band.end - band.begin)}"


def _text_of_mark(mark: Mark) -> str:
    if mark.kind == "retried":
        return f"Task {mark.task:,} was run again after: {words.status(mark.text)}"
    text = _MARKS[mark.kind].format(mark)
    return text if mark.task is None else f"{text}\nIt was on task {mark.task:,}"
