"""Formats: definitions by their samples, format strings in three styles, and what files are recognized as."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from engine.log import levels
from engine.log.formats.definition import Definition, Sample, given, read_definitions
from engine.log.formats.detect import detect, known_formats, named
from engine.log.formats.known import BUILT_IN
from engine.log.formats.template import TemplateError
from engine.log.log import Log
from engine.log.recogniser import CONTINUATION
from engine.log.record import RawRecord, Record, read

TODAY = datetime(2024, 3, 11, 12)
SAMPLES = [(definition, sample) for definition in BUILT_IN for sample in definition.samples]
each_sample = pytest.mark.parametrize(
    ("definition", "sample"), SAMPLES, ids=[f"{d.name}: {s.text[:20]}" for d, s in SAMPLES]
)
LINES = (
    ("shop", 20, "starting with 4 workers"),
    ("shop.cart", 10, "cart c-19 has 3 items"),
    ("shop.stock", 30, "only 2.5% left of 'tea'"),
    ("shop.pay", 40, "card refused: limit"),
    ("root", 50, "disk full"),
    ("shop.mail", 20, "sent to zoë@example.org: 'Grüße'"),
    ("shop", 20, ""),
    ("shop", 20, "done: ERROR count 0, WARNING count 1"),
    ("shop", 15, "a level with no name"),
)


def told(record: Record) -> dict[str, Any]:
    return record.as_dict() | {"time": record.time.text if record.time else None}


@pytest.mark.parametrize(
    ("definition", "sample"), SAMPLES, ids=[f"{d.name}: {s.text[:20]}" for d, s in SAMPLES]
)
def test_a_definition_reads_its_samples(definition: Definition, sample: Sample) -> None:
    form = definition.compiled()
    lines = sample.text.split("\n")
    assert form.level(lines[0]) >= 0
    record = told(read(RawRecord("a", 0, 0, 0, lines), form, "utf-8", TODAY))
    assert {name: record[name] for name in sample.says} == sample.says
    assert form.level(lines[0]) == (levels.NAMES.index(record["level"]) if record["level"] else 0)


@pytest.mark.parametrize("definition", BUILT_IN, ids=[definition.name for definition in BUILT_IN])
def test_every_definition_has_a_sample_and_a_name_of_its_own(definition: Definition) -> None:
    assert definition.samples
    assert [form.name for form in known_formats()].count(definition.name) == 1
    assert named(definition.name) is not None


@pytest.mark.parametrize(
    ("definition", "sample"), SAMPLES, ids=[f"{d.name}: {s.text[:20]}" for d, s in SAMPLES]
)
def test_one_line_is_enough(definition: Definition, sample: Sample) -> None:
    found = detect(sample.text.split("\n"), TODAY)
    assert found.formats
    form = found.formats[0].format
    record = told(read(RawRecord("a", 0, 0, 0, sample.text.split("\n")), form, "utf-8", TODAY))
    for name in {"time", "level"} & sample.says.keys():
        assert record[name] == sample.says[name], form


FORMATS = (
    ("%(asctime)s %(levelname)s %(message)s", None, "%"),
    ("%(asctime)s - %(name)s - %(levelname)s - %(message)s", None, "%"),
    ("[%(asctime)s] %(levelname)-8s %(name)s: %(message)s", "%d.%m.%Y %H:%M:%S", "%"),
    ("%(levelname)s:%(name)s:%(message)s", None, "%"),
    ("%(name)-12s: %(levelname)-8s %(message)s", None, "%"),
    ("%(asctime)s %(levelname)s:%(message)s", "%m/%d/%Y %I:%M:%S %p", "%"),
    (
        "%(asctime)s [%(processName)s/%(process)d %(threadName)s] %(levelname)s %(name)s %(message)s",
        None,
        "%",
    ),
    ("%(asctime)s.%(msecs)03d|%(levelname)s|%(name)s|%(message)s", "%H:%M:%S", "%"),
    ("%(asctime)s\t%(levelname)s\t%(name)s\t%(message)s", None, "%"),
    ("%(created)f %(levelname)s %(name)s %(message)s", None, "%"),
    ("%(levelname).1s %(asctime)s %(name)s] %(message)s", None, "%"),
    ("%(asctime)s %(levelno)s %(message)s", None, "%"),
    ("{levelname} {asctime} {module} {process:d} {thread:d} {message}", None, "{"),
    ("{asctime} | {levelname:^8} | {name} | {message}", "%a, %d %b %Y %H:%M:%S", "{"),
    ("${asctime} [$levelname] $name: $message", "%Y-%m-%dT%H:%M:%S", "$"),
    ("%(asctime)s [%(levelname)8s] %(message)s", "%H:%M:%S", "%"),
    ("%(asctime)s | %(levelname)-8s [%(name)s] | %(message)s", None, "%"),
    ("%(levelname)-10s|(%(name)12s) (%(threadName)s)\t%(message)s", None, "%"),
    ("[%(name)s]:%(asctime)s; %(levelname)s %(message)s", "%c", "%"),
)


def written(text: str, datefmt: str | None, style: Any) -> tuple[str, list[tuple[int, logging.LogRecord]]]:
    """What `logging` writes, and the line with which each record starts."""
    formatter = logging.Formatter(text, datefmt, style)
    out = ""
    records: list[tuple[int, logging.LogRecord]] = []
    for n, (name, level, message) in enumerate(LINES * 3):
        record = logging.LogRecord(name, level, "/srv/shop.py", 30, message, (), None, "run")
        record.created, record.msecs = 1710071937.254 + n, 254.0
        record.process, record.thread = 4242, 140243791891328
        records.append((out.count("\n"), record))
        out += formatter.format(record) + "\n"
        if level == 40:
            out += "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nKeyError: 'x'\n"
    return out, records


@pytest.mark.parametrize("how", ["found out", "given"])
@pytest.mark.parametrize(("text", "datefmt", "style"), FORMATS, ids=[text for text, _, _ in FORMATS])
def test_format_strings(text: str, datefmt: str | None, style: str, how: str, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    out, records = written(text, datefmt, style)
    path.write_text(out, "utf-8")
    from engine.log.reading import Reading

    log = Log(path, Reading(format=text, style=style, datefmt=datefmt) if how == "given" else None)
    log.read_all()
    found = {raw.line: log.read(raw) for raw in log.walk() if raw.code != CONTINUATION}
    assert list(found) == [line for line, _ in records]
    for line, record in records:
        got = found[line]
        if "levelname).1" not in text or record.levelno != 15:
            assert got.rank == levels.level_of_number(record.levelno), got
            assert got.message.split("\n")[0] == record.getMessage()
        if (
            "name)s" in text.replace("levelname)", "").replace("Name)", "")
            or "{name" in text
            or "$name" in text
        ):
            assert got.logger == record.name
        if "process" in text:
            assert got.process == 4242
        if "threadName" in text:
            assert got.thread == "MainThread"
        if "asctime" in text or "created" in text:
            assert got.time is not None
            assert got.time.time.second == int(record.created) % 60
        assert got.exception == ("KeyError" if record.levelno == 40 else None)


@pytest.mark.parametrize("text", ["no field", "%(name", "{", "{name"])
def test_a_format_string_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(TemplateError):
        given(text)


def test_an_own_format(tmp_path: Path) -> None:
    file = tmp_path / "formats.toml"
    file.write_text(
        """
