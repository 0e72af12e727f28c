"""Commits changes of run.db beside the host's loop, so that a slow disk delays no worker."""

from __future__ import annotations

import sqlite3
import threading
from multiprocessing import Pipe

from ..typed import Any, Callable
from .objects import Syncer


class Commits:
    """Collects changes in a transaction; those that arrive during a commit wait for the next one."""

    def __init__(self, db: sqlite3.Connection, objects: Syncer, last: Callable[[], None]) -> None:
        """`last` is called before a transaction ends, to make the final changes in it."""
        self._db = db
        self._last = last
        self._objects = objects
        self._open = False
        self._later: list[tuple[str, Any]] = []
        self._thread: threading.Thread | None = None
        self._error: Exception | None = None
        self.ended, self._tell = Pipe(duplex=False)
        """Becomes readable when the current commit has ended."""

    @property
    def under_way(self) -> bool:
        """Whether a commit has begun and not ended."""
        return self._thread is not None

    @property
    def wanted(self) -> bool:
        """Whether there is something to commit."""
        return self._open and not self.under_way

    def add(self, sql: str, values: Any = ()) -> None:
        """Make a change."""
        if self.under_way:
            self._later.append((sql, values))
            return
        self.begin()
        self._db.execute(sql, values)

    def begin(self) -> None:
        """Begin a transaction, if none is open."""
        if not self._open:
            self._db.execute("BEGIN IMMEDIATE")
            self._open = True

    def start(self) -> None:
        """Begin to commit what was added."""
        self._last()
        written = self._objects.take()
        thread = threading.Thread(target=self._run, args=(written,))
        try:
            thread.start()
        except RuntimeError:  # the system refuses another thread
            self._bring(written)
            self._open = False
        else:
            self._thread = thread

    def _run(self, written: set[str]) -> None:
        try:
            self._bring(written)
        except Exception as error:
            self._error = error
        self._tell.send_bytes(b"ended")

    def _bring(self, written: set[str]) -> None:
        self._objects.sync(written)
        self._db.execute("COMMIT")

    def end(self) -> None:
        """Wait for the current commit, if there is one. Raises its error."""
        if self._thread is None:
            return
        self._thread.join()
        self.ended.recv_bytes()
        self._thread, self._open = None, False
        error, self._error = self._error, None
        if error is not None:
            raise error
        later, self._later = self._later, []
        for change in later:
            self.add(*change)

    def commit(self) -> None:
        """Commit what was added, and return when it is on disk."""
        self.end()
        if self._open:
            self._last()
            self._bring(self._objects.take())
            self._open = False
