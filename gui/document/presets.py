"""Presets in the window: jobs kept by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from engine.job import Job, JobError, display_name
from engine.presets import PresetError, Presets
from gui.kit import ask
from gui.kit.work import Latest

if TYPE_CHECKING:
    from gui.document.manage import ManagePresets


class PresetShelf(QObject):
    """The presets as the window knows them. Disk access is off the GUI thread, one operation at a time."""

    changed = Signal()
    """Their names have changed."""
    opened = Signal(str, object)
    """Name and job of a preset that should be shown as a new job."""
    informed = Signal(str, str)
    """Something was done, and a message about it."""
    failed = Signal(str, str)
    """Something was not done, and why."""

    def __init__(self, parent: QWidget, unexpected: Callable[[BaseException], None]) -> None:
        super().__init__(parent)
        self._parent = parent
        self._unexpected = unexpected
        self._presets = Presets()
        self.names: list[str] = []
        self._waiting: list[Callable[[], tuple[list[str], Callable[[], None] | None]]] = []
        self._dialog: ManagePresets | None = None
        self._worker = Latest(self)
        self._worker.answered.connect(self._done)
        self._worker.failed.connect(self._failed)
        self._worker.settled.connect(self._next)

    def manage(self) -> None:
        """Show them in a dialog."""
        from gui.document.manage import ManagePresets

        self._dialog = ManagePresets(self._parent, self)
        self._dialog.finished.connect(self._managed)
        self._dialog.open()
        self.refresh()

    def _managed(self) -> None:
        self._dialog = None

    def refresh(self) -> None:
        """List them again."""
        self._do(lambda: None)

    def open(self, name: str) -> None:
        """Show a preset as a new job."""
        self._do(lambda: self._presets.load(name), lambda job: self.opened.emit(name, job))

    def save(self, job: Job) -> None:
        """Save a job under a name that the user types."""
        name = ask.preset_name(self._parent, display_name(job)).strip()
        if name and (name not in self.names or ask.replace_preset(self._parent, name)):
            self._do(lambda: self._presets.save(name, job), self._saved)

    def _saved(self, name: str) -> None:
        self.informed.emit(f"The job is kept as “{name}”.", "Find it under File ▸ Presets.")

    def duplicate(self, name: str) -> None:
        """Make a copy of a preset."""
        self._do(lambda: self._presets.duplicate(name))

    def rename(self, name: str, other: str) -> None:
        """Rename a preset."""
        self._do(lambda: self._presets.rename(name, other))

    def delete(self, name: str) -> None:
        """Delete a preset if the user confirms."""
        if ask.delete_preset(self._parent, name):
            self._do(lambda: self._presets.delete(name))

    def _do(self, work: Callable[[], Any], then: Callable[[Any], None] | None = None) -> None:
        """Do `work` after pending work, list the names, and pass the result to `then`."""

        def task() -> tuple[list[str], Callable[[], None] | None]:
            answer = work()
            return self._presets.names(), None if then is None else partial(then, answer)

        self._waiting.append(task)
        self._next()

    def _next(self) -> None:
        if self._waiting and not self._worker.busy:
            self._worker.ask(self._waiting.pop(0))

    def _done(self, outcome: tuple[list[str], Callable[[], None] | None]) -> None:
        self.names, then = outcome
        self.changed.emit()
        if then is not None:
            then()

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, PresetError | JobError | OSError):
            self._unexpected(error)
            return
        self.changed.emit()  # restore the old name after a rejected edit
        if self._dialog is not None:
            self._dialog.tell(str(error))
        else:
            self.failed.emit("The preset was not changed.", str(error))
