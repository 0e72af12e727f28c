"""The kind of a file: plain, or compressed by gzip."""

from __future__ import annotations

from pathlib import Path

from engine.log.gzipped import MAGIC, GzipSource
from engine.log.opening import open_shared
from engine.log.source import FileSource, Source, read_exactly


def open_source(path: Path) -> Source:
    """The source for a file, by its first bytes. Raises OSError if it cannot be read."""
    with open_shared(path) as file:
        zipped = read_exactly(file, 0, len(MAGIC)) == MAGIC
    source: Source = GzipSource(path) if zipped else FileSource(path)
    source.refresh()
    return source
