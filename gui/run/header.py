"""The header of a page: what its run is doing, its progress, and the buttons, each in a fixed place."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.progress import summary, words
from gui.commands import buttons
from gui.commands.actions import Actions
from gui.kit import icons
from gui.kit.mark import Mark
from gui.kit.widgets import ElidedLabel
from gui.kit.words import duration
from gui.run.bar import RunBar
from gui.run.pool_size import PoolSize
from gui.run.state import RunState

if TYPE_CHECKING:
    from engine.runs import RunFacts, Stand

STOPPED = "It was stopped."
"""What the host says of a run that the user stopped, which the title already says."""
STATES = {
    "ready": ("Ready", "info", "muted"),
    "reading": ("Reading…", "runs", "muted"),
    "refused": ("Nothing ran", "warning", "warning"),
    "checking": ("Checking…", "runs", "muted"),
    "starting": ("Starting…", "runs", "accent"),
    "running": ("Running", "run", "accent"),
    "paused": ("Paused", "pause", "warning"),
    "stopping": ("Stopping…", "stop", "warning"),
    "finished": ("Finished", "good", "good"),
    "stopped": ("Stopped", "stop", "warning"),
    "failed": ("Failed", "error", "problem"),
    "interrupted": ("Interrupted", "warning", "warning"),
    "unreadable": ("Unreadable", "error", "problem"),
}
READY = "Results, progress and log appear here."
PRIMARY = "run.start"
_SIDE = 12
"""Pixels between the content and the left and right borders."""
_ICON = QSize(16, 16)
_BESIDE_ICON = 4
"""Pixels between the icon of a button and its text."""
_SECOND = 1000
_BETWEEN = " · "


def rate_words(rate: float) -> str:
    """Tasks per second, with a sensible number of digits."""
    return f"{rate:,.0f} tasks/s" if rate >= 10 else f"{rate:.1f} tasks/s" if rate >= 0.1 else ""


def clock_words(seconds: float) -> str:
    """Running time that counts up: in whole seconds."""
    if seconds < 60:
        return f"{int(seconds)} s"
    return duration(int(seconds))


class Header(QFrame):
    """Three lines of constant height: state and buttons, the bar, and the facts."""

    def __init__(self, actions: Actions, ids: Sequence[str], ways_to_stop: Sequence[str]) -> None:
        """`ids` are the commands that get a button; `ways_to_stop` are in a menu beside `run.stop`."""
        super().__init__()
        self.setObjectName("header")
        self.setAccessibleName("Run")
        self.state = ""
        self._shown: RunState | None = None
        self._mark = Mark(18)
        self.title = ElidedLabel("heading")
        self.title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.name = ElidedLabel("muted")
        self.detail = ElidedLabel("muted")
        self.bar = RunBar()
        self.pool = PoolSize()
        self.buttons: dict[str, QAbstractButton] = {}
        self._narrow = False
        self._tick = QTimer(self, interval=_SECOND)
        self._tick.timeout.connect(self._count)
        first = self._first = QHBoxLayout()
        first.setSpacing(7)
        first.addWidget(self._mark)
        first.addWidget(self.title)
        first.addWidget(self.name, 1)
        for id_ in ids:
            first.addWidget(self._button(actions, id_))
            if id_ == "run.stop":
                first.addSpacing(-8)
                first.addWidget(self._arrow(actions, ways_to_stop))
        last = QHBoxLayout()
        last.setSpacing(7)
        last.addWidget(self.detail, 1)
        last.addWidget(self.pool)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(_SIDE, 8, _SIDE, 8)
        whole.setSpacing(6)
        whole.addLayout(first)
        whole.addWidget(self.bar)
        whole.addLayout(last)
        self.ready()

    def _button(self, actions: Actions, id_: str) -> QAbstractButton:
        primary = id_ == PRIMARY
        icon = icons.icon("run", "on_accent") if primary else None
        button = buttons.push_button(actions, id_, icon=icon)
        if primary:
            button.setProperty("primary", True)
        self.buttons[id_] = button
        return button

    def offer(self, ids: Sequence[str], among: Sequence[str]) -> None:
        """Of the buttons of the commands `among`, show only those of `ids`."""
        for id_ in among:
            self.buttons[id_].setVisible(id_ in ids)
        self._fit()

    def _arrow(self, actions: Actions, ids: Sequence[str]) -> QWidget:
        self.arrow = QToolButton()
        self.arrow.setObjectName("arrow")
        self.arrow.setIcon(icons.icon("chevron-down"))
        self.arrow.setToolTip("Ways to stop")
        self.arrow.setAccessibleName("Ways to stop")
        self.arrow.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.arrow)
        for id_ in ids:
            menu.addAction(_told(actions, id_, menu))
        self.arrow.setMenu(menu)
        self._last_way = actions.action(ids[-1])
        self._last_way.changed.connect(self._follow_ways)
        self._follow_ways()
        return self.arrow

    def _follow_ways(self) -> None:
        self.arrow.setEnabled(self._last_way.isEnabled())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Take the icons from the buttons if the state would be cut beside them."""
        narrow = self.width() < self._needed()
        if narrow != self._narrow:
            self._narrow = narrow
            for button in self.buttons.values():
                button.setIconSize(QSize(0, 0) if narrow else _ICON)

    def _needed(self) -> int:
        """The width at which the state fits beside buttons with icons."""
        buttons = [button for button in self.buttons.values() if not button.isHidden()]
        fixed = [self._mark, self.title, self.arrow, *buttons]
        icons_of = [button for button in buttons if self._narrow and not button.icon().isNull()]
        between = self._first.spacing() * self._first.count() + len(icons_of) * (_ICON.width() + _BESIDE_ICON)
        return 2 * _SIDE + between + sum(widget.sizeHint().width() for widget in fixed)

    # what is shown

    def ready(self, detail: str = READY) -> None:
        """No run is shown."""
        self.bar.show_part(0.0)
        self._show("ready", "", detail)

    def reading(self) -> None:
        """A run is being read."""
        self.bar.show_part(0.0)
        self._show("reading", "", "")

    def checking(self) -> None:
        """The job is being checked."""
        self.bar.show_part(0.0)
        self._show("checking", "", "")

    def refused(self, why: str) -> None:
        """The run did not begin."""
        self.bar.show_part(0.0)
        self._show("refused", "", why)

    def unreadable(self, why: str) -> None:
        """There is a run, but it cannot be read."""
        self.bar.show_part(0.0)
        self._show("unreadable", "", why)

    def show_live(self, state: RunState) -> None:
        """Show the state of a live run."""
        phase, total, done = state.phase, state.total, state.ok + state.failed
        if state.ended is None and (state.started is None or total is None):
            self.bar.show_part(state.share, paused=phase == "paused")
        else:
            whole = max(1, done if total is None else total)
            self.bar.show_part(done / whole if done else 0.0, state.failed / whole, paused=phase == "paused")
        reason = state.ended.reason if state.ended and state.ended.reason != STOPPED else ""
        self._show(phase, state.name, self._facts(state, reason), live=state, failed=state.failed)
        self.pool.setEnabled(state.resizable)
        self.pool.tell(state.workers)

    def show_saved(self, stand: Stand, note: str = "") -> None:
        """Show the state of a saved run, with an additional remark."""
        facts = stand.facts
        done = facts.ok + facts.failed
        whole = max(1, done if facts.total is None else facts.total)
        state = "paused" if facts.paused else facts.state
        self.bar.show_part(
            1.0 if facts.total == 0 else done / whole, facts.failed / whole, paused=facts.paused
        )
        parts = [_tasks(done, facts.total, live=state == "running"), _failed(facts.failed)]
        if stand.seconds is not None:
            parts.append(f"ran {duration(stand.seconds)}")
        parts += [_why(facts), note]
        self._show(state, facts.name, _joined(parts), failed=facts.failed)
        self.pool.tell(facts.workers)

    def _facts(self, state: RunState, reason: str) -> str:
        now = time.monotonic()
        parts = [_tasks(state.ok + state.failed, state.total, live=True)] if state.started else []
        if state.share is not None:
            parts.append(f"about {state.share:.0%}")
        parts.append(_failed(state.failed))
        if state.started:
            parts.append(clock_words(state.watch.seconds(now)))
        if state.phase == "running":
            left = state.time_left()
            parts += [f"{words(left)} left" if left is not None else "", rate_words(state.estimator.rate)]
        return _joined([*parts, reason])

    def _count(self) -> None:
        """A second has passed."""
        if self._shown is not None and self.isVisible():
            self.detail.setText(self._facts(self._shown, ""))

    def _show(
        self, state: str, name: str, detail: str, *, live: RunState | None = None, failed: int = 0
    ) -> None:
        self.state = state
        text, mark, role = STATES.get(state, (state.capitalize(), "info", "muted"))
        if failed and state == "finished":
            text, mark, role = (
                f"Finished, {failed:,} task{'s' if failed > 1 else ''} failed",
                "warning",
                "warning",
            )
        if text != self.title.text():
            self.title.setText(text)
            self._fit()
        self.name.setText(name)
        self._mark.show_icon(mark, role)
        self.detail.setText(detail)
        self._shown = live if live is not None and live.begun else None
        if live is None or not live.begun:
            self.pool.setEnabled(False)
        if not name:
            self.pool.tell(0)
        if self._shown is None:
            self._tick.stop()
        elif not self._tick.isActive():
            self._tick.start()


def _told(actions: Actions, id_: str, parent: QMenu) -> QAction:
    """A command with its description in the same line; elsewhere the description is a tooltip."""
    command, own = actions.registry[id_], actions.action(id_)
    action = QAction(f"{command.text}:  {command.tip}", parent)
    action.setObjectName(id_)
    action.triggered.connect(own.trigger)
    parent.aboutToShow.connect(lambda: action.setEnabled(own.isEnabled()))
    return action


def _tasks(done: int, total: int | None, *, live: bool) -> str:
    """How many tasks are done; a script has none before it calls a pool."""
    return summary(done, total) if total != 0 else "no tasks yet" if live else "no tasks"


def _failed(count: int) -> str:
    return f"{count:,} failed" if count else ""


def _why(facts: RunFacts) -> str:
    """Why a run is not finished, unless its state already says so."""
    return facts.reason if facts.state in ("failed", "interrupted") else ""


def _joined(parts: Sequence[str]) -> str:
    return _BETWEEN.join(part for part in parts if part)
