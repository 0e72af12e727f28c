"""Formats that are not given: what `logging` wrote in many format strings, CSV, dicts, pairs."""

from __future__ import annotations

import csv
import io
import json
import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.log.choosing import Chooser
from engine.log.filters import Bound, Filter
from engine.log.levels import ERROR
from engine.log.log import Log
from engine.log.recogniser import CONTINUATION
from engine.log.record import Record

SAID = (
    ("shop", "main", "INFO", "starting with 4 workers"),
    ("shop.cart", "add", "DEBUG", "cart c-19 has 3 items"),
    ("shop.stock", "<module>", "WARNING", "only 2.5% left of 'tea'"),
    ("shop.pay", "charge", "ERROR", "card refused: limit"),
    ("root", "run", "CRITICAL", "disk full"),
    ("shop.http", "handle", "INFO", '127.0.0.1 - - [10/Mar/2024:12:00:00 +0000] "GET / HTTP/1.1" 200 12'),
    ("shop.cart", "add", "INFO", "[cart] 17 items (3 new)"),
    ("shop.pay", "charge", "ERROR", "boom, and\n  a second line"),
)
FORMATS = (
    # a format string, its datefmt
    ("%(asctime)s %(name)s.%(funcName)s %(levelname)s %(message)s", None),
    ("%(asctime)s [%(levelname)s] %(name)s.%(funcName)s: %(message)s", None),
    ("%(levelname)s %(name)s.%(funcName)s:%(lineno)d %(message)s", None),
    ("%(asctime)s | %(levelname)-8s | %(name)s.%(funcName)s:%(lineno)d | %(message)s", None),
    ("%(asctime)s %(levelname)s %(name)s %(message)s", "%d %b %Y %H:%M:%S"),
    ("%(asctime)s %(levelname)s %(name)s %(funcName)s() %(message)s", None),
    ("%(asctime)s %(process)d %(levelname)s %(name)s [%(module)s %(lineno)d] %(message)s", None),
    ("[%(asctime)s %(msecs)03d] %(levelname)s %(name)s %(message)s", "%Y-%m-%d %H:%M:%S"),
    ("%(asctime)s.%(msecs)d %(levelname)s %(name)s %(message)s", "%Y-%m-%d %H:%M:%S"),
    ("%(asctime)s %(levelname).3s %(name)s: %(message)s", "%Y%m%d%H%M%S"),
    ("%(asctime)s » %(levelname)s » %(name)s » %(message)s", None),
    ("🐍 %(asctime)s %(levelname)s %(name)s %(message)s", None),
    ("%(levelname)s: %(message)s (%(name)s)", None),
    ("%(asctime)s %(name)s %(message)s", None),
    ('"%(asctime)s","%(levelname)s","%(name)s","%(message)s"', None),
    ("%(asctime)s level=%(levelname)s logger=%(name)s msg=%(message)s", None),
    ("%(levelname)s:%(name)s:%(message)s [%(asctime)s]", None),
    ("%(levelname)s %(name)s - %(message)s - %(asctime)s", "%Y/%m/%d %H:%M:%S"),
    ("%(asctime)s.%(msecs)s %(levelname)s %(name)s %(message)s", "%Y-%m-%d %H:%M:%S"),
    ("%(asctime)s,%(msecs)s [%(levelname)s] %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S"),
    ("%(asctime)s_%(levelname)s_%(name)s_%(message)s", None),
    ("%(levelname)s_%(asctime)s_%(name)s_%(message)s", "%Y-%m-%d %H:%M:%S"),
)
BEHIND = (
    "%(message)s (%(name)s, %(levelname)s, %(asctime)s)",
    "%(message)s | %(name)s | %(asctime)s | %(levelname)s",
    "%(asctime)s %(message)s %(name)s %(levelname)s",
)
MONTHS = {
    "{0.day:02} Mär 2024 {0:%H:%M:%S}": "German",
    "{0.day}. März 2024 {0:%H:%M:%S}": "German in full",
    "{0.day:02} mars 2024 {0:%H:%M:%S}": "French",
    "{0.day:02}-mar.-2024 {0:%H:%M:%S}": "Spanish",
    "mar {0.day:02} {0:%H:%M:%S}": "without a year",
    "2024年3月{0.day}日 {0:%H:%M:%S}": "Japanese",
}
Writer = Callable[[logging.LogRecord, datetime], str]


