"""Restores the values that a function was last run with when it is chosen again."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from engine.job import Job
from engine.presets import LastUsed, identity, restored, untouched
from gui.document.document import Document
from gui.document.history import History
from gui.form import Form
from gui.form.form import State
from gui.kit.banner import Banner
from gui.kit.work import Latest

LAST_USED = "The values last used with this function are in the form."


class LastValues(QObject):
    """Restores the values of a function's last run when it is chosen again, unless something else is set."""

    def __init__(
        self,
        form: Form,
        document: Document,
        history: History,
        banner: Banner,
        unexpected: Callable[[BaseException], None],
    ) -> None:
        super().__init__(form)
        self._form, self._history, self._banner = form, history, banner
        self._last = LastUsed()
        self._known = ""
        self._put_in: Job | None = None
        """The job with the last values, until it is changed."""
        self._keeper = Latest(self)
        self._keeper.failed.connect(unexpected)
        self._finder = Latest(self)
        self._finder.answered.connect(self._found)
        self._finder.failed.connect(unexpected)
        form.changed.connect(self._look)
        document.replaced.connect(self._shown)

    def keep(self, job: Job) -> None:
        """A run of `job` began."""
        self._known = identity(job)
        self._keeper.ask(lambda: self._last.keep(job))

    def _shown(self) -> None:
        """A job that is opened keeps its own values."""
        self._known = identity(self._form.job())
        self._finder.drop()

    def _look(self) -> None:
        job = self._form.job()
        if self._put_in is not None and job != self._put_in:
            self._put_in = None
            self._banner.take_back(LAST_USED)
        key = identity(job)
        if key != self._known:
            self._known = key
            if key and untouched(job):
                self._finder.ask(lambda: (key, self._last.of(key)))

    def _found(self, outcome: tuple[str, Job | None]) -> None:
        key, last = outcome
        now, adrift = self._form.state()
        if last is None or identity(now) != key or (found := restored(last, now)) is None:
            return
        self._history.keep()
        self._form.restore(State(found, adrift))
        self._history.keep()
        self._put_in = found
        self._banner.inform(LAST_USED, "", "Undo", self._history.undo)
