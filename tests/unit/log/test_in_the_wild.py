"""Logs of many programs: where their records start, their levels, and the fields of the first one."""

# ruff: noqa: E501

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.log import levels
from engine.log.formats.detect import detect
from engine.log.known_times import find_time
from engine.log.log import Log
from engine.log.recogniser import CONTINUATION, Recogniser, level_in
from engine.log.record import RawRecord, read
from engine.log.times import time_format

TODAY = datetime(2024, 3, 11, 12)
WILD = (
    # name, lines, the first letter of the level of the record that each line starts (. for one that continues
    # the record above, - for no level), and fields of the first record
    (
        "nginx_error",
        (
            '2024/03/10 11:58:57 [notice] 1#1: using the "epoll" event method',
            '2024/03/10 11:58:58 [error] 29#29: *4 open() "/usr/share/nginx/html/x" failed (2: No such file or directory), client: 172.17.0.1, server: localhost, request: "GET /x HTTP/1.1", host: "localhost"',
            "2024/03/10 11:58:59 [emerg] 29#29: bind() to 0.0.0.0:80 failed",
            "2024/03/10 11:59:00 [crit] 30#31: *7 SSL_do_handshake() failed",
            "2024/03/10 11:59:01 [warn] 1#1: low",
            "2024/03/10 11:59:01 [alert] 1#1: worker process 29 exited on signal 9",
        ),
        "IECCWC",
        {
            "time": "2024-03-10T11:58:57",
            "process": 1,
            "thread": 1,
            "message": 'using the "epoll" event method',
        },
    ),
    (
        "postgres",
        (
            "2024-03-10 11:58:57.254 CET [4242] LOG:  database system is ready to accept connections",
            '2024-03-10 11:58:58.000 CET [4243] ERROR:  duplicate key value violates unique constraint "a_pkey"',
            "2024-03-10 11:58:58.000 CET [4243] DETAIL:  Key (id)=(1) already exists.",
            "2024-03-10 11:58:58.000 CET [4243] STATEMENT:  INSERT INTO a",
            "\tVALUES (1);",
            '2024-03-10 11:58:59.000 CET [4244] FATAL:  password authentication failed for user "x"',
            "2024-03-10 11:59:00.000 CET [4244] PANIC:  could not write to file",
            "2024-03-10 11:59:00.000 CET [4244] WARNING:  there is no transaction in progress",
            "2024-03-10 11:59:00.000 CET [4244] HINT:  do this",
        ),
        "IE--.CCW-",
        {
            "time": "2024-03-10T11:58:57.254000",
            "process": 4242,
            "message": "database system is ready to accept connections",
        },
    ),
    (
        "journal_short_iso",
        (
            "-- Logs begin at Sun 2024-03-10 10:00:00 CET, end at Sun 2024-03-10 12:00:00 CET. --",
            "2024-03-10T11:58:57+0100 shop-1 systemd[1]: Started Session 5 of user x.",
            "2024-03-10T11:58:58+0100 shop-1 sshd[921]: Accepted publickey for x",
            "2024-03-10T11:58:59+0100 shop-1 kernel: usb 1-1: new",
            "-- Reboot --",
            "2024-03-10T12:58:59+0100 shop-1 kernel: Linux version 6",
        ),
        ".---.-",
        {
            "time": "2024-03-10T11:58:57+01:00",
            "logger": "systemd",
            "process": 1,
            "message": "Started Session 5 of user x.",
        },
    ),
    (
        "pytest_live",
        (
            "11:58:57 [    INFO] hello (test_a.py:3)",
            "11:58:57 [ WARNING] careful (test_a.py:4)",
            "11:58:58 [CRITICAL] dead (test_a.py:5)",
        ),
        "IWC",
        {"message": "hello (test_a.py:3)"},
    ),
    (
        "log4j_ttcc",
        (
            "0    [main] DEBUG com.example.A  - Starting",
            "12   [main] INFO  com.example.A  - running",
            "1200 [Thread-1] ERROR com.example.B  - oops",
            "java.lang.RuntimeException: x",
            "\tat a.b.C(D.java:1)",
        ),
        "DIE..",
        {"logger": "com.example.A", "process": None, "thread": "main", "message": "Starting"},
    ),
    (
        "level_between_hashes",
        (
            "2024-03-10 11:58:57,254 #INFO# app: started",
            "2024-03-10 11:58:58,254 #ERROR# app.db: lost",
            "2024-03-10 11:58:59,254 #DEBUG# app: item #3",
        ),
        "IED",
        {"logger": "app", "message": "started"},
    ),
    (
        "level_between_hashes_first",
        ("#INFO# started", "#ERROR# lost", "#DEBUG# item 3", "#INFO# done"),
        "IEDI",
        {"message": "started"},
    ),
    (
        "klog_without_microseconds",
        (
            "I0310 11:58:57    1234 server.go:12] started",
            "E0310 11:58:58    1234 db.go:99] lost",
            "W0310 11:59:00    1234 db.go:9] slow",
        ),
        "IEW",
        {"logger": None, "process": None, "thread": 1234, "message": "started"},
    ),
    (
        "relative_created",
        ("123 INFO started", "150 ERROR lost", "1022 DEBUG item 3", "2044 INFO done"),
        "IEDI",
        {"process": None, "message": "started"},
    ),
    (
        "relative_created_with_a_fraction",
        (
            "123.4567 root INFO started",
            "150.2234 app ERROR lost",
            "1022.33 root DEBUG x",
            "2044.0 app INFO y",
        ),
        "IEDI",
        {"logger": "root", "process": None, "message": "started"},
    ),
    (
        "kafka",
        (
            "[2024-03-10 11:58:57,254] INFO starting (kafka.server.KafkaServer)",
            "[2024-03-10 11:58:58,254] WARN [Controller id=1] slow (kafka.server.X)",
            "[2024-03-10 11:58:58,254] ERROR bad (kafka.server.X)",
            "java.io.IOException: x",
            "\tat a.b.C(D.java:1)",
        ),
        "IWE..",
        {"time": "2024-03-10T11:58:57.254000", "logger": "kafka.server.KafkaServer", "message": "starting"},
    ),
    (
        "log4j_full",
        (
            "10 Mar 2024 11:58:57,254 INFO  [main] com.example.A (A.java:10) - hi",
            "10 Mar 2024 11:58:58,254 FATAL [main] com.example.A (A.java:11) - bye",
        ),
        "IC",
        {"time": "2024-03-10T11:58:57.254000", "logger": "com.example.A", "thread": "main", "message": "hi"},
    ),
    (
        "hadoop",
        (
            "24/03/10 11:58:57 INFO SparkContext: Running Spark version 3.5.0",
            "24/03/10 11:58:58 WARN NativeCodeLoader: Unable to load native-hadoop library",
            "24/03/10 11:58:59 ERROR Executor: Exception in task 0.0",
            "java.lang.NullPointerException",
            "\tat x.Y.z(Y.scala:1)",
        ),
        "IWE..",
        {"time": "2024-03-10T11:58:57", "logger": "SparkContext", "message": "Running Spark version 3.5.0"},
    ),
    (
        "zap_console",
        (
            '2024-03-10T11:58:57.254Z\tINFO\tserver/main.go:12\tlistening\t{"port": 80}',
            '2024-03-10T11:58:58.254Z\tERROR\tserver/main.go:13\tfailed\t{"err": "x"}',
            "main.main",
            "\t/src/main.go:13",
            "runtime.main",
            "\t/usr/local/go/src/runtime/proc.go:250",
            "2024-03-10T11:58:59.254Z\tWARN\tserver/main.go:14\tslow",
        ),
        "IE....W",
        {"time": "2024-03-10T11:58:57.254000+00:00", "message": 'listening\t{"port": 80}'},
    ),
    (
        "zerolog_console",
        (
            "11:58AM INF starting port=80",
            "11:58AM WRN slow dur=1s",
            '11:59AM ERR failed error="x"',
            "12:01PM FTL dead",
        ),
        "IWEC",
        {"message": "starting port=80"},
    ),
    (
        "logrus_tty",
        (
            "INFO[0000] A group of walrus emerges                     animal=walrus size=10",
            "WARN[0001] The group's number increased tremendously!    number=122",
            "ERRO[0002] x",
            "FATA[0003] The ice breaks!                               number=100",
            "DEBU[0003] d",
        ),
        "IWECD",
        {"message": "A group of walrus emerges                     animal=walrus size=10"},
    ),
    (
        "tsv",
        (
            "2024-03-10 11:58:57.254\tINFO\tshop\tMainThread\tstarted",
            "2024-03-10 11:58:58.254\tERROR\tshop.db\tThread-1 (run)\tfailed",
            "2024-03-10 11:58:59.254\tWARNING\tshop\tMainThread\tslow",
        ),
        "IEW",
        {
            "time": "2024-03-10T11:58:57.254000",
            "logger": "shop",
            "thread": "MainThread",
            "message": "started",
        },
    ),
    (
        "win_event",
        (
            "Level\tDate and Time\tSource\tEvent ID\tTask Category",
            "Information\t3/10/2024 11:58:57 AM\tService Control Manager\t7036\tNone\tThe x service entered the running state.",
            'Error\t3/10/2024 11:58:58 AM\tDCOM\t10016\tNone\t"The application-specific',
            'permission settings do not grant"',
            "Warning\t3/10/2024 1:58:58 PM\tDNS Client Events\t1014\t(1014)\tName resolution",
        ),
        ".IE.W",
        {
            "time": "2024-03-10T11:58:57",
            "logger": "Service Control Manager",
            "message": "The x service entered the running state.",
        },
    ),
    (
        "cet",
        (
            "2024-03-10 11:58:57 CET INFO a: x",
            "2024-03-10 11:58:58 CEST ERROR a: y",
        ),
        "IE",
        {"time": "2024-03-10T11:58:57", "logger": "a", "message": "x"},
    ),
    (
        "level_colon_message",
        (
            "INFO:starting",
            "WARNING:slow down",
            "ERROR:failed: x",
            "Traceback (most recent call last):",
            '  File "a.py", line 1, in <module>',
            "ZeroDivisionError: division by zero",
            "DEBUG:x",
        ),
        "IWE...D",
        {"message": "starting"},
    ),
    (
        "so_msecs",
        (
            "2024-03-10:11:58:57,7 INFO     [a.py:12] started",
            "2024-03-10:11:58:58,250 WARNING  [a.py:13] slow",
            "2024-03-10:11:58:59,45 ERROR    [orders.py:120] bad",
            "2024-03-10:11:58:59,999 CRITICAL [orders.py:120] bad",
        ),
        "IWEC",
        {"time": "2024-03-10T11:58:57.007000", "message": "started"},
    ),
    (
        "mysql",
        (
            "2024-03-10T11:58:57.254000Z 0 [System] [MY-010116] [Server] /usr/sbin/mysqld (mysqld 8.0.36) starting as process 1",
            "2024-03-10T11:58:58.254000Z 0 [Warning] [MY-010068] [Server] CA certificate ca.pem is self signed.",
            "2024-03-10T11:58:59.254000Z 8 [ERROR] [MY-000061] [Server] bad",
            "2024-03-10T11:58:59.254000Z 8 [Note] [MY-000061] [Server] note",
        ),
        "-WEI",
        {
            "time": "2024-03-10T11:58:57.254000+00:00",
            "logger": "Server",
            "thread": 0,
            "message": "/usr/sbin/mysqld (mysqld 8.0.36) starting as process 1",
        },
    ),
    (
        "elastic",
        (
            "[2024-03-10T11:58:57,254][INFO ][o.e.n.Node               ] [node-1] starting ...",
            "[2024-03-10T11:58:58,254][WARN ][o.e.b.JNANatives         ] [node-1] Unable to lock",
            "[2024-03-10T11:58:59,254][ERROR][o.e.b.Bootstrap          ] [node-1] Exception",
            "java.lang.RuntimeException: can not run as root",
            "\tat org.e.B.c(B.java:1)",
        ),
        "IWE..",
        {"time": "2024-03-10T11:58:57.254000", "logger": "o.e.n.Node", "message": "starting ..."},
    ),
    (
        "mongo",
        (
            '{"t":{"$date":"2024-03-10T11:58:57.254+00:00"},"s":"I","c":"NETWORK","id":22943,"ctx":"listener","msg":"Connection accepted","attr":{"remote":"127.0.0.1"}}',
            '{"t":{"$date":"2024-03-10T11:58:58.254+00:00"},"s":"E","c":"STORAGE","id":1,"ctx":"conn1","msg":"x"}',
            '{"t":{"$date":"2024-03-10T11:58:58.254+00:00"},"s":"W","c":"STORAGE","id":1,"ctx":"conn1","msg":"x"}',
        ),
        "IEW",
        {
            "time": "2024-03-10T11:58:57.254000+00:00",
            "logger": "NETWORK",
            "thread": "listener",
            "message": "Connection accepted",
        },
    ),
    (
        "dotnet",
        (
            "info: Microsoft.Hosting.Lifetime[0]",
            "      Now listening on: http://localhost:5000",
            "warn: App.Orders[17]",
            "      slow",
            "fail: App.Orders[17]",
            "      failed",
            "      System.InvalidOperationException: x",
            "         at App.Orders.Run()",
        ),
        "I.W.E...",
        {
            "logger": "Microsoft.Hosting.Lifetime",
            "message": "\n      Now listening on: http://localhost:5000",
        },
    ),
    (
        "dotnet_serilog",
        (
            "2024-03-10 11:58:57.254 +01:00 [INF] Starting web host",
            "2024-03-10 11:58:58.254 +01:00 [WRN] slow",
            "2024-03-10 11:58:59.254 +01:00 [ERR] failed",
            "System.InvalidOperationException: x",
            "   at App.Orders.Run()",
            "2024-03-10 11:58:59.254 +01:00 [FTL] dead",
            "2024-03-10 11:58:59.254 +01:00 [VRB] v",
        ),
        "IWE..CT",
        {"time": "2024-03-10T11:58:57.254000+01:00", "message": "Starting web host"},
    ),
    (
        "github_actions",
        (
            "2024-03-10T11:58:57.2540000Z ##[group]Run actions/checkout@v4",
            "2024-03-10T11:58:58.2540000Z with:",
            "2024-03-10T11:58:58.2540000Z   repository: x/y",
            "2024-03-10T11:58:59.2540000Z ##[error]Process completed with exit code 1.",
        ),
        "----",
        {"time": "2024-03-10T11:58:57.254000+00:00", "message": "##[group]Run actions/checkout@v4"},
    ),
    (
        "only_date",
        (
            "2024-03-10 INFO started",
            "2024-03-10 ERROR bad",
            "2024-03-11 WARNING bad",
        ),
        "IEW",
        {"time": "2024-03-10T00:00:00", "message": "started"},
    ),
    (
        "dayfirst",
        (
            "09/03/2024 11:58:57 INFO x9",
            "10/03/2024 11:58:57 INFO x10",
            "11/03/2024 11:58:57 INFO x11",
            "12/03/2024 11:58:57 INFO x12",
            "13/03/2024 11:58:57 INFO x13",
            "14/03/2024 11:58:57 INFO x14",
            "15/03/2024 11:58:57 INFO x15",
        ),
        "IIIIIII",
        {"time": "2024-03-09T11:58:57", "message": "x9"},
    ),
    (
        "home_assistant",
        (
            "2024-03-10 11:58:57.254 WARNING (SyncWorker_2) [homeassistant.loader] We found a custom integration",
            "2024-03-10 11:58:58.254 ERROR (MainThread) [homeassistant.components.x] bad",
            "Traceback (most recent call last):",
            '  File "a.py", line 1, in f',
            "TimeoutError",
        ),
        "WE...",
        {
            "time": "2024-03-10T11:58:57.254000",
            "logger": "homeassistant.loader",
            "thread": "SyncWorker_2",
            "message": "We found a custom integration",
        },
    ),
    (
        "openstack",
        (
            "2024-03-10 11:58:57.254 7 INFO nova.compute.manager [req-1 - - - - -] Loading",
            "2024-03-10 11:58:58.254 7 ERROR nova.compute.manager [req-1 - - - - -] bad",
            "2024-03-10 11:58:58.254 7 ERROR nova.compute.manager Traceback (most recent call last):",
            "2024-03-10 11:58:59.254 7 WARNING nova.x [-] w",
        ),
        "IEEW",
        {
            "time": "2024-03-10T11:58:57.254000",
            "logger": "nova.compute.manager",
            "process": 7,
            "message": "[req-1 - - - - -] Loading",
        },
    ),
    (
        "name_message",
        (
            "shop.orders: started",
            "shop.db.pool: connected: yes",
            "root: it failed",
            "Traceback (most recent call last):",
            '  File "a.py", line 1, in <module>',
            "KeyError: 'x'",
            "shop: [cache] miss",
            "__main__: done",
        ),
        "---..---",  # the last line of the traceback is recognized by those above it
        {"logger": "shop.orders", "message": "started"},
    ),
    (
        "threads_only",
        (
            "(MainThread) started",
            "(Thread-1 (work)) working",
            "(ThreadPoolExecutor-0_1) done",
        ),
        "---",
        {"thread": "MainThread", "message": "started"},
    ),
    (
        "level_letters",
        ("I shop: started", "W shop.db: slow", "E shop: failed", "D root: x"),
        "IWED",
        {"logger": "shop", "message": "started"},
    ),
    (
        "level_numbers",
        ("20 shop started", "30 shop.db slow", "40 shop failed", "10 shop.db x", "20 shop.db y"),
        "IWEDI",
        {"level": "INFO"},
    ),
    (
        "dashes",
        ("4242-INFO-started", "4243-ERROR-it failed", "4242-WARNING-slow-down"),
        "IEW",
        {"process": 4242, "message": "started"},
    ),
    (
        "dashes_time",
        ("2024-03-10 11:58:57,254-4242-INFO-started", "2024-03-10 11:58:58,001-4243-ERROR-it failed"),
        "IE",
        {"time": "2024-03-10T11:58:57.254000", "process": 4242, "message": "started"},
    ),
    (
        "file_behind",
        (
            "2024-03-10 11:58:57,254 INFO started (orders.py:12)",
            "2024-03-10 11:58:58,254 ERROR line one",
            "line two (orders.py:130)",
            "2024-03-10 11:58:59,254 INFO x (db.py:7)",
            "2024-03-10 11:58:59,255 INFO y (db.py:7)",
        ),
        "IE.II",
        {"time": "2024-03-10T11:58:57.254000", "message": "started"},
    ),
    (
        "group_then_level",
        (
            "ERROR    it failed",
            "  + Exception Group Traceback (most recent call last):",
            '  |   File "a.py", line 1, in f',
            "  | ExceptionGroup: two (1 sub-exception)",
            "  +-+---------------- 1 ----------------",
            "    | ValueError: a",
            "    +------------------------------------",
            "INFO     on",
        ),
        "E......I",
        {"message": "it failed", "exception": "ExceptionGroup"},
    ),
    (
        "basic_with_access",
        tuple(
            f'INFO:werkzeug:127.0.0.1 - - [10/Mar/2024 11:58:5{n}] "GET /{n} HTTP/1.1" 200 -'
            for n in range(4)
        ),
        "IIII",
        {
            "logger": "werkzeug",
            "message": '127.0.0.1 - - [10/Mar/2024 11:58:50] "GET /0 HTTP/1.1" 200 -',
            "time": None,
        },
    ),
    (
        "centred_level",
        ("11:58:57.254 |   INFO   | a", "11:58:58.254 | WARNING  | b", "11:58:58.255 | CRITICAL | c"),
        "IWC",
        {"message": "a"},
    ),
    (
        "java_two_lines",
        (
            "Mar 10, 2024 11:58:57 AM com.example.Shop run",
            "SEVERE: WARNING: it failed",
            "java.lang.IllegalStateException: bad",
            "\tat com.x.A.b(A.java:12)",
            "Mar 10, 2024 1:58:58 PM com.example.Shop run",
            "INFO: on",
        ),
        "-...-.",
        {
            "time": "2024-03-10T11:58:57",
            "level": "ERROR",
            "logger": "com.example.Shop",
            "message": "WARNING: it failed",
            "exception": "java.lang.IllegalStateException",
        },
    ),
)