def made() -> list[logging.LogRecord]:
    records: list[logging.LogRecord] = []
    for n, (name, function, level, message) in enumerate(SAID * 2):
        number = logging.getLevelNamesMapping()[level]
        record = logging.LogRecord(name, number, f"/srv/{name[-4:]}.py", 30, message, (), None, function)
        record.created, record.msecs = 1710071937 + 61 * n, float((n * 71 + 4) % 1000)
        record.created += record.msecs / 1000
        records.append(record)
    return records


def read_back(path: Path, write: Writer, head: str = "") -> list[tuple[logging.LogRecord, Record]]:
    """How each record of a file with all of them is read."""
    records = made()
    texts = [write(record, datetime.fromtimestamp(record.created, UTC)) for record in records]
    path.write_text(head + "\n".join(texts) + "\n", "utf-8")
    log = Log(path)
    log.read_all()
    found = {raw.line: log.read(raw) for raw in log.walk() if raw.code != CONTINUATION}
    lines = [head.count("\n") + sum(text.count("\n") + 1 for text in texts[:n]) for n in range(len(texts))]
    assert sorted(found) == lines
    return [(record, found[line]) for record, line in zip(records, lines, strict=True)]


def agree(pairs: Sequence[tuple[logging.LogRecord, Record]], *, logger: bool = True) -> None:
    for record, got in pairs:
        assert got.message.split("\n")[0].strip() == record.getMessage().split("\n")[0]
        assert got.logger == (record.name if logger else None)


@pytest.mark.parametrize(("text", "datefmt"), FORMATS)
def test_logging(text: str, datefmt: str | None, tmp_path: Path) -> None:
    formatter = logging.Formatter(text, datefmt)
    formatter.converter = time.gmtime
    pairs = read_back(tmp_path / "a.log", lambda record, _: formatter.format(record))
    agree(pairs)
    for record, got in pairs:
        assert got.level == (record.levelname if "levelname" in text else None)
        if "asctime" not in text:
            continue
        exact = not datefmt or "msecs" in text
        assert got.time is not None
        assert abs(got.time.wall / 1e6 - record.created) < (0.001 if exact else 1)


@pytest.mark.parametrize("text", BEHIND)
def test_everything_behind_the_message(text: str, tmp_path: Path) -> None:
    formatter = logging.Formatter(text)
    path = tmp_path / "a.log"
    records = [record for record in made() if "\n" not in record.msg]
    path.write_text("".join(f"{formatter.format(record)}\n" for record in records), "utf-8")
    log = Log(path)
    log.read_all()
    got = [log.read(raw) for raw in log.walk()]
    assert [(one.message, one.level) for one in got] == [(it.msg, it.levelname) for it in records]
    assert all(
        one.time and abs(one.time.time.second - it.created % 60) < 1
        for one, it in zip(got, records, strict=True)
    )


@pytest.mark.parametrize("form", MONTHS, ids=list(MONTHS.values()))
def test_months_of_other_languages(form: str, tmp_path: Path) -> None:
    pairs = read_back(
        tmp_path / "a.log",
        lambda record, at: f"{form.format(at)} {record.levelname} {record.name}: {record.getMessage()}",
    )
    agree(pairs)
    assert all(got.time and got.time.time.month == 3 and got.time.time.day == 10 for _, got in pairs)


def row(*cells: str) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()


@pytest.mark.parametrize("head", ["", "time,level,logger,message\n"])
def test_csv(head: str, tmp_path: Path) -> None:
    pairs = read_back(
        tmp_path / "a.csv",
        lambda record, at: row(at.isoformat(), record.levelname, record.name, record.getMessage()),
        head,
    )
    agree(pairs)
    assert {got.format for _, got in pairs} == {"csv"}
    assert pairs[7][1].message == "boom, and\n  a second line"


