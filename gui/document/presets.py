"""Presets in the window: jobs kept by name, and the last values of a function that is chosen again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from engine.job import Job, JobError, display_name
from engine.presets import LastUsed, PresetError, Presets, identity, untouched
from gui.document.manage import ManagePresets
from gui.form.form import State
from gui.kit import ask
from gui.kit.work import Latest

if TYPE_CHECKING:
    from gui.shell.window import Window


class PresetShelf(QObject):
    """The presets as the window knows them; what touches the disk is done off the GUI thread, one by one."""

    changed = Signal()
    """Their names are other than before."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._presets = Presets()
        self.names: list[str] = []
        self._waiting: list[Callable[[], tuple[list[str], Callable[[], None] | None]]] = []
        self._dialog: ManagePresets | None = None
        self._worker = Latest(self)
        self._worker.answered.connect(self._done)
        self._worker.failed.connect(self._failed)
        self._worker.settled.connect(self._next)
        self.refresh()

    def manage(self) -> None:
        """Show them in a dialog, to be put in order."""
        self._dialog = ManagePresets(self._window, self)
        self._dialog.finished.connect(self._managed)
        self._dialog.open()
        self.refresh()

    def _managed(self) -> None:
        self._dialog = None

    def refresh(self) -> None:
        """List them anew."""
        self._do(lambda: None)

    def open(self, name: str) -> None:
        """Show a preset as a new job."""

        def show(job: Job) -> None:
            self._window.document.guard(lambda: self._window.adopt_preset(name, job))

        self._do(lambda: self._presets.load(name), show)

    def save(self) -> None:
        """Keep the form's job under a name that the person gives."""
        window = self._window
        own = window.form.own_problems()
        if own or window.form.busy:
            window.form.reveal()
            why = own[0].message if own else "The inputs are still being read. Try again in a moment."
            window.banner.fail("The preset was not saved.", why)
            return
        job = window.form.job()
        name = ask.preset_name(window, display_name(job)).strip()
        if name and (name not in self.names or ask.replace_preset(window, name)):
            self._do(lambda: self._presets.save(name, job), self._saved)

    def _saved(self, name: str) -> None:
        self._window.banner.inform(f"The job is kept as “{name}”.", "It stands under File ▸ Presets.")

    def duplicate(self, name: str) -> None:
        """Make a copy of a preset."""
        self._do(lambda: self._presets.duplicate(name))

    def rename(self, name: str, other: str) -> None:
        """Call a preset otherwise."""
        self._do(lambda: self._presets.rename(name, other))

    def delete(self, name: str) -> None:
        """Remove a preset, on the person's word."""
        if ask.delete_preset(self._window, name):
            self._do(lambda: self._presets.delete(name))

    def _do(self, work: Callable[[], Any], then: Callable[[Any], None] | None = None) -> None:
        """Do `work` after what is under way, list the names, and hand its answer to `then`."""

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
            self._window.unexpected(error)
            return
        self.changed.emit()  # a name that was typed and refused goes back
        if self._dialog is not None:
            self._dialog.tell(str(error))
        else:
            self._window.banner.fail("That could not be done with the preset.", str(error))


class LastValues(QObject):
    """Puts in what a function was last run with when it is chosen again, where nothing else was set yet."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._last = LastUsed()
        self._known = ""
        self._keeper = Latest(self)
        self._keeper.failed.connect(window.unexpected)
        self._finder = Latest(self)
        self._finder.answered.connect(self._found)
        self._finder.failed.connect(window.unexpected)
        window.form.changed.connect(self._look)
        window.document.replaced.connect(self._shown)
        window.live.began.connect(self.keep)

    def keep(self, job: Job) -> None:
        """A run of `job` began."""
        self._known = identity(job)
        self._keeper.ask(lambda: self._last.keep(job))

    def _shown(self) -> None:
        """A job that is opened has its own values."""
        self._known = identity(self._window.form.job())
        self._finder.drop()

    def _look(self) -> None:
        job = self._window.form.job()
        key = identity(job)
        if key != self._known:
            self._known = key
            if key and untouched(job):
                self._finder.ask(lambda: (key, self._last.of(key)))

    def _found(self, outcome: tuple[str, Job | None]) -> None:
        key, last = outcome
        window = self._window
        now, adrift = window.form.state()
        if last is None or identity(now) != key or not untouched(now) or untouched(last):
            return
        restored = last.with_(function=now.function, folder=now.folder)
        window.history.keep()
        window.form.restore(State(restored, adrift))
        window.history.keep()
        window.banner.inform(
            "The values last used with this function are in the form.", "", "Undo", window.history.undo
        )
