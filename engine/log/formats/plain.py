"""Plain text: every line is a record, unless it is indented or continues a traceback."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from engine.log import levels
from engine.log.formats.format import NOT_A_START, Fields


@dataclass(frozen=True)
class PlainFormat:
    """Lines without recognizable structure."""

    name: str = "plain"
    text: str = "%(message)s"
    rank: int = 0

    def level(self, line: str) -> int:
        return NOT_A_START if line[:1] in (" ", "\t") and line.strip() else levels.NONE

    def fields(self, lines: Sequence[str], today: date) -> Fields:
        return Fields(message=lines[0])
