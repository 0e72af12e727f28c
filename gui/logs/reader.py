"""Asks about one log, and keeps the answers up to date as the file grows, is truncated or replaced."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.query.log import (
    LINES,
    NO_PATTERN,
    ChoicesForLog,
    CountOverTime,
    GroupLog,
    LogChoices,
    LogChosen,
    LogGroups,
    LogHistogram,
    LogMarks,
    LogPage,
    LogPattern,
    LogPlace,
    LogRef,
    LogSaved,
    LogState,
    LogTask,
    LogText,
    LogWanted,
    LookAtLog,
    MarkLog,
    ReadLog,
    SaveLog,
    SeekInLog,
    TakeFromLog,
    Target,
    TaskOfLine,
    choosing,
)
from gui.kit.query import Query

ALL = LogWanted()
AS_WRITTEN = "as-written"


class LogReader(QObject):
    """One log: what the view wants and what is known. Nothing is reported after `end`."""

    page_came = Signal(LogPage)
    state_came = Signal(LogState)
    chosen_came = Signal(LogChosen)
    """The progress of the filter."""
    found_came = Signal(LogChosen)
    """The progress of the search."""
    marks_came = Signal(LogMarks)
    placed = Signal(str, LogPlace)
    """The requested place, under the name of its request."""
    belongs = Signal(LogTask)
    """The task of the line that was asked about."""
    taken = Signal(LogText)
    saved = Signal(LogSaved)
    choices_came = Signal(LogChoices)
    counted = Signal(LogHistogram)
    grouped = Signal(LogGroups)
    failed = Signal(str, object)
    """The request that failed, and why."""

    def __init__(self, ref: LogRef, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.ref = ref
        self.wanted = ALL
        self.pattern = NO_PATTERN
        self.zone = AS_WRITTEN
        self.ansi = False
        self.only_hits = False
        """Whether to look only at lines with a hit; then another reader searches."""
        self.state: LogState | None = None
        self.chosen: LogChosen | None = None
        self.found: LogChosen | None = None
        self._asked: dict[str, tuple[object, ...]] = {}
        """By key, the state of the file that the latest question is about."""
        self._busy: set[str] = set()
        self._next_look: LookAtLog | None = None
        """The next rows to look at, once the current question is answered."""
        self._query = Query(ref.paths[0], self)
        self._query.answered.connect(self._answered)
        self._query.came_in_part.connect(self._came)
        self._query.failed.connect(self._failed)

    def end(self) -> None:
        """No answer is wanted any more."""
        self._query.end()
        self.deleteLater()

    # the visible rows

    def look(self, first: int, count: int, at_end: bool, left: int) -> None:
        """Read the rows near the screen: at once, or after the pending answer.

        If it replaced the pending question, a busy machine would never get to answer.
        """
        request = LookAtLog(
            self.ref,
            self.wanted,
            first,
            count,
            at_end,
            left,
            self.ansi,
            self.zone,
            self.pattern,
            self.only_hits,
        )
        if "look" in self._busy:
            self._next_look = request
        else:
            self._busy.add("look")
            self._query.ask("look", request)

    def _look_on(self) -> None:
        request, self._next_look = self._next_look, None
        if request:
            self._busy.add("look")
            self._query.ask("look", request)

    def read(self) -> None:
        """Check whether the file has grown, and read on."""
        if "read" not in self._busy:
            self._busy.add("read")
            self._query.ask("read", ReadLog(self.ref))

    # filter and search

    def choose(self, wanted: LogWanted) -> None:
        """Show only this from now on."""
        if wanted != self.wanted:
            self.wanted = wanted
            self.chosen = None
            self._stop("choose")
            self._go_on()

    def find(self, pattern: LogPattern) -> None:
        """Search for this from now on; for nothing if its text is empty."""
        if pattern != self.pattern:
            self.pattern = pattern
            self.found = None
            self._stop("find")
            self._go_on()

    def stop_search(self) -> None:
        """Stop a long search. Its hits so far stay."""
        self._stop("find")
        self._asked["find"] = self._stand()

    def _stop(self, key: str) -> None:
        self._busy.discard(key)
        self._asked.pop(key, None)
        self._query.cancel(key)

    def _stand(self) -> tuple[object, ...]:
        """The state on which filter and search depend."""
        state = self.state
        return (state.generation, state.end, state.places, self.wanted) if state else ()

    def _go_on(self) -> None:
        """Filter and search what is new."""
        if self.state is None:
            return
        if self.wanted != ALL:
            self._work("choose", self.wanted, self.chosen)
        if self.pattern.text:
            self._work("find", self.pattern, self.found)

    def _work(self, key: str, condition: LogWanted | LogPattern, before: LogChosen | None) -> None:
        assert self.state is not None
        if key in self._busy or self._asked.get(key) == self._stand():
            return
        generation = self.state.generation
        have = before.covered if before and before.generation == generation else ()
        try:
            request = choosing(self.ref, condition, self.wanted, generation, have)
        except ValueError as error:
            self._asked[key] = self._stand()
            self.failed.emit(key, error)
            return
        self._asked[key] = self._stand()
        self._busy.add(key)
        self._query.ask(key, request)

    # places, marks, text

    def seek(
        self, name: str, target: Target, row: int = 0, line: int = 0, file: int = 0, time: str = ""
    ) -> None:
        """Find a place; reported by `placed`."""
        request = SeekInLog(self.ref, self.wanted, target, row, line, file, time, self.pattern)
        self._query.ask(f"seek {name}", request)

    def mark(self, slots: int) -> None:
        """Find which parts have hits and errors."""
        self._query.ask("mark", MarkLog(self.ref, self.wanted, slots, self.pattern))

    def take(self, first: int, last: int, start: int = 0, end: int = -1, what: str = LINES) -> None:
        """Read rows for copying."""
        self._query.ask("take", TakeFromLog(self.ref, self.wanted, first, last, start, end, what))

    def ask_task(self, file: int, line: int) -> None:
        """Ask which task a line belongs to; reported by `belongs`."""
        self._query.ask("task", TaskOfLine(self.ref, file, line))

    def ask_choices(self) -> None:
        """Ask what can be chosen by hand; reported by `choices_came`."""
        self._query.ask("choices", ChoicesForLog(self.ref))

    def save(self, path: Path, kind: str, first: int = 0, last: int = -1) -> None:
        """Write rows to a file; reported by `saved`."""
        self._query.ask("save", SaveLog(self.ref, self.wanted, path, kind, first, last, self.zone))

    def count(self, spans: int) -> None:
        """Count records over time; reported by `counted`."""
        self._query.ask("count", CountOverTime(self.ref, self.wanted, spans))

    def group(self) -> None:
        """Group records by their messages; reported by `grouped`."""
        self._query.ask("group", GroupLog(self.ref, self.wanted))

    def ungroup(self) -> None:
        """Groups are no longer wanted."""
        self._query.cancel("group")

    # answers

    def _came(self, key: str, answer: object) -> None:
        if isinstance(answer, LogState):
            self.state = answer
            self.state_came.emit(answer)
            self._go_on()
        elif isinstance(answer, LogChosen):
            if key == "choose":
                self.chosen = answer
                self.chosen_came.emit(answer)
            else:
                self.found = answer
                self.found_came.emit(answer)
        elif isinstance(answer, LogSaved):
            self.saved.emit(answer)
        elif isinstance(answer, LogHistogram):
            self.counted.emit(answer)
        elif isinstance(answer, LogGroups):
            self.grouped.emit(answer)

    def _answered(self, key: str, answer: object) -> None:
        self._busy.discard(key)
        if isinstance(answer, LogPage):
            self._look_on()
            self.page_came.emit(answer)
        elif isinstance(answer, LogPlace):
            self.placed.emit(key.removeprefix("seek "), answer)
        elif isinstance(answer, LogMarks):
            self.marks_came.emit(answer)
        elif isinstance(answer, LogTask):
            self.belongs.emit(answer)
        elif isinstance(answer, LogChoices):
            self.choices_came.emit(answer)
        elif isinstance(answer, LogText):
            self.taken.emit(answer)
        else:
            if isinstance(answer, LogChosen) and not answer.complete:
                self._asked.pop(key, None)  # the file was replaced in the meantime
            self._came(key, answer)
            self._go_on()

    def _failed(self, key: str, error: object) -> None:
        self._busy.discard(key)
        if key == "look":
            self._look_on()
        self.failed.emit(key, error)
