"""The texts of one task, in pieces: its input and value, its failures, its log and output."""

from __future__ import annotations

import ast
import codecs
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

from engine.results.pretty import hexadecimal, pretty
from engine.runs import LOG, Failure, Printed, RunReader, Stored, UnreadableRun
from engine.runs.shown import shown

PIECE = 1 << 16
"""Bytes of a file that are read in one step."""
SHORT = 1 << 18
"""Bytes of a pickle up to which a value is read at once."""


@dataclass(frozen=True)
class Kept:
    """A value, as far as the run has it."""

    kind: str
    """`text`, `bytes`, `value` (other plain data), `display` (anything else, of which only a text is kept),
    `long` (not read yet) or `none`."""
    value: Any = None
    """For `display` and `long`, the text that is stored for tables."""

    def pieces(self) -> Iterator[str]:
        """A text that shows it, in pieces."""
        if self.kind == "value":
            return pretty(self.value)
        if self.kind == "bytes":
            return hexadecimal(self.value)
        return iter((self.value or "",))

    def data(self) -> Iterator[bytes]:
        """Its content for a file: bytes as they are, else the text."""
        if self.kind == "bytes":
            return iter((self.value,))
        return (piece.encode("utf-8", "surrogatepass") for piece in self.pieces())


NOTHING = Kept("none")


class Parts:
    """What a run knows about one task. `long` values are only read if `whole`."""

    def __init__(self, run: RunReader, task: int, *, whole: bool = False) -> None:
        self.run = run
        self.task = task
        self._whole = whole
        self.row: Stored | None = run.row_of(task)
        """The row of the task; None while it is unfinished."""
        self.failures: Sequence[Failure] = run.failures(task)

    @property
    def place(self) -> int:
        """Its index in the row."""
        return self.task - self.row.first if self.row else 0

    @property
    def status(self) -> int | None:
        """Its index in the list of statuses; None while it is unfinished."""
        if self.row is None:
            return None
        return self.row.statuses[self.place] if self.row.statuses else 0

    def input(self) -> Kept:
        """The input of the call. Raises `JobError`."""
        kept = None
        if self.row is not None:
            kept = self.run.kept_inputs_of(self.row, self.place, self.place + 1)
        if kept is None:
            if self.run.job.inputs.kind == "none":
                return NOTHING
            kept = list(self.run.inputs_between(self.task, self.task + 1))
            if not kept or (kept[0] is None and self.row is None):
                return NOTHING  # its input was never read
            return _plain(kept[0])
        return _stored(kept[0])

    def value(self) -> Kept:
        """What the function returned."""
        if self.row is None or self.status:
            return NOTHING
        (value,) = self.run.values_of(self.row, self.place, self.place + 1)
        if type(value) is not tuple:
            return _plain(value)
        text = shown(value)
        size = self.run.pickle_size(self.row, self.place)
        if size is None:
            return Kept("display", text)
        if size > SHORT and not self._whole:
            return Kept("long", text)
        try:
            return _plain(self.run.plain_value(self.row, self.place))
        except (UnpicklingError, OSError, UnreadableRun):  # not plain data, or gone
            return Kept("display", text)

    def argument(self) -> Any:
        """The input as a value. Raises `ValueError` if only the beginning of its text is kept."""
        kept = self.input()
        if kept.kind != "display":
            return kept.value
        try:
            return ast.literal_eval(kept.value)
        except (SyntaxError, MemoryError, RecursionError, TypeError) as error:
            raise ValueError("it is no literal") from error

    def log(self) -> Iterator[str]:
        """What it logged."""
        path = self.run.folder / LOG
        return _decoded(path, self.run.log_places(self.task))

    def prints(self) -> list[Printed]:
        """Where its output is."""
        return self.run.prints(self.task)

    def printed(self) -> Iterator[str]:
        """What it printed."""
        for part in self.prints():
            yield from _decoded(part.file, [(part.offset, part.length)])


def _stored(value: Any) -> Kept:
    """A column of run.db, where a tuple holds the text of what is not plain data."""
    return Kept("display", shown(value)) if type(value) is tuple else _plain(value)


def _plain(value: Any) -> Kept:
    return Kept("text" if type(value) is str else "bytes" if type(value) is bytes else "value", value)


def _decoded(path: Path, places: Sequence[tuple[int, int]]) -> Iterator[str]:
    """Parts of a file as text; if it is missing or truncated, what is left of it."""
    if not places:
        return
    try:
        with path.open("rb") as file:
            for offset, length in places:
                decoder = codecs.getincrementaldecoder("utf-8")("replace")
                file.seek(offset)
                left = length
                while left > 0 and (data := file.read(min(left, PIECE))):
                    left -= len(data)
                    yield decoder.decode(data)
                yield decoder.decode(b"", final=True)
    except FileNotFoundError:
        return
