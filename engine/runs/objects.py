"""The pickles of results as they lie in a run folder: in run.db, and the large ones in files beside it."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from engine.host.record import schema
from engine.host.record.objects import Place, opened


class Objects(Mapping[int, bytes]):
    """The pickles of one row, by the offset of their task; a large one is read when it is asked for.

    Asking raises `OSError` where its file is gone or cut short.
    """

    def __init__(self, folder: Path, offsets: Iterable[int], kept: list[bytes | Place]) -> None:
        self._folder = folder / schema.OBJECTS
        self._kept = dict(zip(offsets, kept, strict=True))

    def __iter__(self) -> Iterator[int]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)

    def __getitem__(self, offset: int) -> bytes:
        with self.open(offset) as file:
            return file.read(self.size(offset))

    def size(self, offset: int) -> int:
        """Bytes of a pickle, which is not read."""
        kept = self._kept[offset]
        return len(kept) if isinstance(kept, bytes) else kept[2]

    def open(self, offset: int) -> BinaryIO:
        """A file that stands where a pickle begins."""
        kept = self._kept[offset]
        if isinstance(kept, bytes):
            return io.BytesIO(kept)
        return opened(str(self._folder), kept)