def test_csv_with_the_message_in_front(tmp_path: Path) -> None:
    pairs = read_back(
        tmp_path / "a.csv",
        lambda record, at: row(record.getMessage(), record.levelname, record.name, at.isoformat()),
    )
    agree(pairs)
    assert pairs[7][1].message == "boom, and\n  a second line"
    log = Log(tmp_path / "a.csv")
    log.read_all()
    late = pairs[7][1].time
    assert late
    for wanted in (Filter(level=ERROR), Filter(since=Bound(late.time))):
        chooser = Chooser(log, wanted)
        list(chooser.run())
        found = [log.record(line) for line in chooser.selection.starts()]
        assert pairs[7][1] in found
        assert len(found) == (6 if wanted.level else 9)


def test_an_event_log_in_csv(tmp_path: Path) -> None:
    head = '"TimeCreated","Id","LevelDisplayName","ProviderName","Message"\n'
    pairs = read_back(
        tmp_path / "a.csv",
        lambda record, at: row(
            f"{at:%m/%d/%Y %I:%M:%S %p}", "7036", record.levelname.title(), record.name, record.getMessage()
        ),
        head,
    )
    agree(pairs)
    assert [got.level for _, got in pairs] == [record.levelname for record, _ in pairs]


DICTS: dict[str, Writer] = {
    "a repr": lambda record, at: repr(
        {"event": record.getMessage(), "level": record.levelname.lower(), "logger": record.name, "time": at}
    ),
    "a LogRecord": lambda record, _: repr(
        record.__dict__ | {"exc_info": (ValueError, ValueError("}, 'a'"), None)}
    ),
    "wrapped": lambda record, at: json.dumps(
        {"At": at.isoformat(), "data": {"Level": record.levelname, "Logger": record.name, "Msg": record.msg}}
    ),
    "indented": lambda record, at: json.dumps(
        {
            "time": at.isoformat(),
            "context": {"level": "high", "tags": [{}, {"a": 1}]},
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        },
        indent=2,
    ),
    "pairs behind a time": lambda record, at: (
        f"{at.isoformat()} level={record.levelname} logger={record.name} msg={record.getMessage()!r}"
    ),
}


@pytest.mark.parametrize("kind", DICTS)
def test_objects(kind: str, tmp_path: Path) -> None:
    pairs = read_back(tmp_path / "a.log", DICTS[kind])
    agree(pairs)
    assert [got.level for _, got in pairs] == [record.levelname for record, _ in pairs]


@pytest.mark.parametrize(
    ("line", "level", "logger"),
    [
        ("10/03/2024 11:58:{:02} [warning  ] {:25} [shop.pay] n=1", "WARNING", "shop.pay"),
        ("11:58:{:02}.254 ❌ __main__ - {}", "ERROR", "__main__"),
    ],
)
def test_consoles(line: str, level: str, logger: str, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("".join(line.format(n, SAID[n % 7][3]) + "\n" for n in range(20)), "utf-8")
    log = Log(path)
    log.read_all()
    records = [log.read(raw) for raw in log.walk()]
    assert {(record.level, record.logger) for record in records} == {(level, logger)}
    assert [record.message for record in records] == [SAID[n % 7][3] for n in range(20)]


def test_the_output_of_ansible_is_plain(tmp_path: Path) -> None:
    """Words that recur in front of a colon are no loggers."""
    path = tmp_path / "a.log"
    text = "TASK [copy] ***\nok: [web1]\nok: [web2]\nchanged: [web3]\nskipping: [web4]\n"
    path.write_text(text * 9, "utf-8")
    log = Log(path)
    log.read_all()
    records = [log.read(raw) for raw in log.walk()]
    assert len(records) == 45
    assert {(record.format, record.logger) for record in records} == {("plain", None)}
