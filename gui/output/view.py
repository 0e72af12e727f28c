"""What the workers of a run printed, live or saved, one lane at a time."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication, QHideEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from engine.query.output import FIRST, HOST, CopyOutput, OutputPage, ReadOutput
from gui.kit import words
from gui.kit.empty import EmptyNote
from gui.kit.grid.area import GridArea
from gui.kit.query import Query
from gui.kit.quiet import quiet_button
from gui.output.model import PAGE, SLOTS, Column, OutputModel

COPY_LIMIT = 100_000
"""Lines that can be copied at once."""
_POLL = 500
NO_RUN = "What the function prints appears here."
NO_OUTPUT = "Nothing has been printed."


class OutputView(QWidget):
    """Shows the output of one run, from `show_run` to `close_run`."""

    task_asked = Signal(int)
    """Show a task in the results."""
    find_asked = Signal()
    """Let the user search it, in the log."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._query: Query | None = None
        self._lane = FIRST
        self._generation = 0
        self._known: tuple[tuple[int, int], ...] = ()
        """The lanes and how much each has printed."""
        self.model = OutputModel(self)
        self.table = GridArea(self.model, "Output", (Column.TEXT,))
        self._note = EmptyNote(self.table)
        self.lanes = QComboBox()
        self.lanes.setAccessibleName("Whose output")
        self.lanes.setToolTip(
            "A lane is one place in the pool, whose workers print to the same file; in a script, a process"
        )
        self.lanes.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._count = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._count.setProperty("muted", True)
        self.search = quiet_button(
            "Search in the log", "Show all output among the log records, to search and filter it"
        )
        self.search.clicked.connect(self.find_asked)
        self.search.hide()
        self.follow = QCheckBox("Follow")
        self.follow.setChecked(True)
        self.follow.setToolTip("Stay at the end of the output as it grows")
        self._poll = QTimer(self, interval=_POLL)
        self._lay_out()
        self._connect()
        self._note.say(NO_RUN)

    def _lay_out(self) -> None:
        strip = QHBoxLayout()
        strip.setContentsMargins(6, 4, 6, 4)
        strip.setSpacing(8)
        strip.addWidget(self.lanes)
        strip.addWidget(self._count, 1)
        strip.addWidget(self.search)
        strip.addWidget(self.follow)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.table, 1)
        whole.addLayout(strip)
        metrics = self.table.fontMetrics()
        widths = {Column.LINE: "0,000,000", Column.TASK: "00000 to 00000"}
        self.table.header.set_natural({c: metrics.horizontalAdvance(text) + 16 for c, text in widths.items()})

    def _connect(self) -> None:
        self._poll.timeout.connect(self.grew)
        self.model.wanted.connect(self._read)
        self.lanes.activated.connect(self._choose)
        self.follow.clicked.connect(self._keep_at_end)
        bar = self.table.verticalScrollBar()
        bar.actionTriggered.connect(lambda: self._moved(bar.sliderPosition()))
        self.table.current_changed.connect(self._chose_line)
        self.table.copy_asked.connect(self.copy)
        self.table.menu_asked.connect(self._menu)
        self.table.left.connect(self.table.clear_selection)

    # the run shown

    def show_run(self, folder: Path | None) -> None:
        """Show the output of this run; None shows none."""
        self.close_run()
        if folder is None:
            return
        self._note.say("")
        self._query = Query(folder, self)
        self._query.answered.connect(self._answered)
        self._query.failed.connect(self._failed)
        self._set_poll()
        self.grew()

    def grew(self) -> None:
        """There may be more output than before: read on."""
        if self._query and self.isVisible():
            self._query.ask("look", ReadOutput(self._query.source, self._lane, 0, 0))

    def close_run(self) -> None:
        """Show nothing, and stop asking."""
        if self._query:
            self._query.end()
            self._query.deleteLater()
            self._query = None
        self._poll.stop()
        self._lane = FIRST
        self._generation = 0
        self._known = ()
        self.lanes.clear()
        self.lanes.hide()
        self.search.hide()
        self.follow.setChecked(True)
        self._count.clear()
        self.model.clear()
        self._note.say(NO_RUN)

    def _set_poll(self) -> None:
        if self._query and self.isVisible():
            self._poll.start()
        else:
            self._poll.stop()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._set_poll()
        self.grew()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._set_poll()

    # answers

    def _read(self, first: int) -> None:
        if self._query:
            request = ReadOutput(self._query.source, self._lane, first, PAGE)
            self._query.ask(f"page {first // PAGE % SLOTS}", request)

    def _answered(self, key: str, answer: object) -> None:
        if key == "copy" and isinstance(answer, str):
            QGuiApplication.clipboard().setText(answer)
        elif isinstance(answer, OutputPage) and self._lane in (FIRST, answer.lane):
            self._take(answer, is_look=key == "look")

    def _take(self, page: OutputPage, *, is_look: bool) -> None:
        if page.generation != self._generation:
            self._generation = page.generation
            self.model.clear()
        if page.lines or page.total:
            self._lane = page.lane
        self._show_lanes(page.lanes, page.of_script)
        before, has_grown = self.model.total, page.lanes != self._known
        self._known = page.lanes
        self.model.grow(page.total, again=has_grown)
        if not is_look:
            self.model.put(page)
        self._note.say("" if page.total else NO_OUTPUT)
        self.search.setVisible(page.total > 0)
        lines = "1 line" if page.total == 1 else f"{page.total:,} lines"
        text = lines if page.total else ""
        if text != self._count.text():
            self._count.setText(text)
        if page.total != before:
            self._keep_at_end(self.follow.isChecked())

    def _show_lanes(self, lanes: tuple[tuple[int, int], ...], of_script: bool) -> None:
        numbers = [lane for lane, _ in lanes]
        if [self.lanes.itemData(at) for at in range(self.lanes.count())] != numbers:
            self.lanes.clear()
            for lane in numbers:
                self.lanes.addItem(_named(lane, of_script), lane)
        at = self.lanes.findData(self._lane)
        if at >= 0 and at != self.lanes.currentIndex():
            self.lanes.setCurrentIndex(at)
        self.lanes.setVisible(len(numbers) > 0)

    def _failed(self, _key: str, error: object) -> None:
        self.model.clear()
        self._count.clear()
        self._note.say(f"The output cannot be read: {words.cause(error)}")

    # what the user does

    def _choose(self, at: int) -> None:
        lane = self.lanes.itemData(at)
        if lane != self._lane:
            self._lane = lane
            self._generation = 0
            self.model.clear()
            self.grew()

    def _keep_at_end(self, follow: bool) -> None:
        if follow and self.model.total:
            self.table.show_row(self.model.total - 1)

    def _moved(self, to: int) -> None:
        self.follow.setChecked(to >= self.table.verticalScrollBar().maximum())

    def _chose_line(self, row: int) -> None:
        if 0 <= row < self.model.total - 1:
            self.follow.setChecked(False)

    def copy(self) -> None:
        """Copy the selected lines."""
        spans = [(first, stop - first) for first, stop in self.table.selection.spans]
        if not spans or not self._query:
            return
        count = sum(size for _, size in spans)
        if count > COPY_LIMIT:
            self._count.setText(f"Copied the first {COPY_LIMIT:,} of {count:,} selected lines.")
        self._query.ask("copy", CopyOutput(self._query.source, self._lane, tuple(spans), COPY_LIMIT))

    def _menu(self, row: int, _column: int, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        copy = QAction("Copy", menu, shortcut=QKeySequence(QKeySequence.StandardKey.Copy))
        copy.triggered.connect(self.copy)
        every = QAction("Select all", menu, shortcut=QKeySequence(QKeySequence.StandardKey.SelectAll))
        every.triggered.connect(self.table.select_all)
        menu.addActions([copy, every])
        task = self.model.cells(row)[Column.TASK].text.partition(" ")[0]
        if task:
            menu.addSeparator()
            menu.addAction(f"Show task {task}").triggered.connect(partial(self._show_task, int(task)))
        menu.popup(at)

    def _show_task(self, task: int, *_: object) -> None:
        self.task_asked.emit(task)


def _named(lane: int, of_script: bool) -> str:
    if lane == HOST:
        return "Script" if of_script else "Host"
    return f"Process {lane}" if of_script else f"Lane {lane}"
