"""Systemd's journal, as `journalctl` exports it: JSON lines, or a field a line."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from engine.log import levels
from engine.log.formats.format import NOT_A_START, Fields
from engine.log.formats.structured import JsonFormat, Paths


@dataclass(frozen=True)
class JournalExport:
    """The output of `journalctl -o export`: one field per line, and a blank line after each record."""

    name: str = "journald-export"
    text: str = "journalctl -o export"
    rank: int = 9
    late = re.compile(r"PRIORITY=([0-7])$")
    """A line with the level of its record."""

    def level(self, line: str) -> int:
        return levels.NONE if line.startswith("__CURSOR=") else NOT_A_START

    def late_level(self, line: str, nth: int) -> int:
        """The level in line `nth` of a record, `NOT_A_START` if there is none."""
        found = self.late.match(line)
        return levels.level_of_priority(found[1]) if found else NOT_A_START

    def fields(self, lines: Sequence[str], today: date) -> Fields:
        record: dict[str, str] = {}
        pending = ""
        for line in lines:
            key, equals, value = line.partition("=")
            if equals and _is_journal_key(key):
                record.setdefault(key, value)
                pending = ""
            elif pending:
                record[pending] += f"\n{line}" if record[pending] else line
            elif _is_journal_key(line):
                pending = line  # a field of bytes: its length, then the value
                record[pending] = ""
        record = {key: _without_length(value) for key, value in record.items()}
        made = JOURNAL.fields([json.dumps(record)], today)
        made.message = made.message.rstrip("\n")
        return made


def _is_journal_key(text: str) -> bool:
    return text.replace("_", "").isalnum() and text.upper() == text


def _without_length(value: str) -> str:
    """A field of bytes without its length prefix, whose NULs have already been removed."""
    raw = value.rstrip("\n").encode()
    for size in range(1, 4):
        if len(raw) > size and int.from_bytes(raw[:size], "little") == len(raw) - size:
            return raw[size:].decode("utf-8", "replace")
    return value


JOURNAL = JsonFormat(
    "journald-json",
    "journalctl -o json",
    rank=9,
    needs=("__REALTIME_TIMESTAMP",),
    paths=Paths(
        time=("__REALTIME_TIMESTAMP",),
        level=("PRIORITY",),
        logger=("SYSLOG_IDENTIFIER", "_COMM", "_SYSTEMD_UNIT"),
        process=("_PID", "SYSLOG_PID"),
        thread=("THREAD_NAME", "TID"),
    ),
    level_kind="syslog",
)
