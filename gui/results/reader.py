"""Reads the rows of a results table off the GUI thread, in the wanted order, while the run grows."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from engine.query.arrange import Arrange, Arranging, Forget, RowOf
from engine.query.arrangements import EVERY, GONE
from engine.query.rows import Grow, Growth, Page, Rows
from engine.query.run import Span
from engine.results.conditions import listed, parse
from engine.results.names import UNENDED
from gui.kit.query import Query
from gui.results.model import WIDTH, ResultsModel
from gui.results.rows import PAGE

_UPDATE = 50
"""Milliseconds between checks whether a run has grown."""
_POLL = 1000
_SLICE = 0.008
"""Seconds of work on the model at a time."""
_FRESH = 250
"""Milliseconds between updates of unfinished tasks on screen."""
_REST = 10
"""During a run, an order is made again after this many times its own duration."""


@dataclass(frozen=True)
class Wanted:
    """Which tasks to show, and in which order."""

    where: str = ""
    """Valid conditions."""
    sort: str = ""
    """`COLUMN` or `COLUMN:desc`; empty means input order."""
    group: str = ""
    """Key of a group of failures."""

    @property
    def is_plain(self) -> bool:
        """Whether it means all tasks in input order."""
        return self == Wanted()

    @property
    def is_filter(self) -> bool:
        """Whether it may leave out tasks."""
        return bool(self.where or self.group)

    @property
    def _statuses(self) -> set[str]:
        """The statuses that it asks for."""
        named = (c for c in parse(self.where) if c.column == "status" and c.op == "=")
        return {status for condition in named for status in listed(condition.value)}

    @property
    def has_waiting(self) -> bool:
        """Whether it asks for unfinished tasks."""
        return not self._statuses.isdisjoint(UNENDED)


class ResultsReader(QObject):
    """Keeps a ResultsModel in step with a run.

    Each order has a handle: 0 is all finished tasks in input order; EVERY, during a run, includes unfinished
    tasks. The rows of the old order stay until the first rows of the new one are known.
    """

    taken_in = Signal()
    """All rows known so far are in the model."""
    progressed = Signal(object)
    """Progress of arranging the wanted order, if that takes a while."""
    arranged = Signal(int)
    """The wanted order is in the model; with the row of the task to keep in view, or -1."""
    gone = Signal()
    """The order is no longer kept: call `arrange` again."""
    changed = Signal()
    """Unfinished tasks may have ended by now: call `renew` or `put_off`."""
    renewed = Signal(object, object)
    """The order was made again; with the row of the task to keep, before and now, or -1."""
    failed = Signal(str, object)
    """The failed request (`arrange`, `grow` or `rows`) and its QueryError."""

    def __init__(self, model: ResultsModel, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self._query: Query | None = None
        self.wanted = self.shown = Wanted()
        """What is wanted, and what the rows in the model are."""
        self._arranging: Arranging | None = None
        """The order that is complete but not shown yet, or arrives in parts."""
        self.kept = -1
        """The task to keep in view."""
        self._is_again = self._is_gone = False
        """Whether the order was lost and not read since; whether it is lost now."""
        self._plain = 0
        """The handle of all tasks in input order."""
        self._is_live = False
        """Whether the run was still active at the last check."""
        self._renews = False
        """Whether the wanted order replaces the same one."""
        self._asked_at = self._took = 0.0
        """When the order was asked for; how long the last one took."""
        self._growths: deque[Growth] = deque()
        """New rows, to be inserted after those that are `coming`."""
        self._coming: Iterator[Span] = iter(())
        self._more = self._busy = self._grown = False
        """More growth is expected; a check is running; a check is needed."""
        self._step = QTimer(self, singleShot=True, interval=0)
        self._rest = QTimer(self, singleShot=True, interval=_UPDATE)
        self._poll = QTimer(self, interval=_POLL)
        self._fresh = QTimer(self, singleShot=True, interval=_FRESH)
        self._change = QTimer(self, singleShot=True)
        self._fresh.timeout.connect(model.refresh)
        self._change.timeout.connect(self.changed)
        self._step.timeout.connect(self._take_in)
        self._rest.timeout.connect(self._go_on)
        self._poll.timeout.connect(self.grew)
        model.wanted.connect(self._read_page)

    @property
    def is_arranging(self) -> bool:
        """Whether the wanted order is not there yet."""
        return self.wanted != self.shown or self._arranging is not None

    def open(self, query: Query) -> None:
        """Read the run of this query, all tasks in input order."""
        self._query = query
        query.came_in_part.connect(self._came_in_part)
        query.answered.connect(self._answered)
        query.failed.connect(self._failed)
        self._poll.start()
        self._look()

    def close(self) -> None:
        """Stop reading; the model becomes empty."""
        self._query = None
        for timer in (self._step, self._rest, self._poll, self._fresh, self._change):
            timer.stop()
        self._drop_growths()
        self._grown = self._is_again = self._is_gone = self._is_live = self._renews = False
        self._plain = 0
        self.wanted = self.shown = Wanted()
        self._arranging = None
        self._model.clear()

    # the order

    def arrange(self, wanted: Wanted, keep: int = -1) -> None:
        """Show these tasks in this order, and keep the task `keep` in view."""
        if self._query is None:
            return
        self._renews = False
        self._ask(wanted, keep)
        if wanted.is_plain:
            self._is_gone = False
            self._switch(Arranging(self._plain, 0, 0, 0, 0, (), 0, False))
            if keep < 0:
                self.arranged.emit(-1)
            self._look()

    def renew(self, keep: int = -1) -> None:
        """Make the current order again, and keep track of the task `keep`."""
        if self._query is not None and self._model.handle > 0 and not self._is_gone:
            self._renews = True
            self._ask(self.shown, keep)

    def put_off(self) -> None:
        """Renew the order later."""
        if self._query is not None and not self.is_arranging:
            self._query.cancel("arrange")
            self._query.cancel("keep")
            self._renews = False
            self._await_change()

    def keep_selected(self) -> None:
        """The user selected another task: a pending renewal would keep track of the wrong one."""
        if self._renews:
            self._arranging = None
            self.put_off()

    def _ask(self, wanted: Wanted, keep: int) -> None:
        assert self._query is not None
        self.wanted, self.kept, self._arranging = wanted, keep, None
        self._asked_at = time.monotonic()
        self._change.stop()
        self._query.cancel("arrange")
        self._query.cancel("keep")
        if not wanted.is_plain:
            waiting = self._is_live or wanted.has_waiting
            self._query.ask(
                "arrange", Arrange(self._query.source, wanted.where, wanted.sort, wanted.group, waiting)
            )

    def cancel(self) -> bool:
        """Stop arranging. False if the partial result is already shown, so that another order is needed."""
        if self._query:
            self._query.cancel("arrange")
            self._query.cancel("keep")
        is_whole = self._arranging is None or self._arranging.handle != self._model.handle
        self._arranging, self._is_gone, self._renews = None, False, False
        self.wanted = self.shown
        return is_whole

    def _come_in(self, news: Arranging) -> None:
        if not news.handle:
            self._failed("arrange", ValueError(news.problem))
            return
        self._arranging = news
        if not news.complete and self._renews:
            self._arranging = None
        elif not news.complete:
            if news.known:
                self._fill(news)
            self.progressed.emit(news)
        elif self.kept >= 0 and self._query:
            self._query.ask("keep", RowOf(self._query.source, self.kept, news.handle))
        else:
            self._finish(-1)

    def _finish(self, row: int) -> None:
        """The order is complete, and the task to keep in view has this row."""
        news, self._arranging = self._arranging, None
        renews, self._renews = self._renews, False
        self._took = time.monotonic() - self._asked_at
        was = self._model.row_of(self.kept) if renews else -1
        if news is not None:
            self._fill(news, renews=renews)
            self._is_gone = False
        self._await_change()
        if renews:
            self.renewed.emit(was, row)
        else:
            self.arranged.emit(row)
        self.taken_in.emit()
        self.grew()

    def _await_change(self) -> None:
        """Have the order made again after a while: tasks that have ended by then belong elsewhere."""
        if self._is_live and not self.shown.is_plain and not self._change.isActive():
            self._change.start(max(_POLL // 2, int(1000 * _REST * self._took)))

    def _fill(self, news: Arranging, *, renews: bool = False) -> None:
        """Add the known rows of an order to the model: their positions are final."""
        if self._model.handle != news.handle:
            self._switch(news, renews=renews)
        self._model.extend(news.known)

    def _switch(self, news: Arranging, *, renews: bool = False) -> None:
        """Replace the rows of one order by those of another."""
        old = self._model.handle
        self._drop_growths()
        if renews:
            self._model.renew(news.handle, news.generation, news.version, news.known)
        else:
            self._model.begin(news.handle, news.generation, news.version)
        self.shown = self.wanted
        if old > 0 and self._query:
            self._query.ask(f"forget {old}", Forget(self._query.source, old))

    # new rows

    def grew(self) -> None:
        """The run may have more results: check soon."""
        self._grown = True
        self._go_on()

    def _go_on(self) -> None:
        if self._grown and not self._busy and not self._rest.isActive():
            self._look()

    def _look(self) -> None:
        is_part = self._arranging is not None and self._arranging.handle == self._model.handle
        if self._query and not self._is_gone and not is_part:
            self._grown = False
            self._busy = self._more = True
            self._rest.start()
            model = self._model
            self._query.ask("grow", Grow(self._query.source, model.generation, model.version, model.handle))

    def _drop_growths(self) -> None:
        if self._query:
            self._query.cancel("grow")
        self._step.stop()
        self._growths.clear()
        self._coming = iter(())
        self._more = self._busy = False

    def _grow_by(self, growth: Growth) -> None:
        if growth.is_new and self._model.total:  # the run was resumed elsewhere, or another process reads it
            self.gone.emit()
            return
        self._growths.append(growth)
        if not self._step.isActive():
            self._take_in()

    def _take_in(self) -> None:
        """Insert rows for less than a frame; the rest follows after other events."""
        until = time.perf_counter() + _SLICE
        while time.perf_counter() < until:
            if next(self._coming, None) is None:
                if not self._growths:
                    break
                self._coming = self._model.growing(self._growths.popleft())
        else:
            self._step.start()
            return
        if not self._more:
            self._busy = False
            self.taken_in.emit()
            if self.wanted.is_plain and self.kept >= 0 and self._query:
                self._query.ask("keep", RowOf(self._query.source, self.kept, self._plain))
            if not self._is_live:
                self._fresh.start(0)
            elif not self._fresh.isActive():
                self._fresh.start(_FRESH)
            self._go_on()

    def _read_page(self, first: int) -> None:
        if self._query:
            handle = self._model.handle
            keys = tuple(self._model.keys)
            self._query.ask(f"rows {handle}", Rows(self._query.source, first, PAGE, WIDTH, handle, keys))

    # answers

    def _came_in_part(self, _key: str, part: object) -> None:
        if isinstance(part, Growth):
            self._grow_by(part)
        elif isinstance(part, Arranging):
            self._come_in(part)

    def _answered(self, key: str, answer: object) -> None:
        if isinstance(answer, Growth):
            self._is_again = self._more = False
            if self._fits(answer):
                self._grow_by(answer)
        elif isinstance(answer, Page) and key == f"rows {self._model.handle}":
            self._is_again = False
            if not self._model.put(answer):
                self.grew()
        elif isinstance(answer, Arranging):
            self._come_in(answer)
        elif key == "keep" and isinstance(answer, int):
            self._finish(answer)
            self.kept = -1

    def _fits(self, growth: Growth) -> bool:
        """Note whether the run is active. False if the list of all tasks in input order was replaced."""
        was_live, self._is_live = self._is_live, growth.is_live
        if self._model.handle > 0:
            self._await_change()
            if was_live and not growth.is_live and not self.shown.is_plain:
                self._change.start(0)
            return True
        plain = EVERY if growth.is_live or growth.is_whole else 0
        if plain == self._plain:
            return True
        self._plain = plain
        if self.wanted.is_plain:
            self.gone.emit()
        return not self.wanted.is_plain

    def is_lost(self, error: object) -> bool:
        """Whether an error says that the order is no longer kept; then it is made again, once."""
        if GONE not in str(error):
            return False
        if not self._is_again:
            self._is_again = self._is_gone = True
            self._busy = self._more = False
            self.gone.emit()
        return self._is_gone

    def _failed(self, key: str, error: object) -> None:
        what = key.partition(" ")[0]
        is_shown = key in ("grow", f"rows {self._model.handle}")
        if is_shown and self.is_lost(error):
            return
        if key == "keep":
            self._finish(-1)
        elif is_shown or key == "arrange":
            if what == "rows":
                self._model.give_up()
            elif what == "grow":
                self._busy = self._more = False
            else:
                self._is_gone, self._renews = False, False
                self._arranging, self.wanted = None, self.shown
            self.failed.emit(what, error)
