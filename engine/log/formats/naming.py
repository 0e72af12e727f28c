"""What the columns of a line are by what they hold: threads, processes, loggers, files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from engine.log.formats.template import Template

THREAD = (
    r"(?:MainThread|Thread-\d+(?: \([\w<>.]+\))?|ThreadPoolExecutor-\d+_\d+|Dummy-\d+|asyncio_\d+"
    r"|AnyIO worker thread|http-[\w-]+|pool-\d+-thread-\d+)"
)
PROCESS = (
    r"(?:MainProcess|(?:Fork|Spawn|ForkServer)?(?:PoolWorker|Pool|Process|Worker)-\d+(?::\d+)*|worker \d+)"
)
IDENTIFIER = re.compile(r"[A-Za-z_][\w.\-$]*$")
NAME = re.compile(r"[\w.@$-]+$")
DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.\w+)+$")
FILE = re.compile(r"[\w/\\.<>-]+\.(?:py|pyx|java|go|rs|c|cc|cpp|js|ts|rb)$|<\w+>$")


class Namer:
    """Gives columns the names of what they hold, each name once."""

    def __init__(self) -> None:
        self._used: Counter[str] = Counter()

    def has(self, name: str) -> bool:
        """Whether a column has this name already."""
        return self._used[name] > 0

    def name(self, values: Sequence[str], before: str, behind: str) -> str:
        name = self._of(values, before, behind)
        self._used[name] += 1
        return name if self._used[name] == 1 else f"{name}{self._used[name]}"

    def _of(self, values: Sequence[str], before: str, behind: str) -> str:
        if all(re.fullmatch(THREAD, value) for value in values):
            return "thread"
        if all(re.fullmatch(PROCESS, value) for value in values):
            return "process"
        if all(re.fullmatch(r"Task-\d+", value) for value in values):
            return "task"
        if all(FILE.match(value) for value in values):
            return "file"
        if all(value.isdecimal() for value in values):
            if (
                before.strip().endswith(":")
                and self._used["file"] + self._used["function"] + self._used["logger"]
            ):
                return "line"
            if self._used["pid"] or (max(map(len, values)) > 10 and not self._used["tid"]):
                return "tid" if not self._used["tid"] else "number"
            return "pid"
        if sum(bool(re.search(r"[Tt]hread", value)) for value in values) > 0.5 * len(values):
            return "thread" if not self._used["thread"] else "word"
        if _mostly(values, IDENTIFIER):
            return "logger" if not self._used["logger"] else "function"
        return "word" if self._used["logger"] or not _mostly(values, NAME) else "logger"


def _mostly(values: Sequence[str], pattern: re.Pattern[str]) -> bool:
    """Whether nearly all values have a shape: a bad byte may have spoiled one."""
    return sum(bool(pattern.match(value)) for value in values) >= 0.9 * len(values)


_ATTRIBUTES = {
    "time": "%(asctime)s",
    "level": "%(levelname)s",
    "logger": "%(name)s",
    "pid": "%(process)d",
    "tid": "%(thread)d",
    "process": "%(processName)s",
    "thread": "%(threadName)s",
    "task": "%(taskName)s",
    "file": "%(filename)s",
    "line": "%(lineno)d",
    "function": "%(funcName)s",
    "message": "%(message)s",
}


def described(made: Template) -> str:
    """A template as a format string of `logging`."""
    parts = [
        _ATTRIBUTES.get(piece.field, f"%({piece.field})s") if piece.field else piece.text.replace("%", "%%")
        for piece in made.pieces
    ]
    return "".join(parts)
