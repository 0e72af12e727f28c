"""`poolhouse log` as a user types it: its output and exit status."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.cli.main import main
from tests.e2e.terminal import LIMIT, poolhouse
from tests.program import command

SHOP = """\
started by hand
2024-03-10 11:58:57,254 INFO shop: open
2024-03-10 11:58:58,254 DEBUG shop.cart: 3 items for order 17
2024-03-10 11:58:59,254 WARNING shop.stock: only 2 left
2024-03-10 11:59:00,254 ERROR shop.pay: refused
Traceback (most recent call last):
  File "pay.py", line 3, in pay
    raise Refused
shop.Refused: limit
2024-03-10 11:59:01,254 INFO shop.cart: 4 items for order 18
2024-03-10 12:10:00,254 CRITICAL shop: disk full
"""
OTHER = """\
2024-03-10 11:58:58,500 INFO bank: asked
2024-03-10 11:59:00,100 ERROR bank: no
because of the limit
"""
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.log"
    path.write_text(SHOP, "utf-8")
    return path


@pytest.fixture
def other(tmp_path: Path) -> Path:
    path = tmp_path / "bank.log"
    path.write_text(OTHER, "utf-8")
    return path


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str]) -> Call:
    """Run the command in this process; returns its status, stdout and stderr."""

    def called(*words: object) -> tuple[int, str, str]:
        try:
            status = main(["log", *map(str, words)])
        except SystemExit as error:  # argparse
            status = error.code
        out, err = capfd.readouterr()
        assert isinstance(status, int)
        return status, out, err

    return called


def rows(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_all_of_a_log_is_shown_as_it_is(call: Call, shop: Path) -> None:
    assert call(shop) == (0, SHOP, "")


def test_a_record_in_json_lines(call: Call, shop: Path) -> None:
    status, out, _ = call(shop, "--level", "error", "--format", "jsonl")
    record = rows(out)[0]
    assert status == 0
    assert record == {
        "source": str(shop),
        "line": 5,
        "lines": 5,
        "offset": SHOP.index("2024-03-10 11:59:00"),
        "time": "2024-03-10T11:59:00.254000",
        "time_guessed": False,
        "level": "ERROR",
        "level_text": "ERROR",
        "logger": "shop.pay",
        "process": None,
        "thread": None,
        "task": None,
        "message": "refused",
        "text": "\n".join(SHOP.splitlines()[4:9]),
        "exception": "shop.Refused",
        "format": "logging",
        "encoding": "utf-8",
    }


def test_lines_before_the_first_record_are_one_without_a_format(call: Call, shop: Path) -> None:
    first = rows(call(shop, "--format", "jsonl")[1])[0]
    assert (first["format"], first["text"], first["line"], first["time"]) == (
        None,
        "started by hand",
        1,
        None,
    )
    assert call(shop, "--count") == (0, "6\n", "")


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (["--level", "warning"], [4, 5, 11]),
        (["--level", "WARN"], [4, 5, 11]),
        (["--logger", "shop.cart"], [3, 10]),
        (["--logger", "shop.cart", "--logger", "shop.pay"], [3, 5, 10]),
        (["--logger", "sho"], []),
        (["--since", "2024-03-10T11:59"], [5, 10, 11]),
        (["--until", "11:58:58.254"], [2, 3]),
        (["--since", "-10m"], [11]),
        (["--since", "2024-03-10", "--until", "2024-03-11"], [2, 3, 4, 5, 10, 11]),
        (["--lines", "1-2"], [1, 2]),
        (["--lines", "7"], [5]),
        (["--lines", "10-"], [10, 11]),
        (["--lines", "-3"], [1, 2, 3]),
        (["--grep", "items", "--grep", "17"], [3]),
        (["--grep", "it.ms for order 1[78]$"], [3, 10]),
        (["--grep", "LIMIT"], []),
        (["--grep", "LIMIT", "-i"], [5]),
        (["--grep", "item", "-w"], []),
        (["--grep", "2.left", "-F"], []),
        (["--grep", "^  File"], [5]),
        (["--any", "refused", "--any", "full"], [5, 11]),
        (["--exclude", "shop", "--level", "trace"], []),
        (["--exclude", "items"], [1, 2, 4, 5, 11]),
        (["--exception", "Refused"], [5]),
        (["--exception", "shop.Refused", "--level", "critical"], []),
        (["--head", "2"], [1, 2]),
        (["--tail", "2"], [10, 11]),
        (["--head", "4", "--tail", "1"], [4]),
    ],
)
def test_conditions(call: Call, shop: Path, words: list[str], lines: list[int]) -> None:
    status, out, _ = call(shop, *words, "--format", "jsonl")
    assert [record["line"] for record in rows(out)] == lines
    assert status == (0 if lines else 1)
    counted = len([line for line in lines if line != 1])
    assert call(shop, *words, "--count")[1] == f"{counted}\n" or {"--head", "--tail"} & set(words)


def test_processes_threads_and_tasks(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    path.write_text("".join(f"2024-03-10 11:58:57,254 worker {n % 2} INFO {n} x\n" for n in range(6)))
    assert call(path, "--task", "3", "--count")[1] == "1\n"
    assert call(path, "--task", "3", "--task", "4", "--count")[1] == "2\n"
    assert call(path, "--process", "worker 1", "--count")[1] == "3\n"
    assert call(path, "--thread", "1", "--count") == (1, "0\n", "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--level", "loud"], "'loud' is not a level"),
        (["--since", "yesterday"], "'yesterday' is not a time"),
        (["--grep", "("], "'(' is not a regular expression"),
        (["--lines", "9-3"], "There are no lines 9-3"),
        (["--lines", "x"], "'x' is not a range of lines"),
        (["--zone", "Moon"], "'Moon' is not a time zone"),
        (["--encoding", "ebcdic9"], "no encoding 'ebcdic9'"),
        (["--log-format", "nothing"], "names no field"),
        (["--datefmt", "%H"], "belong to a format"),
        (["--head", "-1"], "is not a number"),
        (["--histogram", "0"], "is not a number from 1"),
        (["--no-such-option"], "unrecognized arguments"),
        (["--formats", "no-such-file"], "no-such-file cannot be read"),
    ],
)
def test_what_cannot_be_is_said(call: Call, shop: Path, words: list[str], said: str) -> None:
    status, out, err = call(shop, *words)
    assert (status, out) == (2, "")
    assert said in err


@pytest.mark.parametrize(
    ("first", "others"),
    [
        (
            "--follow",
            ["--count", "--stats", "--histogram 3", "--group", "--head 1", "--context 1", "--explain"],
        ),
        (
            "--count",
            ["--stats", "--histogram 3", "--group", "--message-only", "--matching-lines", "--context 1"],
        ),
        ("--stats", ["--histogram 3", "--group", "--message-only", "--context 0", "--format csv"]),
        ("--histogram 3", ["--group", "--message-only", "--matching-lines", "--context 1"]),
        ("--group", ["--message-only", "--matching-lines", "--context 1"]),
        ("--format jsonl", ["--message-only", "--matching-lines", "--context 1"]),
        ("--format csv", ["--message-only", "--matching-lines", "--context 1"]),
        ("--message-only", ["--matching-lines", "--context 1"]),
        ("--merge", ["--context 1"]),
        (
            "--explain",
            ["--count", "--stats", "--grep a", "--level info", "--lines 1", "--tail 2", "--format csv"],
        ),
    ],
)
def test_options_that_exclude_each_other_are_refused(
    call: Call, shop: Path, first: str, others: list[str]
) -> None:
    for other in others:
        pattern = ["--grep", "a"] if "matching" in first + other else []
        status, out, err = call(shop, *first.split(), *other.split(), *pattern)
        assert (status, out) == (2, ""), other
        assert "cannot be combined" in err
        assert all(option.split()[0] in err for option in (first, other))


@pytest.mark.parametrize("option", ["--ignore-case", "--word", "--fixed", "--matching-lines"])
def test_an_option_of_patterns_without_a_pattern(call: Call, shop: Path, option: str) -> None:
    status, out, err = call(shop, option, "--level", "info")
    assert (status, out) == (2, "")
    assert option in err
    assert "--grep" in err


def test_summaries_of_a_part_and_in_every_format(call: Call, shop: Path) -> None:
    for form in ("text", "jsonl", "csv"):
        assert call(shop, "--count", "--format", form, "--level", "error")[1] == "2\n"
    assert call(shop, "--count", "--head", "4", "--tail", "2")[1] == "2\n"
    assert json.loads(call(shop, "--stats", "--tail", "2", "--format", "jsonl")[1])["records"] == 2
    assert [
        row["total"] for row in rows(call(shop, "--histogram", "1", "--tail", "2", "--format", "jsonl")[1])
    ] == [2]
    assert len(rows(call(shop, "--group", "--head", "3", "--format", "jsonl")[1])) == 2


def test_a_file_that_is_not_there_does_not_hide_the_others(call: Call, shop: Path, tmp_path: Path) -> None:
    status, out, err = call(tmp_path / "none.log", shop, "--level", "critical", "--message-only")
    assert status == 2
    assert out == f"{shop}: disk full\n"
    assert "none.log cannot be read: No such file" in err


def test_parts_of_records(call: Call, shop: Path) -> None:
    assert call(shop, "--level", "error", "--message-only")[1] == "refused\ndisk full\n"
    assert call(shop, "--grep", "File|limit", "--matching-lines")[1] == (
        '  File "pay.py", line 3, in pay\nshop.Refused: limit\n'
    )
    assert call(shop, "--grep", "only|full", "--context", "1")[1].splitlines() == [
        *SHOP.splitlines()[2:5],
        "--",
        *SHOP.splitlines()[9:11],
    ]
    assert call(shop, "--grep", "File|cart: 4", "--matching-lines", "--context", "1")[1].splitlines() == [
        *SHOP.splitlines()[5:8],
        *SHOP.splitlines()[8:11],
    ]


def test_context_in_several_files(call: Call, shop: Path, other: Path) -> None:
    words = ["--grep", "only|asked", "--context", "1"]
    assert call(shop, other, *words)[1].splitlines() == [
        *(f"{shop}: {line}" for line in SHOP.splitlines()[2:5]),
        "--",
        *(f"{other}: {line}" for line in OTHER.splitlines()[:2]),
    ]


def test_csv(call: Call, shop: Path) -> None:
    found = list(csv.DictReader(io.StringIO(call(shop, "--format", "csv")[1])))
    assert [row["line"] for row in found] == ["1", "2", "3", "4", "5", "10", "11"]
    assert found[4]["text"].splitlines() == SHOP.splitlines()[4:9]
    assert found[0]["time"] == ""


def test_statistics(call: Call, shop: Path) -> None:
    found = json.loads(call(shop, "--stats")[1])
    assert found["records"] == 6
    assert found["levels"] == {"DEBUG": 1, "INFO": 2, "WARNING": 1, "ERROR": 1, "CRITICAL": 1}
    assert (found["first"], found["seconds"]) == ("2024-03-10T11:58:57.254000", 663.0)
    assert found["exceptions"] == {"shop.Refused": 1}
    assert found["files"][0]["encoding"] == "utf-8"


def test_a_histogram_and_groups(call: Call, shop: Path) -> None:
    buckets = rows(call(shop, "--histogram", "4", "--format", "jsonl")[1])
    assert [bucket["total"] for bucket in buckets] == [5, 0, 0, 1]
    assert "#####" in call(shop, "--histogram", "4")[1]
    groups = rows(call(shop, "--group", "--format", "jsonl")[1])
    assert groups[0]["shape"] == "<n> items for order <n>" or groups[1]["count"] == 1
    assert sum(group["count"] for group in groups) == 6
    assert "disk full" in call(shop, "--group")[1]


def test_colours(call: Call, shop: Path) -> None:
    assert "\x1b[" not in call(shop)[1]
    assert "\x1b[31m2024-03-10 11:59:00,254 ERROR" in call(shop, "--color", "always")[1]


def test_merged_by_time(call: Call, shop: Path, other: Path) -> None:
    found = rows(call(shop, other, "--merge", "--format", "jsonl")[1])
    order = [(Path(record["source"]).name, record["line"]) for record in found]
    assert order == [
        ("shop.log", 1),
        ("shop.log", 2),
        ("shop.log", 3),
        ("bank.log", 1),
        ("shop.log", 4),
        ("bank.log", 2),
        ("shop.log", 5),
        ("shop.log", 10),
        ("shop.log", 11),
    ]
    text = call(shop, other, "--merge", "--level", "error", "--tail", "3")[1].splitlines()
    assert text[:2] == [f"{other}: 2024-03-10 11:59:00,100 ERROR bank: no", f"{other}: because of the limit"]


def test_zones(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("[2024-03-10 17:28:58 +0530] [7] [INFO] a\n")
    assert "2024-03-10T17:28:58+05:30" in call(path, "--format", "jsonl")[1]
    assert "2024-03-10T11:58:58+00:00" in call(path, "--format", "jsonl", "--zone", "utc")[1]
    assert json.loads(call(path, "--stats", "--zone", "utc")[1])["first"] == "2024-03-10T11:58:58+00:00"
    buckets = rows(call(path, "--histogram", "1", "--zone", "utc", "--format", "jsonl")[1])
    assert buckets[0]["from"] == "2024-03-10T11:58:58"
    assert call(path, "--zone", "utc")[1] == "[2024-03-10T11:58:58+00:00] [7] [INFO] a\n"
    assert call(path, "--since", "2024-03-10T17:28:58", "--count")[1] == "1\n"
    assert call(path, "--since", "2024-03-10T11:58:59Z", "--count")[1] == "0\n"
    assert call(path, "--since", "2024-03-10T11:58:58", "--zone", "utc", "--count")[1] == "1\n"


def test_an_output_file_that_is_not_the_log(call: Call, shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.txt"
    assert call(shop, "-o", out) == (0, "", "")
    assert out.read_text("utf-8") == SHOP
    status, _, err = call(shop, "-o", shop)
    assert (status, shop.read_text("utf-8")) == (2, SHOP)
    assert "it would be lost" in err


def test_a_format_that_is_given(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("<17> AUDIT drawer\nopen\n<18> INFO x\n")
    found = rows(call(path, "--log-format", "<%(task)s> %(levelname)s %(message)s", "--format", "jsonl")[1])
    assert [(record["task"], record["level"], record["message"]) for record in found] == [
        (17, None, "drawer\nopen"),
        (18, "INFO", "x"),
    ]
    assert call(path, "--log-format", "plain", "--count")[1] == "3\n"


def test_how_a_file_is_read_is_explained(call: Call, shop: Path) -> None:
    out = call(shop, "--explain")[1]
    assert "%(asctime)s %(levelname)s %(name)s: %(message)s" in out
    assert "encoding: utf-8" in out
    assert "started by hand" in out


def test_gzip_and_its_end_that_is_missing(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "a.log.gz"
    path.write_bytes(gzip.compress(SHOP.encode() * 50)[:-20])
    status, out, err = call(path, "--count")
    assert status == 0
    assert int(out) > 5
    assert "cut short" in err


def test_an_empty_file(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"")
    assert call(path) == (0, "", "")
    assert call(path, "--count") == (0, "0\n", "")
    assert call(path, "--level", "error") == (1, "", "")
    assert json.loads(call(path, "--stats")[1])["records"] == 0
    assert call(path, "--histogram", "3") == (0, "", "")
    assert call(path, "--group") == (0, "", "")


@pytest.mark.usefixtures("program")
def test_standard_input_and_a_pipe_that_closes(shop: Path) -> None:
    with shop.open("rb") as file:
        done = subprocess.run(
            command("log", "-", "--level", "error", "--count"), stdin=file, capture_output=True, timeout=LIMIT
        )
    assert (done.returncode, done.stdout) == (0, b"2\n")
    shop.write_text(SHOP * 3_000)
    with subprocess.Popen(command("log", shop), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"started by hand\n"
        process.stdout.close()
        assert process.stderr.read() == b""
    assert "usage: poolhouse log" in poolhouse("log", "--help").stdout


@pytest.mark.usefixtures("program")
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_following_until_interrupted(shop: Path) -> None:
    words = command("log", shop, "--follow", "--level", "warning", "--tail", "1")
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline().endswith("disk full\n")
            with shop.open("a") as file:
                file.write("2024-03-10 12:11:00,000 INFO shop: no\n2024-03-10 12:11:01,000 ERROR shop: half")
                file.flush()
                os.fsync(file.fileno())
                file.write(" and whole\nTraceback (most recent call last):\nKeyError: 1\n")
            assert process.stdout.readline() == "2024-03-10 12:11:01,000 ERROR shop: half and whole\n"
            assert process.stdout.readline() == "Traceback (most recent call last):\n"
            assert process.stdout.readline() == "KeyError: 1\n"
            shop.write_text("2024-03-10 12:12:00,000 ERROR shop: a new file\n")
            assert process.stdout.readline() == "2024-03-10 12:12:00,000 ERROR shop: a new file\n"
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(LIMIT) == 3
        assert "was replaced or cut" in process.stderr.read()
