"""Inputs that are the paths of files."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator

from ..typed import Any
from .source import LOOK, Source, Unreadable


class Files(Source):
    """The files that match a pattern, sorted by path.

    Paths below the job's folder, where the tasks run, are relative to it; others are absolute.
    """

    key = "inputs.pattern"

    def __init__(self, inputs: dict[str, Any]) -> None:
        self._folder: str = inputs["folder"]
        self.pattern: str = inputs["pattern"]
        self._paths: list[str] | None = None

    def __iter__(self) -> Iterator[str]:
        if self._paths is None:
            self._paths = sorted(self.unsorted())
        if not self._paths:
            raise Unreadable(self.key, self.no_match())
        self.total = len(self._paths)
        return iter(self._paths)

    def unsorted(self) -> Iterator[str]:
        """The files as they are found, which takes no memory and begins at once."""
        whole = os.path.join(glob.escape(self._folder), os.path.expanduser(self.pattern))
        below = os.path.join(self._folder, "")
        for path in glob.iglob(whole, recursive=True):
            if os.path.isfile(path):
                yield path[len(below) :] if path.startswith(below) else path

    def count(self) -> Iterator[int]:
        number = 0
        for number, _ in enumerate(self.unsorted(), 1):
            if number % LOOK == 0:
                yield number
        yield number

    def no_match(self) -> str:
        """The message for a pattern without a match."""
        return (
            f'No file matches "{self.pattern}", seen from {self._folder}.'
            " Give a pattern such as photos/**/*.png."
        )
