"""The counts of outcomes on disk, and the commits that write them."""

from __future__ import annotations

from .. import system
from ..record.store import Store
from ..typed import Callable, Protocol

COMMIT_SECONDS = 0.1
"""The least time between two commits and updates of the counts; the first ones come immediately."""


class Outcomes(Protocol):
    """Anything that keeps outcomes: how many tasks have one, and how many of which kind."""

    @property
    def ok(self) -> int: ...
    @property
    def failed(self) -> int: ...
    @property
    def ended(self) -> int: ...


class Counted:
    """How many tasks have an outcome on disk: `ok` ones, and `failed` ones.

    `tell` is called whenever these have grown.
    """

    def __init__(self, ledger: Outcomes, store: Store, tell: Callable[[], None]) -> None:
        self._ledger = ledger
        self._store = store
        self._tell = tell
        self.ok, self.failed = ledger.ok, ledger.failed
        self._coming = (self.ok, self.failed)
        """The counts after the current commit."""
        self._begun_at = system.clock()

    def patience(self, now: float) -> float | None:
        """Seconds until the next commit is due; None if there is nothing to commit."""
        return self._begun_at + COMMIT_SECONDS - now if self._store.commits.wanted else None

    def look(self, now: float, has_all: bool) -> None:
        """Count what is on disk, and commit what is due; immediately if the run `has_all`."""
        if not self._store.commits.under_way:
            self.take_in()
        first = self._coming == (0, 0) and self._ledger.ended > 0
        if first or has_all or now >= self._begun_at + COMMIT_SECONDS:
            self._begin()

    def _begin(self) -> None:
        if self._store.commits.wanted:
            self._coming = (self._ledger.ok, self._ledger.failed)
            self._store.commits.start()
        self._begun_at = system.clock()

    def take_in(self) -> None:
        """Wait for the current commit, if there is one, and count what it wrote."""
        if self._store.commits.under_way or (self.ok, self.failed) != self._coming:
            self._store.commits.end()
            self.ok, self.failed = self._coming
            self._tell()

    def all(self) -> None:
        """Write everything to disk, and count it."""
        self.take_in()  # what arrived during that commit is for the next one
        self._begin()
        self.take_in()

    def restart(self) -> None:
        """Some outcomes were revoked: commit that, and count from there."""
        self._store.commits.commit()
        self.ok, self.failed = self._coming = (self._ledger.ok, self._ledger.failed)
