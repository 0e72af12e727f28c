"""The log of a run: from a line to its task, from a task to its lines, and what workers printed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.query.log import LogTask, LogWanted
from gui.logs.area import LogArea
from gui.logs.narrowing import Narrowing
from gui.logs.reader import LogReader


class Belonging(QObject):
    """Finds which task wrote a line, and shows what one task wrote."""

    task_asked = Signal(int)
    """Show the task that wrote a line."""
    files_asked = Signal(tuple)
    """Show these files instead, merged by time."""
    said = Signal(str)
    """A message for the user."""

    def __init__(self, area: LogArea, narrowing: Narrowing, parent: QObject, *, of_run: bool) -> None:
        super().__init__(parent)
        self.of_run = of_run
        """Whether there is a view that can show a task."""
        self._area, self._narrowing = area, narrowing
        self._reader: LogReader | None = None
        self._wants_printed = False
        """Show what workers printed, as soon as they have printed anything."""

    def read_by(self, reader: LogReader | None) -> None:
        """The view shows another log."""
        self._reader = reader
        if reader:
            reader.belongs.connect(self._belongs)
            reader.state_came.connect(self._look)

    @property
    def has_printed(self) -> bool:
        """Whether workers printed anything."""
        state = self._reader.state if self._reader else None
        return self.with_printed or (self.of_run and bool(state and state.printed))

    @property
    def with_printed(self) -> bool:
        """Whether the log is shown with what workers printed."""
        return self.of_run and self._reader is not None and len(self._reader.ref.paths) > 1

    @property
    def names(self) -> list[str]:
        """What to call the files of a run; empty for those of another program."""
        if not self.with_printed or not self._reader:
            return []
        return ["Log", *(_printed(path) for path in self._reader.ref.paths[1:])]

    def toggle_printed(self) -> None:
        """Mix what workers printed into the log, or show the log alone."""
        if not self._reader:
            return
        first = self._reader.ref.paths[0]
        if self.with_printed:
            self.files_asked.emit((first,))
        elif self._reader.state:
            self.files_asked.emit((first, *self._reader.state.printed))

    def show_printed(self) -> None:
        """Mix what workers printed into the log, if they have printed anything."""
        self._wants_printed = not self.with_printed
        self._look()

    def _look(self) -> None:
        state = self._reader.state if self._reader else None
        if self._wants_printed and state and state.printed:
            self._wants_printed = False
            self.toggle_printed()

    def show_task(self) -> None:
        """Show the task that wrote the current line."""
        line = self._area.shown.number(self._area.current)
        if self._reader and line is not None:
            self._reader.ask_task(self._area.shown.file(self._area.current), line)

    def _belongs(self, found: LogTask) -> None:
        if found.task is None:
            self.said.emit("This line does not belong to a task that has ended.")
        else:
            self.task_asked.emit(found.task)

    def show_lines(self, task: int) -> None:
        """Show only what one task wrote."""
        self._area.set_follow(False)
        self._narrowing.show_wanted(LogWanted(tasks=(str(task),)))


def _printed(file: Path) -> str:
    """What to call an output file of a run."""
    return f"Lane {file.stem}" if file.stem.isdecimal() else "Host"
