"""The keys of a job file: defaults, valid values, and the words for them."""

from __future__ import annotations

import logging
import math
import re
import reprlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from engine import modes
from engine.job.model import Function, Inputs, Job, Log, Problem, Run
from engine.job.text import LiteralError, parse_size, parse_values

SECTIONS: dict[str, type[Function | Inputs | Run | Log]] = {
    "function": Function,
    "inputs": Inputs,
    "run": Run,
    "log": Log,
}
MOST_WORKERS = 512
MOST_THREADS = 4096
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
MODES = tuple(modes.MODES)
KINDS = ("none", "list", "range", "lines", "csv", "jsonl", "parquet", "files", "grid", "generator")
COMBINATIONS = ("product", "zip")
TYPES = ("int", "float", "bool", "text", "date")
DELIMITER = "one character, such as , or ;, or leave it out to detect it"

_INT64 = 1 << 63
_IMPORT = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")
_ADDRESS = re.compile(r"([a-z]+://)?(\[[0-9A-Fa-f:.%\w]+\]|[\w.-]+):[0-9]{1,5}(/\S*)?")


@dataclass(frozen=True)
class Rule:
    """The valid values: a description, and the test."""

    accepts: str
    fault: Callable[[Any], bool | str]
    """True, or the reason in words why a value is not accepted."""
    choices: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    """Choices that this version does not support yet."""


@dataclass(frozen=True)
class Key:
    """One key of a job file: `[section] name`, stored in the model's `field`."""

    section: str
    name: str
    rule: Rule
    field: str = ""
    always: bool = False
    """Written even if it has its default value."""

    @property
    def dotted(self) -> str:
        return f"{self.section}.{self.name}"

    @property
    def attribute(self) -> str:
        return self.field or self.name

    @property
    def default(self) -> Any:
        return getattr(SECTIONS[self.section](), self.attribute)

    def of(self, job: Job) -> Any:
        """The value of this key in `job`."""
        return getattr(getattr(job, self.section), self.attribute)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _text(accepts: str, fault: Callable[[str], bool | str] = lambda _: False) -> Rule:
    return Rule(accepts, lambda value: fault(value) if _is_text(value) else True)


def _choice(choices: tuple[str, ...], later: tuple[str, ...] = ()) -> Rule:
    accepted = ", ".join(f'"{choice}"' for choice in choices)
    return Rule(f"one of {accepted}", lambda value: value not in choices, choices, later)


def _whole(low: int, high: int, accepts: str) -> Rule:
    return Rule(accepts, lambda value: type(value) is not int or not low <= value <= high)


def _count(of: str) -> Rule:
    return _whole(0, _INT64 - 1, f"a whole number, {of}")


def _integer(accepts: str = "a whole number", zero: bool = True) -> Rule:
    def fault(value: object) -> bool:
        return type(value) is not int or not -_INT64 <= value < _INT64 or not (value or zero)

    return Rule(accepts, fault)


def _seconds_fault(value: object) -> bool:
    return type(value) not in (int, float) or not 0 <= cast(float, value) <= 1e9


def _name_fault(value: str) -> bool:
    return value != "" and not all(part.isidentifier() for part in value.split("."))


def _values_fault(value: object) -> bool | str:
    if isinstance(value, str):
        try:
            parse_values(value)
        except LiteralError as error:
            return str(error)
        return False
    return not isinstance(value, (list, tuple))


def _encoding_fault(value: str) -> bool:
    from engine.host.inputs.text import MARK

    try:
        "a".encode(value or "utf-8").decode(value or "utf-8", MARK)  # some codecs are not text encodings
    except (LookupError, ValueError):
        return True
    return False


def _types_fault(value: object) -> bool | str:
    if not isinstance(value, dict):
        return True
    columns = cast("dict[str, object]", value).items()
    return next((f"{show(name)} is {show(kind)}" for name, kind in columns if kind not in TYPES), False)


def _grid_fault(value: object) -> bool | str:
    if not isinstance(value, dict):
        return True
    for name, values in cast("dict[str, object]", value).items():
        fault = _values_fault(values)
        if fault:
            return f"{show(name)}: {fault if isinstance(fault, str) else show(values)}"
    return False


def _size_fault(value: str) -> bool | str:
    try:
        return value != "" and not parse_size(value)
    except ValueError:
        return True


def _format_fault(value: str) -> bool | str:
    record = logging.LogRecord("name", logging.INFO, "path", 1, "message", None, None)
    try:
        logging.Formatter(value).format(record)
    except (ValueError, TypeError) as error:
        if isinstance(error.__context__, KeyError):
            return False  # a field that the engine, or the function's own code, adds to its records
        return str(error)
    return False


_path = _text("a path", lambda value: "\0" in value)
_python = _text(
    "a path to a python or to an environment's folder, or a name on PATH", lambda value: "\0" in value
)

