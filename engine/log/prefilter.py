"""ripgrep, if it is installed: it runs ahead and tells which lines may have a hit.

Whether they have one is decided as always, by `re` on the line as it is shown.
"""

from __future__ import annotations

import os
import subprocess
import sys
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path
from threading import Event, Thread
from typing import BinaryIO

from engine.environment import cleaned
from engine.log.chunk import Chunk
from engine.log.opening import open_shared
from engine.log.search import Pattern
from engine.log.source import FileSource, Source

SPARSE = 8_192
"""Running ahead pays if lines with the text are at least this many bytes apart on average."""
_SLACK = 1_000
"""This many lines may be closer together than that."""
_PATIENCE = 0.005
"""Seconds to wait for ripgrep before a part is searched without it."""
_OPTIONS = [
    *("--no-config", "--text", "--encoding=none", "--no-crlf", "--color=never", "--no-heading"),
    *("--no-filename", "--line-number", "--byte-offset", "--only-matching", "--replace=", "-e"),
]


def tool() -> Path | None:
    """Where ripgrep is. A relative folder of the search path does not count: it may be that of the log."""
    name = "rg.exe" if sys.platform == "win32" else "rg"
    for folder in os.get_exec_path():
        place = Path(folder, name)
        if place.is_absolute() and place.is_file() and os.access(place, os.X_OK):
            return place
    return None


class Prefilter:
    """The lines from a chunk on that may have a hit of a pattern, as far as ripgrep has come.

    Its thread appends to `_lines` and `_offsets`, lines in order and each once, and sets `_whole` and
    `_ended` at the end.
    """

    def __init__(self, program: Path, file: BinaryIO, needed: str, start: Chunk, end: int) -> None:
        """Reads `file` to its end, on from `start`. Bytes from `end` on are not relied upon."""
        self._start = start
        self._end = end
        self._lines = array("Q")
        self._offsets = array("Q")
        self._whole = False
        self._ended = Event()
        os.lseek(file.fileno(), start.offset, os.SEEK_SET)
        self._process = subprocess.Popen(
            [program, *_OPTIONS, needed, "-"],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=cleaned(os.environ, foreign=True),
            bufsize=0,
        )
        self._listener = Thread(target=self._listen, name="ripgrep", daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        try:
            self._read()
        finally:
            self._ended.set()

    def _read(self) -> None:
        assert self._process.stdout
        rest = b""
        while data := self._process.stdout.read(1 << 16):
            *entries, rest = (rest + data).split(b"\n")
            if not all(map(self._note, entries)) or self._are_many():
                self._process.kill()
                self._process.wait()
                return
        self._whole = self._process.wait() in (0, 1)

    def _note(self, entry: bytes) -> bool:
        """Take an entry; False if it is none of ripgrep's."""
        parts = entry.split(b":")
        if len(parts) != 3 or not parts[0].isdigit() or not parts[1].isdigit():
            return False
        line = self._start.first + int(parts[0]) - 1
        if not self._lines or self._lines[-1] != line:
            self._offsets.append(self._start.offset + int(parts[1]))
            self._lines.append(line)
        return True

    def _are_many(self) -> bool:
        """Whether there are too many lines for running ahead to pay."""
        if not self._lines:
            return False
        return len(self._lines) > _SLACK + (self._offsets[-1] - self._start.offset) // SPARSE

    def lines(self, chunk: Chunk) -> Sequence[tuple[int, int]] | None:
        """The lines of a chunk that may have a hit, and where; None if that is unknown (so far)."""
        last = chunk.first + chunk.count - 1
        if chunk.offset < self._start.offset:
            return None
        if not self._knows(chunk, last) and not (self._wait() and self._knows(chunk, last)):
            return None
        first, after = bisect_left(self._lines, chunk.first), bisect_left(self._lines, last + 1)
        return list(zip(self._lines[first:after], self._offsets[first:after], strict=True))

    def _knows(self, chunk: Chunk, last: int) -> bool:
        return (self._whole and chunk.end <= self._end) or (bool(self._lines) and last <= self._lines[-1])

    def _wait(self) -> bool:
        """Let ripgrep come further, which is quicker than to search meanwhile."""
        if self._ended.is_set():
            return False
        self._ended.wait(_PATIENCE)
        return True

    def close(self) -> None:
        """End ripgrep, and wait for that."""
        self._process.kill()
        self._process.wait()
        self._listener.join()
        assert self._process.stdout
        self._process.stdout.close()


def prefilter(source: Source, pattern: Pattern, needed: Sequence[bytes], start: Chunk) -> Prefilter | None:
    """A prefilter that reads on from a chunk; None if there is no ripgrep, or no plain file any more."""
    program = tool()
    identity = source.identity()
    if program is None or identity is None or not isinstance(source, FileSource):
        return None
    try:
        with open_shared(source.path) as file:
            stat = os.fstat(file.fileno())
            if (stat.st_dev, stat.st_ino) != identity.inode:
                return None
            return Prefilter(
                program, file, expression(needed, any_case=pattern.any_case), start, identity.end
            )
    except OSError:
        return None


def expression(needed: Sequence[bytes], *, any_case: bool) -> str:
    """What ripgrep looks for."""
    return "(?-u)" + "|".join("".join(_byte(byte, any_case) for byte in text) for text in needed)


def _byte(byte: int, any_case: bool) -> str:
    char = bytes([byte])
    if any_case and char.isalpha():
        return f"[{char.lower().decode()}{char.upper().decode()}]"
    return f"\\x{byte:02x}"
