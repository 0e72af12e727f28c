"""The index of a large log, kept between openings as long as the file stays the same."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from platformdirs import user_cache_path

from engine.log.chunk import Chunk
from engine.log.encoding import Encoding
from engine.log.lines import LineIndex
from engine.log.opening import open_shared
from engine.log.recogniser import Recogniser
from engine.log.records import RecordIndex
from engine.log.source import FileSource, Source, read_exactly

LARGE = 64 << 20
"""Size in bytes from which an index is kept."""
MOST_BYTES = 256 << 20
"""Total size of all kept indexes; the least recently used ones are dropped first."""
_VERSION = 3
_ENVIRONMENT = "POOLHOUSE_CACHE"


class Indexed(Protocol):
    """A log with its index so far."""

    path: Path
    source: Source
    encoding: Encoding
    lines: LineIndex
    today: datetime

    @property
    def recogniser(self) -> Recogniser: ...

    @property
    def records(self) -> RecordIndex: ...


def folder() -> Path:
    """The folder for indexes."""
    named = os.environ.get(_ENVIRONMENT)
    return (Path(named) if named else user_cache_path("poolhouse", appauthor=False)) / "logs"


def _place(path: Path) -> Path:
    name = hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:32]
    return folder() / f"{name}.index"


def save(log: Indexed) -> None:
    """Save the index of a log that has been read to its end. Failures to write are ignored."""
    identity = log.source.identity()
    if identity is None or log.records.end < LARGE:
        return
    chunks = [chunk for chunk in log.records.chunks if chunk.end <= log.lines.end]
    known: dict[str, Any] = {
        "version": _VERSION,
        "read": _how(log),
        "head": identity.head.hex(),
        "tail": identity.tail.hex(),
        "end": identity.end,
        "source": log.source.kept(),
        "nuls": log.records.nuls,
        "lines": log.lines.state(),
        "open_end": log.records.open_end,
        "chunks": [_as_list(chunk) for chunk in chunks],
    }
    place = _place(log.path)
    part = place.with_suffix(f".{os.getpid()}.part")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
            file.writestr("index.json", json.dumps(known))
            file.writestr("codes", b"".join(chunk.packed for chunk in chunks), zipfile.ZIP_STORED)
        part.replace(place)
        _prune(place.parent)
    except OSError:
        part.unlink(missing_ok=True)


def load(log: Indexed) -> bool:
    """Load the saved index of this file; False if there is none, or the file has changed."""
    if log.records.chunks:
        return False
    place = _place(log.path)
    try:
        with zipfile.ZipFile(place) as file:
            known = json.loads(file.read("index.json"))
            codes = file.read("codes")
        if known["version"] != _VERSION or known["read"] != _how(log) or not _is_same(log, known):
            return False
        chunks: list[Chunk] = []
        at = 0
        for values, size in known["chunks"]:
            values |= {"by_level": tuple(values["by_level"]), "packed": codes[at : at + size]}
            chunks.append(Chunk(**values))
            at += size
        log.source.restore(known["source"])
        log.lines.restore(known["lines"])
        log.records.restore(chunks, open_end=known["open_end"])
        log.records.nuls = known["nuls"]
        os.utime(place)
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return False
    return True


def _as_list(chunk: Chunk) -> tuple[dict[str, Any], int]:
    """A chunk without its codes, and their length in bytes."""
    return {name: getattr(chunk, name) for name in Chunk.__slots__ if name != "packed"}, len(chunk.packed)


def _how(log: Indexed) -> list[Any]:
    """What must be equal for an index to be valid; guessed times depend on the year of the file."""
    encoding = log.encoding
    formats = [[form.name, form.text] for form in log.recogniser.formats]
    return [encoding.name, encoding.mark, encoding.by_return, formats, log.today.year]


def _is_same(log: Indexed, known: dict[str, Any]) -> bool:
    head, tail, end = bytes.fromhex(known["head"]), bytes.fromhex(known["tail"]), int(known["end"])
    may_grow = isinstance(log.source, FileSource)
    with open_shared(log.path) as file:
        size = os.fstat(file.fileno()).st_size
        return (
            (size == end or (may_grow and size > end))
            and read_exactly(file, 0, len(head)) == head
            and read_exactly(file, end - len(tail), len(tail)) == tail
        )


def _prune(kept: Path) -> None:
    """Delete the least recently used indexes, down to the total size."""
    files = sorted(kept.glob("*.index"), key=lambda path: path.stat().st_mtime, reverse=True)
    total = 0
    for path in files:
        total += path.stat().st_size
        if total > MOST_BYTES:
            path.unlink(missing_ok=True)
