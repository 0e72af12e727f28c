"""Writes records to files, as JSON lines and CSV."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import tzinfo
from typing import Any, Protocol

from engine.log.log import Log
from engine.log.record import KEYS, Record
from engine.log.zones import in_zone


class Output(Protocol):
    """The destination of text."""

    def write(self, text: str, /) -> object: ...


class Writer(Protocol):
    """Writes records, one by one."""

    def write(self, record: Record, log: Log) -> None: ...


class JsonLines:
    """One JSON object per record."""

    def __init__(self, out: Output, zone: tzinfo | None) -> None:
        self._out = out
        self._zone = zone

    def write(self, record: Record, log: Log) -> None:
        self._out.write(dumped(zoned(record, self._zone).as_dict()) + "\n")


def dumped(value: Any) -> str:
    """A value as JSON; escaped if it contains invalid text."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, default=str)
    return text


class Csv:
    """One row per record, below a row of names."""

    def __init__(self, out: Output, zone: tzinfo | None) -> None:
        self._zone = zone
        self._rows = csv.writer(out)
        self._rows.writerow(KEYS)

    def write(self, record: Record, log: Log) -> None:
        values = zoned(record, self._zone).as_dict()
        self._rows.writerow(["" if values[key] is None else values[key] for key in KEYS])


def zoned(record: Record, zone: tzinfo | None) -> Record:
    """A record with its time converted to a zone."""
    if zone is None or record.time is None:
        return record
    return replace(record, time=in_zone(record.time, zone))
