"""The user's code during the run: a copy is kept, and edits are reported."""

from __future__ import annotations

import logging

from ..record.code import CodeKeeper, stamp
from ..typed import Callable
from ..work.place import place

LOOK_SECONDS = 1.0
CHANGED = "The function's file has changed since the run began."
GONE = "The function's file is no longer there."
KEPT = "{path}: the run goes on with the code that it began with. Run the job again to use the new one."
NOT_KEPT = (
    "{path}: workers that are replaced load it as it is then, for the code could not be kept ({why})."
    " Run the job again to have all tasks run the same code."
)


class CodeWatch:
    """Keeps the code of a run. Calls `notice` once if the function's file changes."""

    def __init__(
        self, run_folder: str, function: dict[str, str], notice: Callable[[str, str], object]
    ) -> None:
        self._keeper = CodeKeeper(run_folder)
        self._notice = notice
        self._module = function["import_path"].partition(":")[0]
        self._path = "" if function["source"] or self._module else function["file"]
        self._before = stamp(self._path)
        self._look_at = 0.0
        self._missing = False
        modules: list[tuple[str, str]] = []
        if self._path:
            where = place(self._path)
            modules.append((where.name if where.in_package else "", self._path))
        self._keeper.keep(modules, complete=False)

    def add(self, modules: list[tuple[str, str]]) -> None:
        """A worker has loaded these files. Only the first worker counts."""
        if self._keeper.complete:
            return
        if self._module:  # before a task can see the copy
            self._path = dict(modules).get(self._module, "")
            self._before = stamp(self._path)
        self._keeper.keep(modules, complete=True)

    def look(self, now: float) -> None:
        """Check whether the function's file has changed, at most once a second."""
        if not self._before or now < self._look_at:
            return
        self._look_at = now + LOOK_SECONDS
        current = stamp(self._path)
        if current == self._before:
            self._missing = False
        elif current is not None:
            if self._keeper.differs(self._path):
                self._say(CHANGED)
            else:
                self._before = current
        elif self._missing:  # editors replace a file in two steps: it was also missing at the last check
            self._say(GONE)
        else:
            self._missing = True

    def _say(self, what: str) -> None:
        self._before = None
        has_copy = self._keeper.has(self._path)
        why = (KEPT if has_copy else NOT_KEPT).format(path=self._path, why=self._keeper.failure or "too long")
        logging.getLogger().warning("%s %s", what, why)
        self._notice(what, why)
