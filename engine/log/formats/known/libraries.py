"""Formats of Python's logging libraries."""

from __future__ import annotations

from engine.log.formats.definition import Definition, Sample
from engine.log.formats.known.systems import REQUEST

_T = "2024-03-10T11:58:57.254000"

_STRUCTLOG = (
    r"(?=\[[a-z ]{9}\]|.* [\w.]+=\S|.* \[[\w.]+\] *$)\[(?P<level>[a-z]+) *\] (?P<message>.*?)"
    r"(?: +\[(?P<logger>[\w.]+)\])?(?P<pairs>(?: +[\w.]+=(?:'[^']*'|\"[^\"]*\"|\S+))*) *$"
)
"""A level that is padded, or else a logger or pairs at the end."""


def structlog_with(time: str) -> Definition:
    """The format of structlog's ConsoleRenderer if times are written so."""
    pattern = r"(?P<time>@time@) " + _STRUCTLOG
    return Definition("structlog", pattern=pattern, time=time, title="structlog's ConsoleRenderer", rank=9)


LIBRARIES = (
    Definition(
        "basicConfig",
        template="{level}:{logger}:{message}",
        rank=3,
        title="%(levelname)s:%(name)s:%(message)s",
        samples=(
            Sample("INFO:root:alone", {"level": "INFO", "logger": "root", "message": "alone"}),
            Sample("Level 15:shop:a level with no name", {"level": None, "logger": "shop"}),
        ),
    ),
    Definition(
        "multiprocessing",
        template="[{level}/{process}] {message}",
        title="[%(levelname)s/%(processName)s] %(message)s",
        samples=(
            Sample(
                "[INFO/ForkPoolWorker-1] child process calling self.run()",
                {
                    "level": "INFO",
                    "process": "ForkPoolWorker-1",
                    "message": "child process calling self.run()",
                },
            ),
        ),
    ),
    Definition(
        "poolhouse",
        pattern=(
            r"(?P<time>@time@) (?P<process>[\w-]+(?: \d+)?) (?P<level>@level@) (?P<task>-?\d+|-) (?P<message>.*)"
        ),
        title="%(asctime)s %(processName)s %(levelname)s %(task)s %(message)s",
        samples=(
            Sample(
                "2024-03-10 11:58:57,254 worker 0 INFO 17 starting",
                {"time": _T, "process": "worker 0", "level": "INFO", "task": 17, "message": "starting"},
            ),
        ),
    ),
    Definition(
        "loguru",
        template="{time} | {level: <8} | {logger}:{function}:{line} - {message}",
        samples=(
            Sample(
                "2024-03-10 11:58:57.254 | SUCCESS  | __main__:clocked:46 - all 9 fine",
                {"time": _T, "level": "INFO", "logger": "__main__", "message": "all 9 fine"},
            ),
        ),
    ),
    Definition(
        "ansible",
        pattern=(
            r"(?P<time>@time@) p=(?P<pid>\d+) u=(?P<user>\S+) n=(?P<logger>\S+) (?P<level>@LEVEL@)\| ?(?P<message>.*)"
        ),
        title="%(asctime)s p=%(process)d u=%(user)s n=%(name)s %(levelname)s| %(message)s",
        rank=10,
        samples=(
            Sample(
                "2024-03-10 11:58:57,254 p=4242 u=zoe n=ansible WARNING| No hosts matched",
                {"time": _T, "level": "WARNING", "message": "No hosts matched"},
            ),
        ),
    ),
    Definition(
        "ansible-old",
        template="{time} p={pid} u={user} n={logger} | {message}",
        title="%(asctime)s p=%(process)d u=%(user)s n=%(name)s | %(message)s",
        rank=10,
        samples=(
            Sample(
                "2024-03-10 11:58:57,254 p=4242 u=zoe n=ansible | ok: [web1]",
                {"time": _T, "process": 4242, "logger": "ansible", "message": "ok: [web1]"},
            ),
        ),
    ),
    Definition(
        "structlog",
        pattern=r"(?:(?P<time>@time@) )?" + _STRUCTLOG,
        title="structlog's ConsoleRenderer",
        rank=9,
        samples=(
            Sample(
                "2024-03-10T11:58:57.254000Z [warning  ] only n left    [shop.orders] order=17 path='/a b'",
                {
                    "time": f"{_T}+00:00",
                    "level": "WARNING",
                    "logger": "shop.orders",
                    "message": "only n left",
                },
            ),
            Sample("[info     ] started      port=80", {"level": "INFO", "message": "started"}),
        ),
    ),
    Definition(
        "structlog-old-time",
        pattern=r"(?P<time>@time@) " + _STRUCTLOG,
        time="%Y-%m-%d %H:%M.%S",
        title="structlog's ConsoleRenderer",
        rank=9,
        samples=(
            Sample("2024-03-10 11:58.57 [info     ] hello   x=1", {"level": "INFO", "message": "hello"}),
        ),
    ),
    Definition(
        "structlog-clock",
        pattern=r"(?P<time>@time@) " + _STRUCTLOG,
        time="%H:%M:%S",
        title="structlog's ConsoleRenderer",
        rank=9,
        samples=(Sample("11:58:57 [info     ] hello   x=1", {"level": "INFO", "message": "hello"}),),
    ),
    Definition(
        "uvicorn",
        pattern=(r"(?=.{10})(?P<level>TRACE|DEBUG|INFO|WARNING|ERROR|CRITICAL): +(?<=^.{10})(?P<message>.*)"),
        title="%(levelprefix)s %(message)s",
        rank=9,
        samples=(
            Sample(
                'INFO:     127.0.0.1:59192 - "GET / HTTP/1.1" 200 OK',
                {"level": "INFO", "message": '127.0.0.1:59192 - "GET / HTTP/1.1" 200 OK'},
            ),
            Sample("CRITICAL: gone", {"level": "CRITICAL", "message": "gone"}),
        ),
    ),
    Definition(
        "gunicorn",
        template="[{time}] [{pid}] [{level}] {message}",
        title="%(asctime)s [%(process)d] [%(levelname)s] %(message)s",
        rank=14,
        samples=(
            Sample(
                "[2024-03-10 17:28:58 +0530] [29788] [INFO] Starting gunicorn",
                {"time": "2024-03-10T17:28:58+05:30", "level": "INFO", "process": 29788},
            ),
        ),
    ),
    Definition(
        "celery",
        pattern=(
            r"\[(?P<time>@time@): (?P<level>@level@)/(?P<process>[^\]]+)\] "
            r"(?:(?P<task_name>[\w.]+|\?\?\?)\[(?P<task>[\w-]+|\?\?\?)\]: )?(?P<message>.*)"
        ),
        title="[%(asctime)s: %(levelname)s/%(processName)s] %(message)s",
        rank=9,
        samples=(
            Sample(
                "[2024-03-10 11:58:57,254: WARNING/MainProcess] celery@shop ready.",
                {"time": _T, "level": "WARNING", "process": "MainProcess", "message": "celery@shop ready."},
            ),
            Sample(
                "[2024-03-10 11:58:57,254: INFO/ForkPoolWorker-1] shop.pay[0a1b-40]: paying",
                {"process": "ForkPoolWorker-1", "task": "0a1b-40", "message": "paying"},
            ),
        ),
    ),
    Definition(
        "django-verbose",
        template="{level} {time} {module} {pid} {tid} {message}",
        title="{levelname} {asctime} {module} {process:d} {thread:d} {message}",
        samples=(
            Sample(
                "ERROR 2024-03-10 11:58:57,254 log 4242 140243791891328 Internal Server Error: /fail",
                {"time": _T, "level": "ERROR", "process": 4242, "thread": 140243791891328},
            ),
        ),
    ),
    Definition(
        "django-server",
        pattern=rf"\[(?P<time>@time@)\] {REQUEST}",
        time="%d/%b/%Y %H:%M:%S",
        title='[{server_time}] "request" status size',
        samples=(
            Sample(
                '[10/Mar/2024 11:58:57] "GET /a HTTP/1.1" 404 12',
                {"time": "2024-03-10T11:58:57", "message": "GET /a HTTP/1.1"},
            ),
        ),
    ),
    Definition(
        "flask",
        template="[{time}] {level} in {module}: {message}",
        title="[%(asctime)s] %(levelname)s in %(module)s: %(message)s",
        samples=(
            Sample(
                "[2024-03-10 11:58:57,254] ERROR in app: Exception on /fail [GET]",
                {"time": _T, "level": "ERROR", "message": "Exception on /fail [GET]"},
            ),
        ),
    ),
    Definition(
        "airflow",
        template="[{time}] {{{file}:{line}}} {level} - {message}",
        title="[%(asctime)s] {%(filename)s:%(lineno)d} %(levelname)s - %(message)s",
        samples=(
            Sample(
                "[2024-03-10T11:58:57.254+0000] {taskinstance.py:1103} INFO - Dependencies met",
                {"time": f"{_T}+00:00", "level": "INFO", "message": "Dependencies met"},
            ),
        ),
    ),
    Definition(
        "pytest",
        template="{level: <8} {logger}:{file}:{line} {message}",
        title="%(levelname)-8s %(name)s:%(filename)s:%(lineno)d %(message)s",
        samples=(
            Sample(
                "WARNING  shop.orders:test_shop.py:9 careful",
                {"level": "WARNING", "logger": "shop.orders", "message": "careful"},
            ),
        ),
    ),
    Definition(
        "pytest-live",
        template="{time} [{level: >8}] {message}",
        time="%H:%M:%S",
        title="%(asctime)s [%(levelname)8s] %(message)s (%(filename)s:%(lineno)s)",
        samples=(Sample("11:58:57 [    INFO] hello (test_a.py:3)", {"level": "INFO"}),),
    ),
    Definition(
        "coloredlogs",
        template="{time} {host} {logger}[{pid}] {level} {message}",
        title="%(asctime)s %(hostname)s %(name)s[%(process)d] %(levelname)s %(message)s",
        samples=(
            Sample(
                "2024-03-10 11:58:57 shop-1 shop.orders[4242] DEBUG cart has 3 items",
                {"level": "DEBUG", "logger": "shop.orders", "process": 4242, "message": "cart has 3 items"},
            ),
        ),
    ),
    Definition(
        "prefect",
        pattern=(
            r"(?P<time>@time@) \| (?P<level>@LEVEL@) +\| (?P<logger>(?:Flow|Task) run '[^']*'|[\w.-]+) - (?P<message>.*)"
        ),
        time="%H:%M:%S.%f",
        title="%(asctime)s.%(msecs)03d | %(levelname)-7s | %(name)s - %(message)s",
        rank=12,
        samples=(
            Sample(
                "11:58:57.254 | INFO    | Flow run 'brave-fox' - Created",
                {"level": "INFO", "logger": "Flow run 'brave-fox'", "message": "Created"},
            ),
        ),
    ),
    Definition(
        "tornado",
        pattern=r"\[(?P<level>[DIWEC]) (?P<time>@time@) (?P<logger>[^\]:]+):(?P<line>\d+)\] ?(?P<message>.*)",
        time="%y%m%d %H:%M:%S",
        title="[%(levelname)1.1s %(asctime)s %(module)s:%(lineno)d] %(message)s",
        samples=(
            Sample(
                "[I 240310 11:58:57 web:2239] 200 GET / (127.0.0.1) 0.52ms",
                {"time": "2024-03-10T11:58:57", "level": "INFO", "logger": "web"},
            ),
        ),
    ),
    Definition(
        "jupyter",
        pattern=r"\[(?P<level>[DIWEC]) (?P<time>@time@) (?P<logger>[^\]:]+)\] ?(?P<message>.*)",
        title="[%(levelname)1.1s %(asctime)s.%(msecs)03d %(name)s] %(message)s",
        samples=(
            Sample(
                "[W 2024-03-10 11:58:57.254 ServerApp] no token",
                {"time": _T, "level": "WARNING", "logger": "ServerApp", "message": "no token"},
            ),
        ),
    ),
    Definition(
        "absl",
        pattern=(
            r"(?P<level>[DIWEF])(?P<time>@time@) +(?P<tid>\d+) (?P<file>[\w./<>-]+):(?P<line>\d+)\] ?(?P<message>.*)"
        ),
        time="%m%d %H:%M:%S.%f",
        title="Lmmdd hh:mm:ss.uuuuuu threadid file:line] msg (klog, glog, absl)",
        samples=(
            Sample(
                "I0310 11:58:57.254000   12345 server.go:17] listening",
                {"level": "INFO", "thread": 12345, "message": "listening"},
            ),
        ),
    ),
    Definition(
        "klog",
        pattern=(
            r"(?P<level>[DIWEF])(?P<time>@time@) +(?P<tid>\d+) (?P<file>[\w./<>-]+):(?P<line>\d+)\] ?(?P<message>.*)"
        ),
        time="%m%d %H:%M:%S",
        title="Lmmdd hh:mm:ss threadid file:line] msg (klog without microseconds)",
        samples=(
            Sample(
                "E0310 11:58:57   12345 server.go:17] lost",
                {"level": "ERROR", "thread": 12345, "message": "lost"},
            ),
        ),
    ),
    Definition(
        "rich",
        pattern=(
            r"(?:\[(?P<time>@time@)\]| {11,21}) (?P<level>@LEVEL@) +(?P<message>.*?)"
            r"(?: {2,}(?P<file>[\w./-]+\.py):(?P<line>\d+))? *$"
        ),
        time="%m/%d/%y %H:%M:%S",
        title="rich.logging.RichHandler",
        samples=(
            Sample(
                "[03/10/24 11:58:57] INFO     starting                          app.py:7",
                {"time": "2024-03-10T11:58:57", "level": "INFO", "message": "starting"},
            ),
        ),
    ),
    Definition(
        "rich-own-time",
        pattern=(
            r"(?:\[?(?P<time>@time@)\]?| {10,30}) (?P<level>@LEVEL@) +(?P<message>.*?)"
            r" {2,}(?P<file>[\w./-]+\.py):(?P<line>\d+) *$"
        ),
        title="rich.logging.RichHandler",
        rank=12,
        samples=(
            Sample(
                "[2024-03-10 11:58:57] INFO     starting                          app.py:7",
                {"time": "2024-03-10T11:58:57", "level": "INFO", "message": "starting"},
            ),
        ),
    ),
    Definition(
        "twisted",
        pattern=r"(?P<time>@time@) \[(?P<logger>[\w.]*)(?P<rest>[^\]#]*)#(?P<level>\w+)\] (?P<message>.*)",
        title="time [namespace#level] event",
        samples=(
            Sample(
                "2024-03-10T11:58:57+0000 [twisted.web.server.Site#info] Starting factory",
                {"time": "2024-03-10T11:58:57+00:00", "level": "INFO", "logger": "twisted.web.server.Site"},
            ),
        ),
    ),
)