@pytest.mark.parametrize(
    ("lines", "starts", "says"), [case[1:] for case in WILD], ids=[case[0] for case in WILD]
)
def test_in_the_wild(lines: tuple[str, ...], starts: str, says: dict[str, object]) -> None:
    found = detect(lines, TODAY)
    recogniser = Recogniser([ranked.format for ranked in found.formats], lines, TODAY)
    codes = [recogniser.code(line) for line in lines]
    told = ["." if code == CONTINUATION else (levels.NAMES[level_in(code)] or "-")[0] for code in codes]
    assert "".join(told) == starts
    first = next(n for n, start in enumerate(starts) if start != ".")
    end = next((n for n in range(first + 1, len(lines)) if starts[n] != "."), len(lines))
    raw = RawRecord("a", first, 0, codes[first], lines[first:end])
    record = read(raw, recogniser.format_of(codes[first]), "utf-8", TODAY).as_dict()
    assert {name: record[name] for name in says} == says


def _levels(path: Path, text: str) -> list[tuple[int, str | None]]:
    path.write_text(text)
    log = Log(path)
    log.read_all()
    codes = log.records.codes(0, log.lines.count).tolist()
    return [(n, levels.NAMES[level_in(code)]) for n, code in enumerate(codes) if code != CONTINUATION]