KEYS: dict[str, Key] = {
    key.dotted: key
    for key in (
        Key("function", "file", _text("the path of a .py file", lambda value: "\0" in value)),
        Key("function", "name", _text("the name of a function, such as square or Model.fit", _name_fault)),
        Key(
            "function",
            "import",
            _text(
                "a module and a function in it, such as math:sqrt",
                lambda value: value != "" and not _IMPORT.fullmatch(value),
            ),
            field="import_path",
        ),
        Key("function", "source", _text("Python source that defines a function")),
        Key(
            "function",
            "setup",
            _text("the name of a function beside the job's, such as load_model", _name_fault),
        ),
        Key("function", "python", _python),
        Key(
            "inputs",
            "kind",
            _choice(KINDS),
            always=True,
        ),
        Key(
            "inputs",
            "values",
            Rule("an array of values, or text that holds a Python list such as [(1, None)]", _values_fault),
        ),
        Key("inputs", "start", _integer()),
        Key("inputs", "stop", _integer()),
        Key("inputs", "step", _integer("a whole number other than 0", zero=False)),
        Key("inputs", "path", _path),
        Key(
            "inputs",
            "encoding",
            _text("an encoding such as utf-8, or leave it out to detect it", _encoding_fault),
        ),
        Key("inputs", "delimiter", _text(DELIMITER, lambda v: v != "" and (len(v) > 1 or v in '\r\n"'))),
        Key("inputs", "header", Rule("true or false", lambda value: type(value) is not bool)),
        Key(
            "inputs", "types", Rule(f"a table of columns, each {', '.join(TYPES[:-1])} or date", _types_fault)
        ),
        Key(
            "inputs",
            "pattern",
            _text("a pattern of paths, such as photos/**/*.png", lambda value: "\0" in value),
        ),
        Key("inputs", "grid", Rule("a table of names, each with an array of values", _grid_fault)),
        Key("inputs", "combine", _choice(COMBINATIONS)),
        Key("inputs", "generator", _text("the name of a function that yields the inputs", _name_fault)),
        Key("inputs", "call", _choice(("", "one", "args", "kwargs"))),
        Key("run", "mode", _choice(MODES, ("interpreters",)), always=True),
        Key(
            "run",
            "workers",
            _whole(
                1,
                MOST_WORKERS,
                f"a whole number from 1 to {MOST_WORKERS}, or leave it out to use all usable cores",
            ),
        ),
        Key("run", "start_method", _choice(("", "fork", "forkserver", "spawn"))),
        Key("run", "batch", _count("0 to adapt")),
        Key(
            "run",
            "timeout",
            Rule("a number of seconds from 0 to 1,000,000,000, 0 for no limit", _seconds_fault),
        ),
        Key("run", "retries", _count("0 for none")),
        Key("run", "tasks_per_worker", _count("0 for no limit")),
        Key("run", "memory_limit", _text("a size such as 2 GiB or 500 MB, empty for no limit", _size_fault)),
        Key("run", "stop_after_failures", _count("0 to keep going")),
        Key(
            "run",
            "blas_threads",
            _whole(0, MOST_THREADS, f"a whole number up to {MOST_THREADS:,}, 0 to share the usable cores"),
        ),
        Key("run", "leftovers", _choice(("end", "leave"))),
        Key("run", "priority", _choice(("", "normal", "low"))),
        Key(
            "run",
            "scheduler",
            _text(
                "the address of a Dask scheduler, such as tcp://10.0.0.5:8786, or leave it out"
                " to start a cluster on this machine for the run",
                lambda value: value != "" and not _ADDRESS.fullmatch(value),
            ),
        ),
        Key("log", "file", _path),
        Key("log", "mode", _choice(("w", "a"))),
        Key("log", "level", _choice(LEVELS)),
        Key("log", "format", _text("a logging format such as %(levelname)s - %(message)s", _format_fault)),
        Key("log", "result", Rule("true or false", lambda value: type(value) is not bool)),
    )
}


def check_value(dotted: str, value: object) -> Problem | None:
    """What is wrong with a job file's value for `dotted` (such as `run.workers`)."""
    rule = KEYS[dotted].rule
    fault = rule.fault(value)
    if not fault:
        return None
    if value in rule.later:
        accepted = ", ".join(rule.choices)
        return Problem(dotted, f'"{value}" is not available in this version; accepted: {accepted}.')
    reason = f" ({fault})" if isinstance(fault, str) else ""
    meant = nearest(value, rule.choices) if isinstance(value, str) else ""
    return Problem(dotted, f"{show(value)} is not accepted{reason}: give {rule.accepts}.{meant}")


def check_keys(job: Job) -> list[Problem]:
    """What is wrong with each value of a job on its own. A default is always accepted."""
    found: list[Problem] = []
    for key in KEYS.values():
        value = key.of(job)
        if type(value) is type(key.default) and value == key.default:
            continue
        problem = check_value(key.dotted, value)
        if problem:
            found.append(problem)
    return found


def nearest(word: str, choices: tuple[str, ...] | list[str]) -> str:
    """A sentence that suggests the choice nearest to `word`, or an empty text."""
    import difflib

    by_lower = {choice.lower(): choice for choice in choices if choice}
    close = difflib.get_close_matches(word.lower(), list(by_lower), n=1)
    return f' Did you mean "{by_lower[close[0]]}"?' if close else ""


def show(value: object) -> str:
    """A value in a message, bounded; text in double quotes as in a job file."""
    if isinstance(value, str):
        text = value if len(value) <= 80 else value[:77] + "..."
        return (
            '"' + text.encode("unicode_escape").decode("ascii") + '"'
            if not text.isprintable()
            else f'"{text}"'
        )
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if type(value) is int and abs(value) >= _INT64:
        return reprlib.repr(hex(value))[1:-1]  # numbers of more than 4,300 digits have no decimal form
    return reprlib.repr(value)
