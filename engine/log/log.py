"""A log: one file with its lines and records, read in pages while it grows, is truncated or replaced."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from engine.log import cache
from engine.log.chunk import Chunk
from engine.log.encoding import Encoding
from engine.log.formats.detect import Detection
from engine.log.formats.format import Format
from engine.log.kinds import open_source
from engine.log.lines import READ, Block, LineIndex, blocks
from engine.log.reading import Reading, formats_of, sample
from engine.log.recogniser import CONTINUATION, Recogniser
from engine.log.record import RawRecord, Record, read
from engine.log.records import RecordIndex
from engine.log.source import Change, Replaced, Source
from engine.log.tasks import Clock, Tasks

LINE_LIMIT = 4_000
"""Characters of a line in a page; `Log.line` gives any part of a longer one."""
_TAIL = 64 << 10
_MOST_TAIL = 4 << 20
"""Bytes from the end that are searched for the last lines."""
_ENOUGH = 16 << 10
"""After this many bytes, encoding and formats are decided for good."""

LONGEST_RECORD = 16 << 20
"""Bytes of a record that are examined: without a format, a whole file may be one record."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of an index."""

    lines: int
    records: int
    done: int
    total: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is shown."""

    number: int
    text: str
    code: int
    cut: bool = False
    """Whether more of the line follows."""
    size: int = 0
    """Length of the whole line in characters, or in bytes if more follows."""


@dataclass(frozen=True, slots=True)
class _Told:
    """The formats of a file, and its records."""

    detection: Detection
    recogniser: Recogniser
    records: RecordIndex

    def emptied(self) -> _Told:
        """The same formats without any record."""
        return _Told(self.detection, self.recogniser, RecordIndex(self.records.encoding, self.recogniser))


class Log:
    """One file. `index` reads what is new, `refresh` checks whether there is anything; the rest answers.

    Not thread-safe. Line numbers and offsets are valid within one `generation`.
    """

    def __init__(self, path: Path, reading: Reading | None = None) -> None:
        """Raises OSError if the file cannot be read, ValueError if a choice in `reading` is invalid."""
        self.path = path
        self.name = str(path)
        """Its display name."""
        self.reading = reading or Reading()
        self.generation = 0
        """Increases when the file is replaced: earlier line numbers are then void."""
        self.gone = False
        self.tasks: Tasks | None = None
        """Who wrote what, if it is the log of a run."""
        self.clock: Clock | None = None
        """The times of what has no time itself, if it is the output of a run's workers."""
        self.source: Source = open_source(path)
        self._held: tuple[tuple[int, int], Block] | None = None
        """By generation and line."""
        self.reading.chosen_format()
        self._begin()

    def _begin(self) -> None:
        self.today = self._written()
        self._sample = sample(self.source, self.reading)
        self._told: _Told | None = None
        self.encoding: Encoding = self._sample.encoding
        self.lines = LineIndex(self.encoding)
        end = self.source.end()
        self._decided = _ENOUGH if end is None else end

    @property
    def has_formats(self) -> bool:
        """Whether the formats have been detected, which takes longer than reading a screen of lines."""
        return self._told is not None

    @property
    def _formats(self) -> _Told:
        if self._told is None:
            detection = formats_of(self._sample.lines, self.reading, self.today)
            formats = [ranked.format for ranked in detection.formats]
            recogniser = Recogniser(formats, self._sample.lines, self.today)
            self._told = _Told(detection, recogniser, RecordIndex(self.encoding, recogniser))
        return self._told

    @property
    def detection(self) -> Detection:
        """The formats of the file, and how certain that is."""
        return self._formats.detection

    @property
    def recogniser(self) -> Recogniser:
        """Recognizes records by the formats."""
        return self._formats.recogniser

    @property
    def records(self) -> RecordIndex:
        """Which lines start a record."""
        return self._formats.records

    def _written(self) -> datetime:
        try:
            return datetime.fromtimestamp(self.path.stat().st_mtime)
        except OSError:
            return datetime.now()

    # growth

    def refresh(self) -> Change:
        """Check the file for changes. After `REPLACED` everything begins again."""
        try:
            change = self.source.refresh()
        except FileNotFoundError:
            if self.gone:
                return Change.NONE
            raise
        if self.gone or change is Change.REPLACED:
            change = Change.REPLACED
            self.gone = False
            self.generation += 1
            self._begin()
        elif change is Change.GONE:
            self.gone = True
            self.generation += 1
            self.lines = LineIndex(self.encoding)
            self._told = self._told.emptied() if self._told else None
        elif change is Change.GREW and self._decided < _ENOUGH:
            self._decide_again()
        return change

    def _decide_again(self) -> None:
        """What was decided from very little data may have been wrong; if so, everything begins again."""
        encoding, lines, told = self.encoding, self.lines, self._told
        self._begin()
        if told is None:
            return
        if (self.encoding, self.recogniser.identity) == (encoding, told.recogniser.identity):
            self.lines, self._told = lines, told
        elif told.records.lines:
            self.generation += 1

    def index(self) -> Iterator[Progress]:
        """Read what is new, in steps. Raises `Replaced` if the file is replaced in the meantime."""
        end = self._end()
        if not self.records.lines and (end is None or end >= cache.LARGE) and cache.load(self):
            end = self._end()
        new = 0 if end is None else end - self.lines.end
        if end is not None and new >= cache.LARGE:
            for done in self.lines.extend(self.source, end):
                yield Progress(self.lines.count, self.records.count, done, end)
        for block in self.records.extend(self.source, end):
            self._count(block)
            yield Progress(self.lines.count, self.records.count, block.end, end)
        for done in self.lines.extend(self.source, end):
            yield Progress(self.lines.count, self.records.count, done, end)
        if new >= cache.LARGE or (end is None and self.records.end >= cache.LARGE):
            cache.save(self)

    def _end(self) -> int | None:
        """The end of the file, without half a UTF-16 character."""
        end = self.source.end()
        return None if end is None else end - (end - self.encoding.mark) % self.encoding.unit

    def _count(self, block: Block) -> None:
        if block.end - block.offset == len(block.raw):
            self.lines.feed(block.raw, block.offset)
        if self.lines.end < block.end:
            for _ in self.lines.extend(self.source, block.end):
                pass

    def read_all(self) -> None:
        """Index the file to its end, again if it is replaced in the meantime."""
        while True:
            try:
                for _ in self.index():
                    pass
            except Replaced:
                self.refresh()
            else:
                return

    # answers

    def page(self, first: int, count: int) -> list[Line]:
        """Some lines as they are shown: fewer at the end of what is known, none if the file was replaced."""
        first = max(first, 0)
        return self.some(range(first, min(first + count, self.lines.count)))

    def some(self, numbers: Sequence[int], left: int = 0, *, ansi: bool = False) -> list[Line]:
        """Lines by their numbers, in order; for a long line, the part from character `left` on.

        With `ansi`, colours stay in the text. There are none if the file was replaced.
        """
        lines: list[Line] = []
        block: Block | None = None
        try:
            for number in numbers:
                if block is None or not block.first <= number < block.first + block.count:
                    block = self._block_with(number)
                    if block is None:
                        break
                lines.append(self._line(block, number, left, ansi=ansi))
        except Replaced:
            return []
        return lines

    def _line(self, block: Block, number: int, left: int, *, ansi: bool) -> Line:
        piece = block.colored(number - block.first) if ansi else block.piece(number - block.first)
        most = 4 * (left + LINE_LIMIT)
        text = block.encoding.text(piece[:most])
        size = len(text) if len(piece) <= most else len(piece)
        code = self.code_of(number, text if not left and not ansi else "")
        return Line(number, text[left : left + LINE_LIMIT], code, size > left + LINE_LIMIT, size)

    def code_of(self, number: int, text: str) -> int:
        """The code of a line, from its text if the index has not come that far."""
        known = self.records.codes(number, 1)
        if len(known):
            return int(known[0])
        return self.recogniser.code(text) if text else CONTINUATION

    def first_lines(self, count: int) -> list[Line]:
        """The first lines, before the file has been indexed."""
        found = blocks(self.source, self.encoding, self.encoding.mark, 0, self._end(), _TAIL)
        try:
            block = next(found, None)
        except Replaced:
            return []
        return [self._unindexed(n, text) for n, text in enumerate(block.texts[:count])] if block else []

    def _unindexed(self, number: int, text: str) -> Line:
        code = self.recogniser.code(text) if self.has_formats else CONTINUATION
        return Line(number, text[:LINE_LIMIT], code, len(text) > LINE_LIMIT, len(text))

    def last_lines(self, count: int) -> list[Line]:
        """The last lines, before their number is known: they are numbered back from -1.

        Empty if the end can only be found by reading up to it.
        """
        end = self._end()
        if end is None:
            return []
        size = _TAIL
        lines: list[Line] = []
        while len(lines) < count:
            start = max(end - size, self.encoding.mark)
            try:
                lines = self._lines_between(start, end)[-count:]
            except Replaced:
                return []
            if start == self.encoding.mark or size >= _MOST_TAIL:
                break
            size *= 4
        return lines

    def _lines_between(self, start: int, end: int) -> list[Line]:
        """The lines that begin after `start`, numbered back from the last one."""
        start -= (start - self.encoding.mark) % self.encoding.unit
        found = blocks(self.source, self.encoding, start, 0, end)
        texts = [text for block in found for text in block.texts]
        if start > self.encoding.mark:
            texts = texts[1:]
        return [self._unindexed(n - len(texts), text) for n, text in enumerate(texts)]

    def line(self, number: int, start: int = 0, count: int = LINE_LIMIT) -> str:
        """Part of one line, however long it is, by characters."""
        block = self._block_with(number)
        if block is None:
            return ""
        most = 4 * (start + count)
        return block.encoding.text(block.piece(number - block.first)[:most])[start : start + count]

    def _block_with(self, number: int) -> Block | None:
        """A block with a line in it. One of a very long line is cached, since it is read again and again."""
        if self._held and self._held[0] == (self.generation, number):
            return self._held[1]
        block = next(self._blocks_from(number), None)
        if block and block.ended and len(block.raw) > READ:
            self._held = ((self.generation, number), block)
        return block

    def _blocks_from(self, line: int, size: int = 1 << 16) -> Iterator[Block]:
        """Blocks from a line on, of what is indexed."""
        if line >= self.lines.count:
            return iter(())
        offset = self.lines.offset(self.source, line)
        return blocks(self.source, self.encoding, offset, line, self.lines.end, size)

    def block_of(self, chunk: Chunk) -> Block:
        """The lines of a part of the index."""
        size = chunk.end - chunk.offset
        found = blocks(self.source, self.encoding, chunk.offset, chunk.first, chunk.end, size)
        return next(found, Block(b"", chunk.offset, chunk.first, self.encoding, chunk.end))

    def record_lines(self, line: int) -> RawRecord:
        """The record of a line."""
        first = self.records.start_of(line)
        last = self.records.next_start(line)
        code = int(self.records.codes(first, 1)[0])
        offset = self.lines.offset(self.source, first)
        texts: list[str] = []
        size = 0
        for block in self._blocks_from(first):
            texts += block.texts
            size += len(block.raw)
            if block.first + block.count >= last or size > LONGEST_RECORD:
                break
        return RawRecord(str(self.path), first, offset, code, texts[: last - first])

    def record(self, line: int) -> Record:
        """The record of a line, with its fields."""
        return self.read(self.record_lines(line))

    def read(self, raw: RawRecord) -> Record:
        """A record with its fields."""
        made = read(raw, self.format_of(raw.code), self.encoding.name, self.today)
        if self.tasks is None or made.task is not None or raw.code == CONTINUATION:
            return made
        return replace(made, task=self.task_at(raw.offset))

    def task_at(self, offset: int) -> int | None:
        """The task that wrote what is at an offset, if the run knows."""
        written = self.tasks.at(offset) if self.tasks else None
        return written.task if written else None

    def format_of(self, code: int) -> Format | None:
        """The format of a record, by the code of its first line."""
        return self.recogniser.format_of(code)

    def walk(self, first: int = 0, last: int | None = None) -> Iterator[RawRecord]:
        """The records that start from line `first` to before line `last`, whole, in order.

        Lines before the first record of the file come as one record without a format.
        """
        name = str(self.path)
        last = self.records.lines if last is None else last
        if first >= last:
            return
        offset = self.lines.offset(self.source, first)
        held: list[str] = []
        held_at = (first, offset, CONTINUATION)
        for block in blocks(self.source, self.encoding, offset, first, self.records.end):
            codes = self.records.codes(block.first, block.count)
            texts = block.texts
            at = 0
            for n in (codes != CONTINUATION).nonzero()[0].tolist():
                held += texts[at:n]
                if held:
                    yield RawRecord(name, held_at[0], held_at[1], held_at[2], held)
                if block.first + n >= last:
                    return
                held = []
                held_at = (block.first + n, block.offset + int(block.raw_starts[n]), int(codes[n]))
                at = n
            held += texts[at:]
        if held:
            yield RawRecord(name, held_at[0], held_at[1], held_at[2], held)

    def notes(self) -> list[str]:
        """What the user should know about the file."""
        found = self.source.notes()
        if nuls := self.records.nuls + self.source.padding:
            found.append(f"{nuls:,} NUL bytes are not shown.")
        return found