[[format]]
name = "till"
template = "{time} #{task} {level} {message}"
time = "%d/%m/%y %H.%M"
[[format.samples]]
text = "10/03/24 11.58 #17 WARN drawer open"

[[format]]
name = "own-json"
[format.json]
needs = ["sev"]
level = "sev"
message = "what"
""",
        "utf-8",
    )
    own = [definition.compiled() for definition in read_definitions(file)]
    found = detect(["10/03/24 11.58 #17 WARN drawer open", '{"sev": "error", "what": "x"}'], TODAY, own)
    assert {ranked.format.name for ranked in found.formats} == {"till", "own-json"}
    fields = own[0].fields(["10/03/24 11.58 #17 WARN drawer open"], TODAY)
    assert (fields.task, fields.level_text, fields.message) == (17, "WARN", "drawer open")
    assert fields.time is not None
    assert fields.time.text == "2024-03-10T11:58:00"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[format]]\ntemplate = 'x'", "has no name"),
        ("[[format]]\nname = 'a'\nbad = 1", "unknown key 'bad'"),
        ("[[format]]\nname = 'a'", "has no template"),
        ("[[format]]\nname = 'a'\npattern = '('", "pattern"),
        (
            "[[format]]\nname = 'a'\ntemplate = '{level}!{message}'\n[[format.samples]]\ntext = 'x'",
            "own sample",
        ),
        ("= 1", "cannot be read as TOML"),
        ("format = 1", "begins with a line"),
    ],
)
def test_an_own_format_that_is_wrong_is_named(text: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "formats.toml"
    file.write_text(text)
    with pytest.raises(ValueError, match=says):
        read_definitions(file)


def test_several_formats_in_one_file() -> None:
    lines = [
        "2024-03-10 11:58:57,254 INFO shop: item 0",
        '{"ts": 1710071937.664, "level": "error", "msg": "json 1", "logger": "db"}',
        "2024-03-10 11:58:58.074 | WARNING  | shop.pay:pay:17 - slow 2",
        'INFO:     127.0.0.1:50014 - "GET /14 HTTP/1.1" 200 OK',
        "printed",
    ] * 5
    names = [ranked.format.name for ranked in detect(lines, TODAY).formats]
    assert sorted(names) == ["json", "logging", "loguru", "uvicorn"]


def test_plain_text_and_what_is_no_text() -> None:
    assert [ranked.format.name for ranked in detect(["one", "two", ""], TODAY).formats] == ["plain"]
    assert detect(["\x01\x02\x03\x04" * 20], TODAY).formats == ()
    assert detect(["", "", ""], TODAY).formats == ()
