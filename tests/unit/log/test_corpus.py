"""Log files of real libraries: those with known answers, if they are available, and small ones here."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.log.log import Log
from engine.log.recogniser import CONTINUATION
from engine.log.record import Record
from engine.log.times import Moment, TimeFormat

CORPUS = Path(__file__).parents[4] / "shared" / "logs"
OWN = Path(__file__).parents[2] / "data" / "logs"
TRUTHS = sorted(CORPUS.glob("*.truth.json"))
WHAT_THE_LIBRARIES_WROTE = {
    # for each file: format, encoding, lines, and records by level from none to critical
    "absl.log": ("absl", "utf-8", 6, (0, 0, 0, 3, 1, 1, 0)),
    "colorlog.log": ("logging", "utf-8", 13, (0, 0, 1, 2, 1, 2, 1)),
    "cp1252.log": ("logging", "cp1252", 28, (0, 0, 0, 10, 9, 9, 0)),
    "ecs.jsonl": ("ecs", "utf-8", 7, (0, 0, 1, 2, 1, 2, 1)),
    "eliot.jsonl": ("eliot", "utf-8", 14, (7, 0, 1, 2, 1, 2, 1)),
    "export.log": ("journald-export", "utf-8", 202, (0, 0, 3, 6, 3, 3, 9)),
    "logfmter.log": ("key-value", "utf-8", 7, (0, 0, 1, 2, 1, 2, 1)),
    "members.log.gz": ("logging", "utf-8", 60, (0, 0, 0, 20, 20, 20, 0)),
    "rich.log": ("rich", "utf-8", 13, (0, 0, 1, 2, 1, 2, 1)),
    "sl_default.log": ("structlog", "utf-8", 56, (0, 0, 0, 3, 3, 1, 0)),
    "tornado.log": ("tornado", "utf-8", 13, (0, 0, 1, 2, 1, 2, 1)),
    "utf16le_nobom.log": ("logging", "utf-16-le", 16, (0, 0, 0, 5, 5, 5, 0)),
}


def read(path: Path) -> tuple[Log, dict[int, Record]]:
    log = Log(path)
    log.read_all()
    return log, {raw.line + 1: log.read(raw) for raw in log.walk() if raw.code != CONTINUATION}


def moment(text: str) -> Moment:
    found = TimeFormat("iso").read(text, date.today())
    assert found is not None
    return found


@pytest.mark.parametrize("path", TRUTHS, ids=[path.name.removesuffix(".truth.json") for path in TRUTHS])
def test_the_truth(path: Path) -> None:
    truth: dict[str, Any] = json.loads(path.read_text("utf-8"))
    log, found = read(path.with_name(truth["file"]))
    if truth["lines"] is None:
        assert log.notes() == ["The file is cut short: what could be unpacked is shown."]
        assert len(found) > 5
        return
    by_return = log.encoding.by_return
    assert log.lines.count == (truth["universal_lines"] if by_return else truth["lines"])
    records = truth["record_list"] if truth["records"] else []
    if by_return:
        records = [record | {"line": n} for n, record in enumerate(records, 1)]
    foreign = {line for first, count in truth["foreign_lines"] for line in range(first, first + count)}
    extra = set(found) - {record["line"] for record in records} - foreign
    assert len(extra) <= bool(truth.get("ambiguous"))
    assert not {record["line"] for record in records} - set(found)
    for record in records:
        agrees(found[record["line"]], record)
    levels = Counter(record["level"] for record in records)
    counted = Counter(found[record["line"]].level for record in records)
    assert levels == counted


@pytest.mark.parametrize("name", sorted(WHAT_THE_LIBRARIES_WROTE))
def test_what_the_libraries_wrote(name: str) -> None:
    log, found = read(OWN / name)
    got = (
        log.detection.formats[0].format.name,
        log.encoding.name,
        log.lines.count,
        tuple(log.records.by_level()),
    )
    assert got == WHAT_THE_LIBRARIES_WROTE[name]
    assert all(record.format == got[0] for record in found.values())
    if name not in ("absl.log", "cp1252.log", "export.log", "members.log.gz", "utf16le_nobom.log"):
        assert [record.exception for record in found.values() if record.exception][-1].endswith("Error")


def agrees(got: Record, record: dict[str, Any]) -> None:
    assert got.level == record["level"]
    assert got.level_text == record["level_text"] or record["level"] is None
    for name in ("logger", "process", "thread", "task"):
        if record.get(name) is not None:
            assert str(getattr(got, name)) == str(record[name])
    if record["message"]:
        assert " ".join(record["message"].split())[:60] in " ".join(got.message.split())
    if record["exception"]:
        assert (got.exception or "").rsplit(".", 1)[-1] == record["exception"].rsplit(".", 1)[-1]
    if record["time"] and record.get("time_shown", True):
        assert got.time is not None
        assert got.time.guessed == bool({"year", "date"} & set(record["time_missing"]))
        if not got.time.guessed:
            assert abs(got.time.wall - moment(record["time"]).wall) < 1_001
            assert (got.time.time.tzinfo is None) == ("zone" in record["time_missing"])