def test_traceback_of_words(tmp_path: Path) -> None:
    """The last line of a traceback is no record, though a format of only words would take it for one."""
    text = 'ERROR: it failed\nTraceback (most recent call last):\n  File "a.py", line 1, in f\nException: bad\nINFO: on\n'
    assert _levels(tmp_path / "a.log", text) == [(0, "ERROR"), (4, "INFO")]


def test_level_in_the_second_line(tmp_path: Path) -> None:
    text = "".join(
        f"Mar 10, 2024 11:58:{n:02} AM com.example.Shop run\n{level}: FINE: {n}\n"
        for n, level in enumerate(("SEVERE", "WARNING", "INFO", "FINE"))
    )
    wanted = [(0, "ERROR"), (2, "WARNING"), (4, "INFO"), (6, "DEBUG")]
    assert _levels(tmp_path / "a.log", text) == wanted


@pytest.mark.parametrize(
    ("text", "form", "says"),
    [
        ("10-Mar-24 11:58:57 - x", "%d-%b-%y %H:%M:%S", "2024-03-10T11:58:57"),
        ("2024-03-10_11-58-57 x", "%Y-%m-%d_%H-%M-%S", "2024-03-10T11:58:57"),
        ("2024-03-10 at 12:48:44 | x", "%Y-%m-%d at %H:%M:%S", "2024-03-10T12:48:44"),
        ("Sun 10 Mar 2024 11:58:57 x", "%a %d %b %Y %H:%M:%S", "2024-03-10T11:58:57"),
        ("10 March 2024 11:58:57 PM x", "%d %B %Y %I:%M:%S %p", "2024-03-10T23:58:57"),
        ("240310 115857 x", "%y%m%d %H%M%S", "2024-03-10T11:58:57"),
        ("2024-070 11:58:57 x", "%Y-%j %H:%M:%S", "2024-03-10T11:58:57"),
        ("2024-03-10 11:58:57,254-4243-INFO", "iso", "2024-03-10T11:58:57.254000"),
        ("2024-03-10,11:58:57 MainProcess", "%Y-%m-%d,%H:%M:%S", "2024-03-10T11:58:57"),
    ],
)
def test_times_put_together(text: str, form: str, says: str) -> None:
    found = find_time(text, 0, TODAY)
    assert found is not None
    moment = time_format(found[0]).read(text[: found[1]], TODAY)
    assert (found[0], moment and moment.text) == (form, says)


EVERY_LINE = sorted({line for case in WILD for line in case[1]})
PIECES = st.tuples(st.sampled_from(EVERY_LINE), st.integers(0, 30), st.integers(0, 90)).map(
    lambda cut: cut[0][cut[1] : cut[1] + cut[2]]
)


@given(st.lists(PIECES, min_size=1, max_size=12))
@example(["2024-03-10 11:58:57.254 C"] * 2 + ["arning\t3/10/2024 1:58:58 PM\tDNS C"])
@example(["  --> a/b.py:9:22", "  --> a/b.py:17:30", "  --> a/b.py:19:35"])
@settings(max_examples=60, deadline=None)
def test_any_lines_have_formats_that_read_them(lines: list[str]) -> None:
    found = detect(lines, TODAY)
    recogniser = Recogniser([ranked.format for ranked in found.formats], lines, TODAY)
    for line in lines:
        form = recogniser.format_of(recogniser.code(line))
        assert form is None or form.fields([line], TODAY).level in range(len(levels.NAMES))
