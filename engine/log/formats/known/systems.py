"""Formats of systems, servers and other languages."""

from __future__ import annotations

from engine.log.formats.definition import Definition, Sample

_T = "2024-03-10T11:58:57.254000"

REQUEST = r'"(?P<message>(?:[^"\\]|\\.)*)" (?P<status>\d{3}|-) (?P<size>\S+)'

SYSTEMS = (
    Definition(
        "syslog-5424",
        pattern=(
            r"<(?P<level>\d{1,3})>\d (?:(?P<time>@time@)|-) (?P<host>\S+) (?P<logger>\S+) (?P<process>\S+) (?P<id>\S+) "
            r"(?P<data>-|(?:\[(?:[^\]\"\\]|\\.|\"(?:[^\"\\]|\\.)*\")*\])+)(?: \ufeff?(?P<message>.*))?$"
        ),
        level="priority",
        title="RFC 5424",
        samples=(
            Sample(
                '<165>1 2024-03-10T11:58:57.254000Z shop-1 evntslog 42 ID47 [a@1 b="]"] An event',
                {
                    "time": f"{_T}+00:00",
                    "level": "INFO",
                    "logger": "evntslog",
                    "process": 42,
                    "message": "An event",
                },
            ),
            Sample(
                "<34>1 - host su - - - failed", {"level": "CRITICAL", "logger": "su", "message": "failed"}
            ),
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
            r"(?P<time>@time@) (?!(?:@LEVEL@) )(?P<host>\S+) (?P<logger>[^\s:\[]+)(?:\[(?P<process>[^\]]+)\])?: ?(?P<message>.*)"
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
            r"(?P<time>@time@) (?!(?:@LEVEL@) )(?P<host>\S+) (?P<logger>[^\s:\[]+)(?:\[(?P<process>[^\]]+)\])?: ?(?P<message>.*)"
        ),
        time="%b %d %H:%M:%S.%f",
        title="journalctl -o short-precise",
        samples=(Sample("Mar 10 11:58:57.254000 shop-1 cron[921]: x", {"logger": "cron", "process": 921}),),
    ),
    Definition(
        "journald-short-full",
        pattern=(
            r"(?P<time>@time@) (?!(?:@LEVEL@) )(?P<host>\S+) (?P<logger>[^\s:\[]+)(?:\[(?P<process>[^\]]+)\])?: ?(?P<message>.*)"
        ),
        time="%a %Y-%m-%d %H:%M:%S %Z",
        title="journalctl -o short-full",
        samples=(
            Sample(
                "Sun 2024-03-10 11:58:57 UTC shop-1 cron[921]: x",
                {"time": "2024-03-10T11:58:57+00:00", "logger": "cron", "process": 921},
            ),
        ),
    ),
    Definition(
        "journald-short-unix",
        pattern=(
            r"(?P<time>@time@) (?!(?:@LEVEL@) )(?P<host>[\w.-]+) (?P<logger>[^\s:\[]+)\[(?P<process>\d+)\]: ?(?P<message>.*)"
        ),
        time="%s",
        title="journalctl -o short-unix",
        samples=(
            Sample(
                "1710071937.254000 shop-1 cron[921]: x",
                {"time": f"{_T}+00:00", "logger": "cron", "process": 921},
            ),
        ),
    ),
    Definition(
        "syslog-iso",
        pattern=(
            r"(?P<time>\d{4}-\d\d-\d\dT@clock@(?:Z|[+-]\d\d:?\d\d)) (?!(?:@LEVEL@) )(?P<host>[\w.-]+) "
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
        rank=9,
        samples=(
            Sample(
                "2024-03-10T11:58:57.254000123Z stdout F 2024-03-10 INFO shop: item",
                {"time": f"{_T}+00:00", "level": None, "message": "2024-03-10 INFO shop: item"},
            ),
        ),
    ),
    Definition(
        "access",
        pattern=(
            r"(?:[\w.:-]+ )?(?P<client>[\w.:%-]+) (?:(?P<ident>\S+) (?P<user>\S+) )?"
            rf"\[(?P<time>@time@)\] {REQUEST}"
        ),
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
        pattern=rf"(?P<client>(?!(?:@LEVEL@):)[\w.:%-]+) (?P<ident>\S+) (?P<user>\S+) \[(?P<time>@time@)\] {REQUEST}",
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
        rank=12,
        title="time [level] pid#tid: message (error log of nginx)",
        samples=(
            Sample(
                "2024/03/10 11:58:57 [error] 4242#17: *1 open() failed",
                {"time": "2024-03-10T11:58:57", "level": "ERROR", "process": 4242, "thread": 17},
            ),
        ),
    ),
    Definition(
        "postgres",
        pattern=(
            r"(?P<time>@time@) \[(?P<pid>\d+)\](?:-\d+)?:?(?: \[\d+-\d+\])?(?: (?P<user>[^\s@:]*@[^\s@:]*))? "
            r"(?P<level>LOG|ERROR|WARNING|FATAL|PANIC|NOTICE|INFO|DEBUG\d?|DETAIL|HINT|STATEMENT|CONTEXT|QUERY|LOCATION)"
            r":  (?P<message>.*)"
        ),
        rank=14,
        title="time [pid] user@database LEVEL:  message (PostgreSQL)",
        samples=(
            Sample(
                "2024-03-10 11:58:57.254 CET [4243] zoe@shop ERROR:  duplicate key value",
                {"time": _T, "level": "ERROR", "process": 4243, "message": "duplicate key value"},
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
        samples=(
            Sample("11:58:57.254 [main] WARN  o.e.Orders - slow", {"level": "WARNING", "thread": "main"}),
        ),
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
                {
                    "level": "INFO",
                    "process": 4242,
                    "thread": "main",
                    "logger": "o.s.b.App",
                    "message": "Started",
                },
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
        samples=(
            Sample("03-10 11:58:57.254  1234  5678 W Tag: slow", {"level": "WARNING", "logger": "Tag"}),
        ),
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
    Definition(
        "kafka",
        pattern=r"\[(?P<time>@time@)\] (?P<level>@LEVEL@) +(?![-:|] )(?P<message>.*?)(?: \((?P<logger>[\w.$-]+)\))?$",
        rank=5,
        title="[%d] %p %m (%c)",
        samples=(
            Sample(
                "[2024-03-10 11:58:57,254] INFO [Log partition=a-0] Loading (kafka.log.UnifiedLog$)",
                {"time": _T, "level": "INFO", "logger": "kafka.log.UnifiedLog$"},
            ),
        ),
    ),
    Definition(
        "mysql",
        pattern=(
            r"(?P<time>@time@) (?P<tid>\d+) \[(?P<level>System|Note|Warning|ERROR|Error)\] "
            r"(?:\[(?P<code>MY-\d+)\] \[(?P<logger>\w+)\] )?(?P<message>.*)"
        ),
        rank=10,
        title="error log of MySQL and MariaDB",
        samples=(
            Sample(
                "2024-03-10T11:58:57.254000Z 8 [Warning] [MY-010068] [Server] CA certificate is self signed.",
                {"time": f"{_T}+00:00", "level": "WARNING", "thread": 8, "logger": "Server"},
            ),
        ),
    ),
    Definition(
        "logrus",
        pattern=(
            r"(?P<level>TRAC|DEBU|INFO|WARN|ERRO|FATA|PANI)\[(?:(?P<time>@time@)|(?P<uptime>\d{4,}))\] ?"
            r"(?P<message>.*?) *$"
        ),
        rank=10,
        title="LEVL[seconds since start, or time] message key=value (logrus)",
        samples=(
            Sample("WARN[0001] The number increased       number=122", {"level": "WARNING"}),
            Sample("ERRO[2024-03-10T11:58:57Z] x", {"level": "ERROR", "time": "2024-03-10T11:58:57+00:00"}),
        ),
    ),
    Definition(
        "dotnet-console",
        pattern=r"(?P<level>trce|dbug|info|warn|fail|crit): (?P<logger>[\w.+`-]+)\[(?P<event>-?\d+)\](?P<message>)$",
        rank=10,
        title="level: category[event id], its message below (.NET's console)",
        samples=(
            Sample(
                "fail: App.Orders[17]\n      failed",
                {"level": "ERROR", "logger": "App.Orders", "message": "\n      failed"},
            ),
        ),
    ),
    Definition(
        "windows-event",
        pattern=(
            r"(?P<level>Information|Warning|Error|Critical|Verbose|Audit Success|Audit Failure)[\t,](?P<time>@time@)"
            r"[\t,](?P<logger>[^\t,]*)[\t,](?P<event>\d+)[\t,](?P<category>[^\t,]*)(?:[\t,](?P<message>.*))?"
        ),
        time="%m/%d/%Y %I:%M:%S %p",
        rank=10,
        title="Windows' Event Viewer, saved as text or CSV",
        samples=(
            Sample(
                "Error\t3/10/2024 11:58:57 AM\tDCOM\t10016\tNone\tThe settings",
                {
                    "level": "ERROR",
                    "time": "2024-03-10T11:58:57",
                    "logger": "DCOM",
                    "message": "The settings",
                },
            ),
        ),
    ),
)
