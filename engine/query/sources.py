"""What a query process has open: runs and logs with their indexes, kept between requests."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar, cast

from engine.runs import DB

MOST_OPEN = 50
"""The number of open sources; the least recently used one is dropped first."""


class Closable(Protocol):
    def close(self) -> None: ...


T = TypeVar("T", bound=Closable)


class Sources:
    """Sources by their opener and path."""

    def __init__(self) -> None:
        self._open: OrderedDict[tuple[Path, Callable[[Path], Any]], Closable] = OrderedDict()

    def get(self, opener: Callable[[Path], T], path: Path) -> T:
        """What `opener` made of `path` earlier, or makes now."""
        key = (path, opener)
        found = self._open.get(key)
        if found is None:
            found = self._open[key] = opener(path)
            while len(self._open) > MOST_OPEN:
                self._open.popitem(last=False)[1].close()
        self._open.move_to_end(key)
        return cast("T", found)

    def release(self, path: Path) -> None:
        """Close whatever was opened from `path`."""
        for key in [key for key in self._open if key[0] == path]:
            self._open.pop(key).close()

    def close(self) -> None:
        """Close everything."""
        for path in {path for path, _ in self._open}:
            self.release(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def size_of(source: Path) -> int:
    """Bytes of a source; 0 if it is not there yet."""
    for path in (source / DB, source):
        try:
            status = path.stat()
        except OSError:
            continue
        return status.st_size
    return 0
