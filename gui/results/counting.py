"""Counts the tasks of a run for the chips, and groups its failures."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from engine.query.failures import Counts, Groups
from engine.query.slow import FindSlow, Slow
from gui.kit import words
from gui.kit.query import Query
from gui.results.errors import ErrorsPane
from gui.results.filter import FilterBar

_COUNT = 500
"""Milliseconds between updates of the counts."""
_SLOW = 1500
"""Milliseconds between updates of how long tasks took."""
OF_COUNTING = ("counts", "slow", "groups")
"""The keys of its questions."""


class Counting(QObject):
    """Keeps the chips of the filter and the groups of failures up to date."""

    counted = Signal()
    """The chips show new counts."""

    def __init__(self, filter_: FilterBar, errors: ErrorsPane, parent: QObject) -> None:
        super().__init__(parent)
        self._filter = filter_
        self._errors = errors
        self._query: Query | None = None
        self._count = QTimer(self, singleShot=True, interval=_COUNT)
        self._count.timeout.connect(self._ask)
        self._look_slow = QTimer(self, singleShot=True, interval=_SLOW)
        self._look_slow.timeout.connect(self._ask_slow)

    def open(self, query: Query) -> None:
        """Count the tasks of this query's run."""
        self._query = query
        query.answered.connect(self._answered)
        query.failed.connect(self._failed)
        self._ask()

    def close_run(self) -> None:
        """Count nothing any more."""
        self._query = None
        self._count.stop()
        self._look_slow.stop()
        self.show_errors(False)
        self._errors.show_groups(())

    @property
    def is_due(self) -> bool:
        """Whether it counts again soon."""
        return self._count.isActive()

    def soon(self) -> None:
        """Count again, soon."""
        self._count.start()

    def show_errors(self, shown: bool) -> None:
        """Show or hide the groups of failures."""
        self._filter.errors.setChecked(shown)
        self._errors.setVisible(shown and self._query is not None)
        if shown:
            self._ask_groups()

    def _ask(self) -> None:
        if self._query:
            self._query.ask("counts", Counts(self._query.source))
            if not self._look_slow.isActive():
                self._look_slow.start()

    def _ask_slow(self) -> None:
        if self._query:
            self._query.ask("slow", FindSlow(self._query.source))

    def _ask_groups(self) -> None:
        if self._query:
            self._errors.wait()
            self._query.ask("groups", Groups(self._query.source))

    def _answered(self, key: str, answer: object) -> None:
        if key == "counts" and isinstance(answer, tuple):
            self._show(dict(answer))
        elif isinstance(answer, Slow):
            self._filter.show_slow(answer)
        elif key == "groups" and isinstance(answer, tuple):
            self._errors.show_groups(answer)

    def _failed(self, key: str, error: object) -> None:
        if key == "groups":
            self._errors.fail(words.cause(error))

    def _show(self, counts: dict[str, int]) -> None:
        failed = self._filter.failed
        self._filter.show_counts(counts)
        self.counted.emit()
        if self._errors.isVisible() and failed != self._filter.failed:
            self._ask_groups()
