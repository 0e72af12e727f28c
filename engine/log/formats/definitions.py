"""The formats that are known by name, as data; each sample is a test of its definition."""

from __future__ import annotations

from engine.log.formats.definition import Definition, Sample

_T = "2024-03-10T11:58:57.254000"

_REQUEST = r'"(?P<message>(?:[^"\\]|\\.)*)" (?P<status>\d{3}|-) (?P<size>\S+)'

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
                {"level": "INFO", "process": "ForkPoolWorker-1", "message": "child process calling self.run()"},
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
        "structlog",
        pattern=(
            r"(?:(?P<time>@time@) )?\[(?P<level>[a-z]+) *\] (?P<message>.*?)"
            r"(?: +\[(?P<logger>[\w.]+)\])?(?P<pairs>(?: +[\w.]+=(?:'[^']*'|\"[^\"]*\"|\S+))*) *$"
        ),
        title="structlog's ConsoleRenderer",
        rank=6,
        samples=(
            Sample(
                "2024-03-10T11:58:57.254000Z [warning  ] only n left    [shop.orders] order=17 path='/a b'",
                {"time": f"{_T}+00:00", "level": "WARNING", "logger": "shop.orders", "message": "only n left"},
            ),
            Sample("[info     ] started      port=80", {"level": "INFO", "message": "started"}),
        ),
    ),
    Definition(
        "structlog-old-time",
        pattern=(
            r"(?P<time>@time@) \[(?P<level>[a-z]+) *\] (?P<message>.*?)"
            r"(?: +\[(?P<logger>[\w.]+)\])?(?P<pairs>(?: +[\w.]+=(?:'[^']*'|\"[^\"]*\"|\S+))*) *$"
        ),
        time="%Y-%m-%d %H:%M.%S",
        title="structlog's ConsoleRenderer",
        rank=6,
        samples=(Sample("2024-03-10 11:58.57 [info     ] hello   x=1", {"level": "INFO", "message": "hello"}),),
    ),
    Definition(
        "uvicorn",
        pattern=(
            r"(?=.{10})(?P<level>TRACE|DEBUG|INFO|WARNING|ERROR|CRITICAL): +(?<=^.{10})(?P<message>.*)"
        ),
        title="%(levelprefix)s %(message)s",
        rank=6,
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
            r"(?:(?P<task_name>[\w.]+)\[(?P<task>[\w-]+)\]: )?(?P<message>.*)"
        ),
        title="[%(asctime)s: %(levelname)s/%(processName)s] %(message)s",
        rank=6,
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
        pattern=rf"\[(?P<time>@time@)\] {_REQUEST}",
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
        "rich",
        pattern=(
            r"(?:\[(?P<time>@time@)\]| {11,21})(?: (?P<level>[A-Z]{4,8}) +)(?P<message>.*?)"
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

SYSTEMS = (
    Definition(
        "syslog-5424",
        pattern=(
            r"<(?P<level>\d{1,3})>\d (?P<time>@time@|-) (?P<host>\S+) (?P<logger>\S+) (?P<process>\S+) (?P<id>\S+) "
            r"(?P<data>-|(?:\[(?:[^\]\"\\]|\\.|\"(?:[^\"\\]|\\.)*\")*\])+)(?: \ufeff?(?P<message>.*))?$"
        ),
        level="priority",
        title="RFC 5424",
        samples=(
            Sample(
                '<165>1 2024-03-10T11:58:57.254000Z shop-1 evntslog 42 ID47 [a@1 b="]"] An event',
                {"time": f"{_T}+00:00", "level": "INFO", "logger": "evntslog", "process": 42, "message": "An event"},
            ),
            Sample("<34>1 - host su - - - failed", {"level": "CRITICAL", "logger": "su", "message": "failed"}),
        ),
    ),
    Definition(
        "syslog-3164-priority",
        pattern=(
            r"<(?P<level>\d{1,3})>(?P<time>@time@) (?P<host>\S+) "
            r"(?P<logger>[^\s:\[]+)(?:\[(?P<process>[^\]]+)\])?: ?(?P<message>.*)"
        ),
        time="%b %d %H:%M:%S",
        level="priority",
        title="RFC 3164 with its priority",
        samples=(
            Sample(
                "<34>Oct 11 22:14:15 mymachine su[7]: 'su root' failed",
                {"level": "CRITICAL", "logger": "su", "process": 7, "message": "'su root' failed"},
            ),
        ),
    ),
    Definition(
        "syslog-3164",
        pattern=(
            r"(?P<time>@time@) (?P<host>\S+) (?P<logger>[^\s:\[]+)(?:\[(?P<process>[^\]]+)\])?: ?(?P<message>.*)"
        ),
        time="%b %d %H:%M:%S",
        title="Mmm dd hh:mm:ss host tag[pid]: message (RFC 3164)",
        samples=(
            Sample(
                "Jan  1 00:04:33 shop-1 cron[921]: did thing 21",
                {"logger": "cron", "process": 921, "message": "did thing 21"},
            ),
            Sample("Jan 31 00:04:33 shop-1 kernel: [0.12] up", {"logger": "kernel", "message": "[0.12] up"}),
        ),
    ),
    Definition(
        "journald-short-precise",
        pattern=(
            r"(?P<time>@time@) (?P<host>\S+) (?P<logger>[^\s:\[]+)(?:\[(?P<process>[^\]]+)\])?: ?(?P<message>.*)"
        ),
        time="%b %d %H:%M:%S.%f",
        title="journalctl -o short-precise",
        samples=(Sample("Mar 10 11:58:57.254000 shop-1 cron[921]: x", {"logger": "cron", "process": 921}),),
    ),
    Definition(
        "syslog-iso",
        pattern=(
            r"(?P<time>\d{4}-\d\d-\d\dT@clock@(?:Z|[+-]\d\d:?\d\d)) (?P<host>[\w.-]+) "
            r"(?P<logger>[^\s:\[]+)(?:\[(?P<process>\d+)\])?: ?(?P<message>.*)"
        ).replace("@clock@", r"\d\d:\d\d:\d\d(?:[.,]\d+)?"),
        title="time host tag[pid]: message (rsyslog; journalctl -o short-iso)",
        samples=(
            Sample(
                "2024-03-10T11:58:57.254000+00:00 shop-1 cron[921]: did thing",
                {"time": f"{_T}+00:00", "logger": "cron", "process": 921, "message": "did thing"},
            ),
        ),
    ),
    Definition(
        "cri",
        pattern=r"(?P<time>@time@) (?P<stream>stdout|stderr) (?P<part>[FP](?::\S*)?) (?P<message>.*)",
        title="time stream F|P message (CRI)",
        rank=7,
        samples=(
            Sample(
                "2024-03-10T11:58:57.254000123Z stdout F 2024-03-10 INFO shop: item",
                {"time": f"{_T}+00:00", "level": None, "message": "2024-03-10 INFO shop: item"},
            ),
        ),
    ),
    Definition(
        "access",
        pattern=rf"(?:[\w.:-]+ )?(?P<client>[\w.:%-]+) (?P<ident>\S+) (?P<user>\S+) \[(?P<time>@time@)\] {_REQUEST}",
        time="%d/%b/%Y:%H:%M:%S %z",
        title="combined (access log of nginx, Apache, gunicorn)",
        samples=(
            Sample(
                '203.0.113.2 - zoe [10/Mar/2024:11:58:59 +0000] "GET /s?q=\\"x\\" HTTP/1.1" 200 9 "-" "curl"',
                {"time": "2024-03-10T11:58:59+00:00", "message": 'GET /s?q=\\"x\\" HTTP/1.1'},
            ),
        ),
    ),
    Definition(
        "werkzeug",
        pattern=rf"(?P<client>[\w.:%-]+) (?P<ident>\S+) (?P<user>\S+) \[(?P<time>@time@)\] {_REQUEST}",
        time="%d/%b/%Y %H:%M:%S",
        title="werkzeug, http.server",
        samples=(
            Sample(
                '127.0.0.1 - - [10/Mar/2024 11:58:57] "GET / HTTP/1.1" 200 -',
                {"time": "2024-03-10T11:58:57", "message": "GET / HTTP/1.1"},
            ),
        ),
    ),
    Definition(
        "nginx-error",
        template="{time} [{level}] {pid}#{tid}: {message}",
        title="time [level] pid#tid: message (error log of nginx)",
        samples=(
            Sample(
                "2024/03/10 11:58:57 [error] 4242#17: *1 open() failed",
                {"time": "2024-03-10T11:58:57", "level": "ERROR", "process": 4242, "thread": 17},
            ),
        ),
    ),
    Definition(
        "apache-error",
        pattern=(
            r"\[(?P<time>@time@)\] \[(?:(?P<logger>[\w-]*):)?(?P<level>\w+)\] "
            r"(?:\[pid (?P<pid>\d+)(?::tid (?P<tid>\d+))?\] )?(?P<message>.*)"
        ),
        time="%a %b %d %H:%M:%S.%f %Y",
        title="[time] [module:level] [pid n:tid n] message (error log of Apache)",
        samples=(
            Sample(
                "[Sun Mar 10 11:58:57.254000 2024] [core:error] [pid 4242:tid 17] [client ::1] no file",
                {"time": _T, "level": "ERROR", "logger": "core", "process": 4242, "thread": 17},
            ),
        ),
    ),
    Definition(
        "log4j",
        template="{time} {level: <5} [{thread}] {logger} - {message}",
        title="%d %-5p [%t] %c - %m%n",
        samples=(
            Sample(
                "2024-03-10 11:58:57,254 INFO  [main thread] o.e.s.Orders - order 2 handled",
                {"time": _T, "level": "INFO", "thread": "main thread", "logger": "o.e.s.Orders"},
            ),
        ),
    ),
    Definition(
        "logback",
        pattern=(
            r"(?P<time>@time@) \[(?P<thread>[^\]]+)\] +(?P<level>@LEVEL@) +(?P<logger>[\w.$\[\]/-]+) +- (?P<message>.*)"
        ),
        title="%d [%thread] %-5level %logger - %msg%n",
        samples=(
            Sample(
                "2024-03-10 11:58:57.254 [http-nio-1] INFO  o.e.Orders - handled",
                {"time": _T, "level": "INFO", "thread": "http-nio-1", "logger": "o.e.Orders"},
            ),
        ),
    ),
    Definition(
        "logback-clock",
        pattern=(
            r"(?P<time>@time@) \[(?P<thread>[^\]]+)\] +(?P<level>@LEVEL@) +(?P<logger>[\w.$\[\]/-]+) +- (?P<message>.*)"
        ),
        time="%H:%M:%S.%f",
        title="%d{HH:mm:ss.SSS} [%thread] %-5level %logger{36} - %msg%n",
        samples=(Sample("11:58:57.254 [main] WARN  o.e.Orders - slow", {"level": "WARNING", "thread": "main"}),),
    ),
    Definition(
        "spring-boot",
        pattern=(
            r"(?P<time>@time@) +(?P<level>@LEVEL@) +(?P<pid>\d+) --- (?:\[[^\]]*\] )?\[ *(?P<thread>[^\]]+)\] "
            r"(?P<logger>\S+) +: (?P<message>.*)"
        ),
        title="Spring Boot",
        samples=(
            Sample(
                "2024-03-10T11:58:57.254Z  INFO 4242 --- [           main] o.s.b.App    : Started",
                {"level": "INFO", "process": 4242, "thread": "main", "logger": "o.s.b.App", "message": "Started"},
            ),
        ),
    ),
    Definition(
        "logcat",
        pattern=(
            r"(?P<time>@time@) +(?P<pid>\d+) +(?P<tid>\d+) (?P<level>[VDIWEF]) (?P<logger>[^:]+?) *: (?P<message>.*)"
        ),
        time="%m-%d %H:%M:%S.%f",
        title="Android's logcat, threadtime",
        samples=(Sample("03-10 11:58:57.254  1234  5678 W Tag: slow", {"level": "WARNING", "logger": "Tag"}),),
    ),
    Definition(
        "ruby",
        pattern=(
            r"[DIWEFA], \[(?P<time>@time@) #(?P<pid>\d+)\] +(?P<level>[A-Z]+) -- (?P<logger>[^:]*): (?P<message>.*)"
        ),
        title="Ruby's Logger",
        samples=(
            Sample(
                "I, [2024-03-10T11:58:57.254000 #4242]  INFO -- shop: hello",
                {"time": _T, "level": "INFO", "process": 4242, "logger": "shop", "message": "hello"},
            ),
        ),
    ),
    Definition(
        "monolog",
        pattern=r"\[(?P<time>@time@)\] (?P<logger>[\w.-]+)\.(?P<level>@LEVEL@): (?P<message>.*)",
        title="[%datetime%] %channel%.%level_name%: %message%",
        samples=(
            Sample(
                "[2024-03-10T11:58:57.254000+00:00] app.ERROR: failed [] []",
                {"time": f"{_T}+00:00", "level": "ERROR", "logger": "app"},
            ),
        ),
    ),
    Definition(
        "env_logger",
        pattern=r"\[(?P<time>@time@) (?P<level>@LEVEL@) +(?P<logger>[\w:]+)\] (?P<message>.*)",
        title="Rust's env_logger",
        samples=(
            Sample(
                "[2024-03-10T11:58:57Z INFO  shop::orders] ready",
                {"time": "2024-03-10T11:58:57+00:00", "level": "INFO", "logger": "shop::orders"},
            ),
        ),
    ),
    Definition(
        "dmesg",
        pattern=r"\[ *(?P<uptime>\d+\.\d{6})\] (?P<message>.*)",
        title="[seconds since start] message (dmesg)",
        rank=2,
        samples=(Sample("[    0.123456] Linux version 6", {"message": "Linux version 6"}),),
    ),
)

JSON = (
    Definition(
        "loguru-json",
        json={
            "needs": ["record.level.name", "record.message"],
            "time": ["record.time.repr", "record.time.timestamp"],
            "level": ["record.level.name"],
            "logger": ["record.name"],
            "process": ["record.process.id"],
            "thread": ["record.thread.name"],
            "message": ["record.message"],
            "task": ["record.extra.task"],
            "exception": ["record.exception"],
        },
        rank=9,
        title="loguru, serialize=True",
        samples=(
            Sample(
                '{"text": "x\\n", "record": {"exception": null, "level": {"name": "DEBUG", "no": 10}, "message": "x", '
                '"name": "__main__", "process": {"id": 1, "name": "MainProcess"}, "thread": {"id": 2, "name": "M"}, '
                '"time": {"repr": "2024-03-10 11:58:57.254000+00:00", "timestamp": 1710071937.254}}}',
                {"time": f"{_T}+00:00", "level": "DEBUG", "logger": "__main__", "process": 1, "thread": "M"},
            ),
        ),
    ),
    Definition(
        "eliot",
        json={"needs": ["task_uuid", "task_level"], "time": ["timestamp"], "task": ["task_uuid"], "level": ["log_level"]},
        rank=9,
        title="eliot",
        samples=(
            Sample(
                '{"action_type": "pay", "action_status": "failed", "exception": "builtins.KeyError", "reason": "x", '
                '"task_uuid": "0a", "task_level": [1], "timestamp": 1710071937.254}',
                {"time": f"{_T}+00:00", "task": "0a", "exception": "builtins.KeyError"},
            ),
        ),
    ),
    Definition(
        "docker-json",
        json={
            "needs": ["log", "stream", "time"],
            "time": ["time"],
            "message": ["log"],
            "level": [],
            "logger": [],
            "process": [],
            "thread": [],
            "exception": [],
        },
        rank=9,
        title="Docker's json-file",
        samples=(
            Sample(
                '{"log": "INFO shop: item 0\\n", "stream": "stdout", "time": "2024-03-10T11:58:57.254000123Z"}',
                {"time": f"{_T}+00:00", "level": None},
            ),
        ),
    ),
    Definition(
        "ecs",
        json={"needs": ["@timestamp", "message", "ecs.version"]},
        rank=9,
        title="Elastic Common Schema",
        samples=(
            Sample(
                '{"@timestamp": "2024-03-10T11:58:57.254Z", "log.level": "info", "message": "x", '
                '"ecs.version": "1.6.0", "log": {"logger": "shop"}, "process": {"pid": 7, "thread": {"name": "M"}}}',
                {"level": "INFO", "logger": "shop", "process": 7, "thread": "M", "message": "x"},
            ),
        ),
    ),
    Definition(
        "pino",
        json={"needs": ["level", "time", "pid", "hostname"], "numbers": "node", "logger": ["name"]},
        rank=8,
        title="pino, bunyan",
        samples=(
            Sample(
                '{"level": 50, "time": 1710071937254, "pid": 7, "hostname": "a", "msg": "x"}',
                {"time": f"{_T}+00:00", "level": "ERROR", "process": 7, "message": "x"},
            ),
        ),
    ),
    Definition(
        "json",
        json={},
        rank=4,
        title="JSON lines",
        samples=(
            Sample(
                '{"ts": 1710071937.254, "level": "error", "msg": "x", "logger": "db"}',
                {"time": f"{_T}+00:00", "level": "ERROR", "logger": "db", "message": "x"},
            ),
        ),
    ),
)
BUILT_IN = (*JSON, *LIBRARIES, *SYSTEMS)
