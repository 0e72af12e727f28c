"""Finds which lines start a record, by the formats of a file: a code combines format and level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from engine.log.formats.format import NOT_A_START, Format, TextFormat
from engine.log.formats.indented import IndentedJson
from engine.log.formats.journal import JournalExport
from engine.log.formats.plain import PlainFormat
from engine.log.formats.rows import CsvFormat
from engine.log.formats.structured import JsonFormat, ObjectFormat

if TYPE_CHECKING:
    from engine.log.vector import Prefix

CONTINUATION = 0xFF
"""The code of a line that continues the record above, or precedes the first one."""
FORMAT_SHIFT = 3
LEVEL_MASK = 7
LINE_HEAD = 4_000
"""Bytes of a line that a plain format is tried on."""


@dataclass(frozen=True)
class Recogniser:
    """Recognizes the records of a file by its formats, in their order."""

    formats: Sequence[Format]
    samples: Sequence[str] = ()
    today: date = field(default_factory=date.today)

    @cached_property
    def prefix(self) -> Prefix | None:
        """The first format in a form that numpy can search for, if it has one."""
        from engine.log.vector import prefix_of

        first = self.formats[0] if self.formats else None
        return prefix_of(first, self.samples) if isinstance(first, TextFormat) else None

    @cached_property
    def plain(self) -> bool:
        return len(self.formats) == 1 and isinstance(self.formats[0], PlainFormat)

    @cached_property
    def by_words(self) -> bool:
        """Whether only words identify a record, so that the last line of a traceback may look like one."""
        return any(isinstance(form, TextFormat) and not form.starts_with_time for form in self.formats)

    @cached_property
    def late_times(self) -> bool:
        """Whether the time of a record may be in a later line than its first."""
        return any(_is_late(form) for form in self.formats)

    @cached_property
    def whole_lines(self) -> bool:
        """Whether a format needs more than the beginning of a line."""
        return any(isinstance(form, ObjectFormat | CsvFormat) for form in self.formats)

    @cached_property
    def firsts(self) -> bytes:
        """The bytes that a record can begin with."""
        return bytes(byte for byte in range(256) if any(_may_begin(form, byte) for form in self.formats))

    @property
    def identity(self) -> list[tuple[object, ...]]:
        """Equal if the answers are equal: one text of a format may stand for two patterns."""
        return [
            (form.name, form.text, form.start, form.whole, form.time)
            if isinstance(form, TextFormat)
            else (form.name, form.text)
            for form in self.formats
        ]

    def code(self, line: str) -> int:
        """The code of a line."""
        short = line[:LINE_HEAD]
        for n, form in enumerate(self.formats):
            level = form.level(short if isinstance(form, TextFormat) else line)
            if level != NOT_A_START:
                return n << FORMAT_SHIFT | level
        return CONTINUATION

    def format_of(self, code: int) -> Format | None:
        """The format of a record by the code of its first line."""
        return self.formats[code >> FORMAT_SHIFT] if code != CONTINUATION else None


def _is_late(form: Format) -> bool:
    if isinstance(form, TextFormat):
        return "time" in form.ending
    return isinstance(form, JournalExport | IndentedJson) or (isinstance(form, CsvFormat) and form.is_late)


def _may_begin(form: Format, byte: int) -> bool:
    char = chr(byte)
    if isinstance(form, JsonFormat):
        return char == "{"
    if isinstance(form, CsvFormat | IndentedJson):
        return True
    if isinstance(form, JournalExport):
        return char in "_P"
    if isinstance(form, TextFormat) and form.template:
        first = form.template.pieces[0]
        if not first.field:
            begins = (first.text.lstrip() or " ")[0]
            return (byte > 127 if begins > "\x7f" else char == begins) or (char == " " == first.text[0])
        if first.left and char == " ":
            return True
        if first.field == "time" and form.time and form.time.text == "iso":
            return char.isdigit() and byte < 128
        return not char.isspace() or byte > 127
    return byte > 32 or (form.name.startswith("rich") and char == " ")


def level_in(code: int) -> int:
    """The level in the code of a first line."""
    return code & LEVEL_MASK
