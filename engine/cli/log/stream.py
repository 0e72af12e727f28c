"""What `poolhouse log` reads and writes: files, standard input, the terminal."""

from __future__ import annotations

import io
import os
import sys
import tempfile
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from engine.log.record import Record

STDIN = "-"


@contextmanager
def file_of(name: str, follow: bool) -> Generator[Path]:
    """The file of that name; standard input is copied to a temporary file."""
    if name != STDIN:
        yield Path(name)
        return
    with tempfile.TemporaryDirectory(prefix="poolhouse-") as folder:
        path = Path(folder) / "stdin"
        with path.open("wb", buffering=0) as copy:
            reader = threading.Thread(target=_pump, args=(sys.stdin.buffer, copy), daemon=True)
            reader.start()
            if not follow:
                reader.join()
            yield path


def _pump(source: BinaryIO, copy: io.FileIO) -> None:
    """Copy input as it arrives."""
    read = cast("io.BufferedReader", source).read1
    while data := read(1 << 20):
        try:
            copy.write(data)
        except ValueError:  # the command has ended
            return


@contextmanager
def terminal() -> Generator[TextIO]:
    """Standard output, as UTF-8 unless it is a terminal with another encoding."""
    out: TextIO = sys.stdout
    if isinstance(out, io.TextIOWrapper):
        out.reconfigure(encoding=None if out.isatty() else "utf-8", errors="replace", newline="")
    yield out
    out.flush()


def colored(choice: str, out: TextIO) -> bool:
    """Whether levels are shown in colours."""
    if choice != "auto":
        return choice == "always"
    return out.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def named(record: Record, source: str) -> Record:
    """A record under the file name that the user typed."""
    return record if record.source == source else replace(record, source=source)
