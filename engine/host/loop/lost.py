"""Log records that processes of the run could not write: counted, and reported to the user."""

from __future__ import annotations

from ..typed import Callable

WHAT = "Log records could not be written."


class LostRecords:
    """Calls `notice` at the first of them, and at the end with their number."""

    def __init__(self, notice: Callable[[str, str], None]) -> None:
        self._notice = notice
        self._said = 0
        self._why = ""
        self.count = 0

    def add(self, records: int, why: str) -> None:
        """This many more were lost."""
        self.count += records
        self._why = why or self._why
        if records and not self._said:
            self._say()

    def sum_up(self) -> None:
        """The run is over."""
        if self.count > self._said:
            self._say()

    def _say(self) -> None:
        self._said = self.count
        self._notice(WHAT, f"{self.count:,} of them are lost so far. The last reason: {self._why}.")
