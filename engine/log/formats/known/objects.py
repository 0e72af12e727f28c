"""Formats of JSON lines."""

from __future__ import annotations

from engine.log.formats.definition import Definition, Sample

_T = "2024-03-10T11:58:57.254000"

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
        json={
            "needs": ["task_uuid", "task_level"],
            "time": ["timestamp"],
            "task": ["task_uuid"],
            "level": ["log_level"],
        },
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
        "gelf",
        json={
            "needs": ["short_message", "host"],
            "numbers": "syslog",
            "logger": ["_logger", "_logger_name", "facility"],
            "process": ["_process", "_pid", "_process_name"],
            "thread": ["_thread", "_thread_name"],
            "message": ["short_message"],
            "exception": ["_exception", "full_message"],
        },
        rank=9,
        title="GELF (Graylog)",
        samples=(
            Sample(
                '{"version": "1.1", "host": "a", "short_message": "x", "timestamp": 1710071937.254, "level": 4}',
                {"time": f"{_T}+00:00", "level": "WARNING", "message": "x"},
            ),
        ),
    ),
    Definition(
        "mongodb",
        json={
            "needs": ["t.$date", "s", "c", "msg"],
            "time": ["t.$date"],
            "level": ["s"],
            "logger": ["c"],
            "thread": ["ctx"],
            "message": ["msg"],
        },
        rank=9,
        title="MongoDB",
        samples=(
            Sample(
                '{"t": {"$date": "2024-03-10T11:58:57.254+00:00"}, "s": "W", "c": "NETWORK", "id": 1, '
                '"ctx": "conn1", "msg": "x"}',
                {"time": f"{_T}+00:00", "level": "WARNING", "logger": "NETWORK", "thread": "conn1"},
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
