"""Job files: TOML text to a Job and back."""

from __future__ import annotations

import datetime
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any, cast

from engine.job import parameters
from engine.job.model import STDIN, Job, JobError, Parameter, Problem
from engine.job.schema import KEYS, SECTIONS, Key, check_value, nearest, show
from engine.job.text import DEEPEST, parse_values, values_text

_PATHS = ("function.file", "function.python", "inputs.path", "inputs.pattern", "log.file")
PARAMETERS = "parameters"
SETUP = "setup"
"""The table with the parameters of the set-up."""
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile(r"[\\\x00-\x08\x0b-\x1f\x7f]")
"""What a multi-line string cannot contain as it is."""
_QUOTES = re.compile(r'"(?="")|"\Z')
"""Quotes that would end a multi-line string."""
_LONGEST_LINE = 100
_TELLING = {
    **dict.fromkeys(("start", "stop", "step"), "range"),
    **dict.fromkeys(("path", "delimiter", "encoding", "header", "types"), "csv"),
    "pattern": "files",
    "grid": "grid",
    "combine": "grid",
    "generator": "generator",
}
"""The kind that a key of [inputs] implies."""


def load(path: Path) -> Job:
    """The job in a job file; JobError lists all that is wrong with it."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        reason = error.strerror or str(error)
        raise _unreadable(f"{path} cannot be read: {reason}. Choose a job file that exists.") from error
    except UnicodeDecodeError as error:
        raise _unreadable(
            f"{path} is not a job file: byte {error.start + 1} is not UTF-8 text. Choose a .pool file."
        ) from error
    return loads(text, path.absolute().parent)


def loads(text: str, folder: Path) -> Job:
    """The job in the text of a job file in `folder`. Raises JobError."""
    import tomllib

    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(f"The job file is not valid TOML: {error}. Correct that place.") from error
    except (RecursionError, ValueError) as error:
        raise _unreadable(f"The job file cannot be read: {error}. Correct that value.") from error
    problems: list[Problem] = []
    sections: dict[str, Any] = {}
    known = [*SECTIONS, PARAMETERS, SETUP]
    for name, table in tables.items():
        if name not in known:
            accepted = ", ".join(f"[{section}]" for section in known)
            meant = nearest(name, known)
            problems.append(Problem(name, f"Unknown section {show(name)}; accepted: {accepted}.{meant}"))
        elif not isinstance(table, dict):
            problems.append(Problem(name, f"{show(table)} is not accepted: [{name}] is a section of keys."))
        elif name in (PARAMETERS, SETUP):
            sections[name] = parameters.read(name, cast("dict[str, Any]", table), problems)
        else:
            sections[name] = SECTIONS[name](**_fields(name, cast("dict[str, Any]", table), problems))
    job = Job(folder=folder.absolute(), **sections)
    if problems:
        raise JobError(problems, job)
    return job


def save(job: Job, path: Path) -> None:
    """Write the job to `path`, completely or not at all. Raises OSError, JobError."""
    import uuid

    path = path.absolute()
    text = dumps(job, path.parent)
    target = Path(os.path.realpath(path))  # follow links, so that a link stays one
    draft = target.with_name(f".{uuid.uuid4().hex}.pool")
    try:
        with draft.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, draft)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def dumps(job: Job, folder: Path) -> str:
    """The text of a job file for `folder`: what differs from the defaults, with relative paths."""
    problems: list[Problem] = []
    parts: list[str] = []
    for section in SECTIONS:
        lines: list[str] = []
        for key in KEYS.values():
            value = key.of(job)
            if key.section == section and (key.always or _differs(key, value)):
                if key.dotted in _PATHS:
                    whole = job.python if key.dotted == "function.python" else str(job.resolve(value))
                    value = _rebased(job, value, whole, folder)
                try:
                    lines.append(_lines(value, key))
                except ValueError as error:
                    problems.append(Problem(key.dotted, f"A job file cannot hold this value: {error}."))
        if lines:
            parts.append(f"[{section}]\n" + "".join(lines))
        if section == "function" and job.setup:
            parts.append(_parameters(SETUP, job.setup, problems))
        if section == "inputs" and job.parameters:
            parts.append(_parameters(PARAMETERS, job.parameters, problems))
    if problems:
        raise JobError(problems)
    return "\n".join(parts)


def _unreadable(message: str) -> JobError:
    return JobError([Problem("", message)])


def _parameters(section: str, sources: dict[str, Parameter], problems: list[Problem]) -> str:
    lines = [f"[{section}]\n"]
    for name, source in sources.items():
        try:
            lines.append(f"{_key(name)} = {parameters.write(source, _plain, _fits_toml)}\n")
        except ValueError as error:
            problems.append(Problem(f"{section}.{name}", f"A job file cannot hold this value: {error}."))
    return "".join(lines)


def _fields(section: str, table: dict[str, Any], problems: list[Problem]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in table.items():
        key = KEYS.get(f"{section}.{name}")
        if key is None:
            known = [other.name for other in KEYS.values() if other.section == section]
            message = f"Unknown key {show(name)} in [{section}]; accepted: {', '.join(known)}."
            problems.append(Problem(f"{section}.{name}", message + nearest(name, known)))
            continue
        problem = check_value(key.dotted, value)
        if problem:
            problems.append(problem)
        else:
            fields[key.attribute] = _converted(key, value)
    if section == "inputs" and "kind" not in table and fields:
        kind = next((_TELLING[name] for name in table if name in _TELLING), "list")
        message = f'[inputs] has no kind, so its other keys would be ignored: add kind = "{kind}".'
        problems.append(Problem("inputs.kind", message))
    return fields


def _converted(key: Key, value: Any) -> Any:
    if key.dotted == "inputs.values":
        return _given_values(value)
    if key.dotted == "inputs.grid":
        return {name: _given_values(values) for name, values in value.items()}
    return float(value) if isinstance(key.default, float) else value


def _given_values(value: str | list[Any]) -> tuple[Any, ...]:
    return parse_values(value) if isinstance(value, str) else tuple(value)


def _differs(key: Key, value: object) -> bool:
    return type(value) is not type(key.default) or value != key.default


def _rebased(job: Job, text: str, whole: str, folder: Path) -> str:
    """A path of `job`, absolute in `whole`, as written in `folder`: relative if it is below it."""
    folder = folder.absolute()
    if text == STDIN:
        return text
    if folder == job.folder.absolute() and not Path(text).is_absolute():
        return text
    path = Path(os.path.normpath(whole))
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)


def _lines(value: Any, key: Key) -> str:
    """The lines of a key: one for each name of a table, else a single one."""
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value).items()
        return "".join(f"{key.name}.{_key(name)} = {_value(inner, key)}\n" for name, inner in pairs)
    return f"{key.name} = {_value(value, key)}\n"


def _value(value: Any, key: Key) -> str:
    if key.dotted in ("inputs.values", "inputs.grid"):
        items = list(value)
        return _array(items) if _fits_toml(items) else _string(values_text(items))
    if key.dotted == "function.source":
        return _block(value)
    return _plain(value)


def _array(items: list[Any]) -> str:
    texts = [_plain(item) for item in items]
    line = "[" + ", ".join(texts) + "]"
    return line if len(line) <= _LONGEST_LINE else "[\n" + "".join(f"    {text},\n" for text in texts) + "]"


def _fits_toml(value: object, depth: int = 0) -> bool:
    """Whether TOML has a form that reads back as exactly this value."""
    if depth > DEEPEST:
        return False
    if type(value) is list:
        return all(_fits_toml(item, depth + 1) for item in cast("list[object]", value))
    if type(value) is dict:
        pairs = cast("dict[object, object]", value)
        named = all(type(key) is str and _fits_toml(key) for key in pairs)
        return named and all(_fits_toml(item, depth + 1) for item in pairs.values())
    if type(value) is int:
        return -(1 << 63) <= value < 1 << 63
    if type(value) is str:
        return not _SURROGATE.search(value)
    return type(value) in (bool, float, datetime.datetime, datetime.date, datetime.time)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, list):
        return "[" + ", ".join(_plain(item) for item in cast("list[Any]", value)) + "]"
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value).items()
        return "{" + ", ".join(f"{_key(key)} = {_plain(item)}" for key, item in pairs) + "}"
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return repr(value)


def _key(text: str) -> str:
    return text if _BARE.fullmatch(text) else _string(text)


def _string(text: str) -> str:
    if _SURROGATE.search(text):
        raise ValueError("it has characters that are not text (lone surrogates)")
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _block(text: str) -> str:
    """A text of several lines, kept readable."""
    if "\n" not in text:
        return _string(text)
    _string(text)  # with the same refusals
    escaped = _CONTROL.sub(lambda match: json.dumps(match[0])[1:-1].replace("\x7f", "\\u007f"), text)
    return '"""\n' + _QUOTES.sub(r'\\"', escaped) + '"""'
