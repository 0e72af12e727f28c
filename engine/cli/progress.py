"""The progress bar in a terminal; if stderr is not a terminal, an occasional line."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any, NoReturn, Self

from engine.progress import Estimator, summary, words

if TYPE_CHECKING:  # piped output has no bar, and should not wait for the import
    from tqdm import tqdm

BAR = "{percentage:3.0f}%|{bar}| {desc}"
DEFAULT_SIZE = {"ncols": 80, "nrows": 24}
"""Columns and rows of a terminal that does not report its own."""
LINE_SECONDS = 10.0
"""Seconds between two lines outside a terminal."""


class Bar:
    """Shows the progress of a run; nothing if `quiet`."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._bar: tqdm[NoReturn] | None = None
        self._estimator = Estimator(None)
        self._said_at = 0.0
        self._text = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.refresh()
            self._bar.close()
        elif self._text:
            self._say()

    def begin(self, total: int | None, done: int) -> None:
        """The run has `total` tasks, of which `done` were finished earlier."""
        self._estimator = Estimator(total)
        self._estimator.update(done, time.monotonic())
        if not self._quiet and sys.stderr.isatty():
            self._bar = _bar(total, done)

    def update(self, ok: int, failed: int, total: int | None) -> None:
        """This many tasks have ended, of `total` if that is known."""
        done = ok + failed
        self._estimator.total = total
        self._estimator.update(done, time.monotonic())
        if self._quiet:
            return
        self._text = self._words(done, failed)
        if self._bar is not None:
            self._bar.total = total
            self._bar.set_description_str(self._text, refresh=False)
            self._bar.update(done - self._bar.n)
        elif time.monotonic() - self._said_at >= LINE_SECONDS:
            self._say()

    def note(self, text: str) -> None:
        """Print a message between two states of the bar."""
        if self._bar is not None:
            self._bar.write(text, file=sys.stderr)
        else:
            print(text, file=sys.stderr)

    def _say(self) -> None:
        print(self._text, file=sys.stderr)
        self._said_at = time.monotonic()
        self._text = ""

    def _words(self, done: int, failed: int) -> str:
        total = self._estimator.total
        parts = [summary(done, total)]
        if failed:
            parts.append(f"{failed:,} failed")
        if rate := self._estimator.rate:
            parts.append(f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.2g}/s")
        left = self._estimator.time_left()
        if left is not None and done != total:
            parts.append(f"{words(left)} left")
        return ", ".join(parts)


def _bar(total: int | None, done: int) -> tqdm[NoReturn]:
    from tqdm import tqdm

    knows_size = os.get_terminal_size(sys.stderr.fileno()).columns > 0
    size: dict[str, Any] = {"dynamic_ncols": True} if knows_size else DEFAULT_SIZE
    return tqdm(total=total, initial=done, bar_format=BAR, file=sys.stderr, **size)
