"""Finds what the columns of a line are, by their content: threads, processes, loggers, files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from engine.log.formats.template import Piece, Template

THREAD = (
    r"(?:MainThread|Thread-\d+(?: \([\w<>.]+\))?|ThreadPoolExecutor-\d+_\d+|Dummy-\d+|asyncio_\d+"
    r"|AnyIO worker thread|http-[\w-]+|pool-\d+-thread-\d+)"
)
PROCESS = (
    r"(?:MainProcess|(?:Fork|Spawn|ForkServer)?(?:PoolWorker|Pool|Process|Worker)-\d+(?::\d+)*|worker \d+)"
)
IDENTIFIER = re.compile(r"[A-Za-z_][\w.\-$]*(?:(?<=\.)<\w+>)?$")
NAME = re.compile(r"[\w.@$-]+$")
DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.\w+)+$")
_SOURCES = "py|pyx|java|go|rs|c|cc|cpp|js|ts|rb"
PATH = rf"(?:[A-Za-z]:)?(?:[\\/]?[\w.-]+[\\/]|[\\/])[\w.\\/-]*\w\.(?:{_SOURCES})(?!\w)"
"""A full path of a source file."""
FILE = re.compile(r"(?:[A-Za-z]:)?[\w/\\.<>-]+\.(?:" + _SOURCES + ")$")
_FRACTION = re.compile(r"\d+\.\d+")
SCOPE = re.compile(r"<\w+>$")
_OF_A_FUNCTION = re.compile(r"(?:.*\.(?:<\w+>|_\w+)|(?:root|__main__)\.\w+)$")
"""A logger and a function, joined by a dot, beyond doubt."""


class Namer:
    """Names columns by their content, using each name once."""

    def __init__(self) -> None:
        self._used: Counter[str] = Counter()
        self._values: dict[str, set[str]] = {}

    def has(self, name: str) -> bool:
        """Whether a column already has this name."""
        return self._used[name] > 0

    def name(self, values: Sequence[str], before: str) -> str:
        """A name for a column with these values, behind the text `before`."""
        name = self._of(values, before)
        self._used[name] += 1
        named = name if self._used[name] == 1 else f"{name}{self._used[name]}"
        self._values[named] = set(values)
        return named

    def settled(self, pieces: Sequence[Piece]) -> list[Piece]:
        """The pieces when all columns are known."""
        pieces = self._with_logger(pieces)
        for n in range(len(pieces) - 2):
            time, between, number = pieces[n : n + 3]
            after_time = time.field == "time" and not between.field and len(between.text) == 1
            if after_time and _are_milliseconds(self._values.get(number.field, ())):
                pieces[n + 2] = replace(number, field="msecs")
        return pieces

    def _with_logger(self, pieces: Sequence[Piece]) -> list[Piece]:
        """The pieces with the column as logger that has dotted names, if there is one."""
        if not self.has("logger"):
            return list(pieces)
        if not self.has("function") and ends_with_functions(self._values["logger"]):
            return list(_split(pieces))
        if _has_modules(self._values["logger"]):
            return list(pieces)
        better = next((name for name, values in self._values.items() if _has_modules(values)), None)
        swapped = {"logger": better, better: "logger"} if better and better.startswith("function") else {}
        return [replace(piece, field=swapped.get(piece.field) or piece.field) for piece in pieces]

    def _of(self, values: Sequence[str], before: str) -> str:
        if any(re.fullmatch(THREAD, value) for value in values) or (
            set(values) == {"main"} and before.endswith("[")
        ):
            return "thread" if not self._used["thread"] else "word"
        if all(re.fullmatch(PROCESS, value) for value in values):
            return "process"
        if all(re.fullmatch(r"Task-\d+|None", value) for value in values):
            return "task"
        if all(FILE.match(value) for value in values):
            return "file"
        if any(SCOPE.match(value) for value in values) and all(
            IDENTIFIER.match(value) or SCOPE.match(value) for value in values
        ):
            return "function"
        if all(value.isdecimal() for value in values):
            return "number" if _is_clock(values) else self._of_numbers(values, before)
        if all(_FRACTION.fullmatch(value) for value in values):
            return "number"
        if sum(bool(re.search(r"[Tt]hread", value)) for value in values) > 0.5 * len(values):
            return "thread" if not self._used["thread"] else "word"
        if _mostly(values, IDENTIFIER):
            return "logger" if not self._used["logger"] else "function"
        return "word" if self._used["logger"] or not _mostly(values, NAME) else "logger"

    def _of_numbers(self, values: Sequence[str], before: str) -> str:
        longest = max(map(len, values))
        if longest > 10 and not self._used["tid"]:
            return "tid"
        if longest <= 5 and len(values) >= 10 and len(set(values)) > 0.3 * len(values):
            return "line" if before.strip().endswith(":") and not self._used["line"] else "number"
        if (
            before.strip().endswith(":")
            and self._used["file"] + self._used["function"] + self._used["logger"]
        ):
            return "line"
        if self._used["pid"]:
            return "tid" if not self._used["tid"] else "number"
        return "pid"


def are_loggers(values: Sequence[str]) -> bool:
    """Whether values are loggers by their hierarchy: nearly all are dotted, parents of those, or top ones."""
    dotted = {value for value in values if DOTTED.match(value)}
    known = dotted | {"root", "__main__"}
    for value in dotted:
        known.update(value[:at] for at, char in enumerate(value) if char == ".")
    return bool(dotted) and sum(value in known for value in values) >= 0.8 * len(values)


def ends_with_functions(values: Collection[str]) -> bool:
    """Whether a function is joined to each logger, as with `%(name)s.%(funcName)s`."""
    if not all("." in value for value in values):
        return False
    lasts = {value.rpartition(".")[2] for value in values}
    return any(_OF_A_FUNCTION.match(value) for value in values) or len(lasts) == 1 < len(values)


def _is_clock(values: Sequence[str]) -> bool:
    """Whether numbers count from a start, like `%(relativeCreated)d`: they grow, and more than ids do."""
    numbers = [int(value) for value in values]
    if len(set(numbers)) < max(3, 0.5 * len(numbers)):
        return False
    return numbers == sorted(numbers) and numbers[-1] > 2 * numbers[0]


def _are_milliseconds(values: Collection[str]) -> bool:
    """Whether numbers behind a time are a part of it."""
    numbers = [int(value) for value in values if value.isdecimal() and len(value) <= 3]
    return len(values) >= 3 and len(numbers) == len(values) and max(numbers) > 99


def _split(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """The pieces with the logger and its function apart."""
    for piece in pieces:
        if piece.field == "logger":
            yield replace(piece, right=False)
            yield Piece(".")
            yield Piece("", "function", right=piece.right)
        else:
            yield piece


def _has_modules(values: set[str]) -> bool:
    """Whether values are certainly names of loggers."""
    return any(DOTTED.match(value) for value in values) and all(IDENTIFIER.match(value) for value in values)


def _mostly(values: Sequence[str], pattern: re.Pattern[str]) -> bool:
    """Whether nearly all values have a shape: an invalid byte may have spoiled one."""
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
