"""Source files named in tracebacks, and their lines as they were when the run began."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from engine.host.record.code import FOLDER, MOST_BYTES, Kept, read_copy, read_index, stamp

PLACE = re.compile(r'^([ \t]*)File "([^"\n]+)", line (\d+).*$', re.MULTILINE)
"""A line of a traceback, or of a crash dump: indentation, file, line."""
SAME, CHANGED, UNKNOWN = "same", "changed", "unknown"
MOST_FILES = 100


@dataclass(frozen=True)
class SourceFile:
    """An existing source file."""

    path: str
    state: str
    """Whether it is what the run began with: `same` or `changed`; `unknown` if the run keeps no copy."""


class Code:
    """The code that a run keeps."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._lines: dict[str, list[str]] = {}

    @cached_property
    def _kept(self) -> dict[str, Kept]:
        return {str(kept.path): kept for kept in read_index(self._folder)[1]}

    def files(self, texts: Iterable[str]) -> list[SourceFile]:
        """The existing source files that texts name."""
        paths = dict.fromkeys(found[2] for text in texts for found in PLACE.finditer(text))
        named = [path for path in paths if Path(path).is_absolute() and path.endswith((".py", ".pyw"))]
        return [SourceFile(path, self._state(path)) for path in named[:MOST_FILES] if stamp(path)]

    def _state(self, path: str) -> str:
        kept = self._kept.get(path)
        if kept is None:
            return UNKNOWN
        if kept.is_in_place():
            return SAME
        try:
            with Path(path).open("rb") as file:
                is_same = file.read(MOST_BYTES + 1) == self._copy(kept)
        except OSError:
            return UNKNOWN
        return SAME if is_same else CHANGED

    def _copy(self, kept: Kept) -> bytes:
        """The copy of a file, which a malicious index could place anywhere. Raises OSError."""
        copy = str(kept.copy)
        known = stamp(str(Path(self._folder, FOLDER, copy)))
        if Path(copy).name != copy or known is None or known[1] > MOST_BYTES:
            raise FileNotFoundError(f"there is no copy of {kept.path}")
        return read_copy(self._folder, kept._replace(copy=copy))

    def with_sources(self, trace: str) -> str:
        """A traceback completed with lines of source from the copies."""
        parts: list[str] = []
        at = 0
        for found in PLACE.finditer(trace):
            line = self._line(found[2], int(found[3][:9]))
            if line and not trace.startswith(found[1] + "  ", found.end() + 1):
                parts += (trace[at : found.end()], f"\n{found[1]}  {line}")
                at = found.end()
        return "".join([*parts, trace[at:]])

    def _line(self, path: str, number: int) -> str:
        """A line of the copy of a file; empty if there is none."""
        kept = self._kept.get(path)
        if kept is None:
            return ""
        if path not in self._lines:
            try:
                self._lines[path] = self._copy(kept).decode("utf-8", "replace").splitlines()
            except OSError:
                self._lines[path] = []
        lines = self._lines[path]
        return lines[number - 1].strip() if 0 < number <= len(lines) else ""
