"""Begins runs in the order of the queue, and keeps waiting ones on disk."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Signal

from engine.job import Job
from gui.kit.in_order import InOrder
from gui.run.queue import Queue, Waiting
from gui.run.shelf import Shelf

CLOSING = 2000
"""Milliseconds that closing waits for pending writes."""


class Scheduler(QObject):
    """The queue of this app. `begin` says what starts now; whoever starts it calls `opened` and `ended`."""

    begin = Signal(object, object)
    """A `Waiting`, and the copy of its function's file from the moment of Run; None means the file itself."""
    changed = Signal()
    """The waiting runs or their order have changed."""
    failed = Signal(str, str)
    """What could not be done, and why."""

    def __init__(
        self, folder: Path, parent: QObject | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`folder` is for queues; each open app has one there."""
        super().__init__(parent)
        self._folder = folder
        self._queue = Queue(clock)
        self._disk = InOrder(self)
        self._shelf: Shelf | None = None
        """Used only in the thread of `_disk`, like the lock."""
        self._lock: QLockFile | None = None
        self._lost: set[str] = set()
        """Runs that could not be saved, so that their source is not known."""

    @property
    def waiting(self) -> tuple[Waiting, ...]:
        """The waiting runs, in the order in which they begin."""
        return self._queue.waiting

    @property
    def paused(self) -> bool:
        """Whether some were left over when the app last ended, and wait for `go_on`."""
        return self._queue.paused

    def restore(self) -> None:
        """Put back what is left over; called once, at the start."""
        self._disk.do(lambda: self._opened_shelf().read(), self._restored, self._unreadable)

    def run(self, job: Job, name: str, origin: str = "") -> Waiting | None:
        """Run a job: now if nothing else runs, else later.

        None, without any effect, if this is the second press of two on the same unchanged job.
        """
        made = self._queue.add(job, name, origin)
        if made is None:
            return None
        due = self._queue.due()
        if due is made:
            self.begin.emit(made, None)
        else:
            self._disk.do(
                lambda: self._opened_shelf().keep(made), otherwise=lambda error: self._not_kept(made, error)
            )
            self._keep_order()
            if due is not None:
                self._begin(due)
        self.changed.emit()
        return made

    def beside(self, id_: str) -> None:
        """Begin a run now, beside others."""
        found = self._queue.beside(id_)
        if found is not None:
            self._begin(found)
            self.changed.emit()

    def move(self, id_: str, place: int) -> None:
        """Move a run to this position among those that wait, counted from 0."""
        if self._queue.move(id_, place):
            self._keep_order()
            self.changed.emit()

    def take_out(self, id_: str) -> None:
        """Remove it from the queue."""
        if self._queue.take_out(id_) is not None:
            self._drop(id_)
            self.changed.emit()

    def go_on(self) -> None:
        """Continue with what was left over."""
        self._queue.go_on()
        self.changed.emit()
        self._next()

    def began(self, id_: str) -> None:
        """A run that was not queued is live: it was resumed or attached."""
        self._queue.began(id_)

    def opened(self, id_: str) -> None:
        """The run folder exists and holds job and source: they need not be kept here any more."""
        self._drop(id_)

    def ended(self, id_: str) -> None:
        """A run is over, or never began."""
        self._drop(id_)
        self._queue.ended(id_)
        self._next()

    def close(self) -> None:
        """The app ends. What waits will be there at the next start."""
        self._disk.do(self._unlock)
        self._disk.finish(CLOSING)

    def _next(self) -> None:
        due = self._queue.due()
        if due is not None:
            self._begin(due)
            self.changed.emit()

    def _begin(self, one: Waiting) -> None:
        """Begin what was kept, once it is known to be."""
        self._disk.do(
            lambda: self._opened_shelf().code(one.id),
            lambda code: self._ready(one, code),
            lambda error: self._not_kept(one, error),
        )

    def _ready(self, one: Waiting, code: Path | None) -> None:
        if one.id in self._lost:
            self.ended(one.id)
        else:
            self.begin.emit(one, code)

    def _not_kept(self, one: Waiting, error: Exception) -> None:
        self.failed.emit(f"{one.name} was not queued.", str(error))
        self._lost.add(one.id)
        if self._queue.take_out(one.id) is None:
            self.ended(one.id)
        self.changed.emit()

    def _restored(self, found: tuple[list[Waiting], list[str]]) -> None:
        left_over, faults = found
        self._queue.restore(left_over)
        if left_over:
            self.changed.emit()
        if faults:
            self.failed.emit("A queued run cannot be read.", "\n".join(faults))

    def _unreadable(self, error: Exception) -> None:
        self.failed.emit("The queue cannot be read.", str(error))

    def _keep_order(self) -> None:
        ids = [one.id for one in self._queue.waiting]
        self._disk.do(
            lambda: self._opened_shelf().put_in_order(ids),
            otherwise=lambda error: self.failed.emit("The order of the queue was not saved.", str(error)),
        )

    def _drop(self, id_: str) -> None:
        self._disk.do(
            lambda: self._opened_shelf().drop(id_),
            otherwise=lambda error: self.failed.emit(
                "A queued run could not be deleted and stays on disk.", str(error)
            ),
        )

    # runs in the thread of `_disk`

    def _opened_shelf(self) -> Shelf:
        """The first queue that no other app uses, with what ended apps left in others."""
        if self._shelf is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            folders = (self._folder / str(number) for number in count(1))
            folder, self._lock = next((folder, lock) for folder in folders if (lock := _locked(folder)))
            self._shelf = Shelf(folder)
            self._adopt(self._shelf)
        return self._shelf

    def _adopt(self, own: Shelf) -> None:
        for folder in sorted(path for path in self._folder.iterdir() if path.is_dir() and path != own.folder):
            if lock := _locked(folder):
                try:
                    own.take_over(Shelf(folder))
                finally:
                    lock.unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.unlock()


def _locked(folder: Path) -> QLockFile | None:
    lock = QLockFile(f"{folder}.lock")
    lock.setStaleLockTime(0)  # it belongs to a live app or a dead one; its age says nothing
    return lock if lock.tryLock(0) else None
