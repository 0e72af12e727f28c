"""How to read a log: the user's choices in place of detection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.log import encoding as encodings
from engine.log.display import shown
from engine.log.encoding import Encoding
from engine.log.formats.definition import given
from engine.log.formats.detect import Detection, Ranked, detect, named
from engine.log.formats.format import NOT_A_START, Format
from engine.log.lines import blocks, last_end
from engine.log.source import Source

HEAD = 256 << 10
"""Bytes from the beginning by which encoding and formats are decided."""
_SAMPLE = 64 << 10
_PLACES = (0.25, 0.5, 0.75, 1.0)
_MOST_HEAD_LINES = 1_200
_MOST_LINES_HERE = 200


@dataclass(frozen=True, slots=True)
class Reading:
    """The user's choices; None means detected."""

    encoding: str | None = None
    format: str | None = None
    """The name of a format, or a format string of `logging`."""
    style: str | None = None
    datefmt: str | None = None
    own: Sequence[Format] = ()
    """The user's own formats, which are tried too."""

    def chosen_format(self) -> Format | None:
        """The chosen format. Raises ValueError if it is neither a name nor a format string."""
        if self.format is None:
            return None
        if self.style is None and (found := named(self.format, self.own)):
            return found
        return given(self.format, self.style, self.datefmt)


@dataclass(frozen=True)
class Sample:
    """Lines from a log before it is indexed, and their encoding."""

    encoding: Encoding
    lines: Sequence[str]


def sample(source: Source, reading: Reading) -> Sample:
    """Detect the encoding, and read some lines. Raises ValueError for an invalid encoding."""
    head = source.read(0, HEAD)
    further = _further(source, head)
    found = (
        encodings.chosen(reading.encoding, head)
        if reading.encoding
        else encodings.detect(head, *(data for _, data in further))
    )
    lines = _lines(source, found, head)
    for offset, data in further:
        lines += _lines_within(found, offset, data)
    return Sample(found, lines)


def formats_of(lines: Sequence[str], reading: Reading, today: datetime) -> Detection:
    """The formats of lines. Raises ValueError for an invalid choice."""
    chosen = reading.chosen_format()
    if chosen is None:
        return detect(lines, today, reading.own)
    fitting = [line for line in lines if chosen.level(line) != NOT_A_START]
    misfits = [line for line in lines if line.strip() and chosen.level(line) == NOT_A_START]
    ranked = (Ranked(chosen, len(fitting)),)
    return Detection(ranked, len(fitting) + len(misfits), tuple(misfits[:10]), given=True)


def _further(source: Source, head: bytes) -> list[tuple[int, bytes]]:
    """Samples from further on, if the file can be read at any position."""
    end = source.end()
    if end is None or end <= len(head):
        return []
    places = [int(len(head) + (end - len(head) - _SAMPLE) * part) for part in _PLACES]
    return [(at, source.read(at, _SAMPLE)) for at in places if at >= len(head)]


def _lines(source: Source, encoding: Encoding, head: bytes) -> list[str]:
    lines: list[str] = []
    if not head.strip(b"\0"):  # a hole: use what follows it
        for block in blocks(source, encoding, encoding.mark, 0):
            lines += block.texts[:_MOST_HEAD_LINES]
            if any(line.strip() for line in lines):
                return lines
        return lines
    cut = last_end(head, encoding.newline) if len(head) >= HEAD else len(head)
    return _texts(encoding, head[encoding.mark : cut or len(head)])[:_MOST_HEAD_LINES]


def _lines_within(encoding: Encoding, offset: int, data: bytes) -> list[str]:
    """The complete lines of a sample that may begin and end anywhere."""
    shift = (encoding.mark - offset) % encoding.unit
    return _texts(encoding, data[shift:])[1:-1][:_MOST_LINES_HERE]


def _texts(encoding: Encoding, raw: bytes) -> list[str]:
    lines = encoding.text(shown(encoding.narrowed(raw))).split("\n")
    return lines[:-1] if lines and not lines[-1] else lines
