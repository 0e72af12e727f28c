"""The log of a run and its tasks: from a line to its task, and from a task to its lines."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.query.log import LogTask, LogWanted
from gui.logs.area import LogArea
from gui.logs.narrowing import Narrowing
from gui.logs.reader import LogReader


class Belonging(QObject):
    """Asks which task wrote a line, and shows what one task wrote."""

    task_asked = Signal(int)
    """The task that wrote a line is to be shown."""
    said = Signal(str)
    """What a person should know of it."""

    def __init__(self, area: LogArea, narrowing: Narrowing, parent: QObject, *, of_run: bool) -> None:
        super().__init__(parent)
        self.of_run = of_run
        """Whether somebody shows a task that is asked for."""
        self._area, self._narrowing = area, narrowing
        self._reader: LogReader | None = None

    def read_by(self, reader: LogReader | None) -> None:
        """Another log is shown."""
        self._reader = reader
        if reader:
            reader.belongs.connect(self._belongs)

    def show_task(self) -> None:
        """Show the task that wrote the line one is at."""
        line = self._area.shown.number(self._area.current)
        if self._reader and line is not None:
            self._reader.ask_task(self._area.shown.file(self._area.current), line)

    def _belongs(self, found: LogTask) -> None:
        if found.task is None:
            self.said.emit("This line belongs to no task that has ended.")
        else:
            self.task_asked.emit(found.task)

    def show_lines(self, task: int) -> None:
        """Show only what one task wrote."""
        self._area.set_follow(False)
        self._narrowing.show_wanted(LogWanted(tasks=(str(task),)))
