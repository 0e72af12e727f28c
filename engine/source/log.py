"""The log of a job, as a script configures it with `logging.basicConfig`."""

from __future__ import annotations

import ast
import logging
from typing import Any

from engine.job.model import Log
from engine.source.certain import Certain
from engine.source.harmless import Harmless
from engine.source.names import Names
from engine.source.notes import NotCertain, Note, seen
from engine.source.pools import Work

_BASIC_FORMAT = "%(levelname)s:%(name)s:%(message)s"
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_TAKEN = frozenset({"filename", "filemode", "format", "level", "stream", "force", "encoding", "style"})


def read_log(names: Names, work: Work, certain: Certain, notes: list[Note]) -> Log:
    """The log settings; those that a job does not have are noted."""
    calls = [node for node in ast.walk(names.tree) if isinstance(node, ast.Call)]
    found = [call for call in calls if names.path(call.func) == "logging.basicConfig"]
    result = any(_logs_result(call, names, work) for call in calls)
    if not found:
        return Log(result=result)
    call = min(found, key=lambda call: call.lineno)
    given = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    reader = _Reader(given, names, certain, notes)
    for name in sorted(given.keys() - _TAKEN):
        key = "log.file" if name == "handlers" else "log.format"
        notes.append(Note(key, f"{name}={seen(given[name])} is not copied into the job.", call.lineno))
    form = reader.text("format", "log.format", _BASIC_FORMAT)
    if "style" in given and reader.text("style", "log.format", "%") != "%":
        notes.append(Note("log.format", f"{form} is not in the style of %(message)s.", call.lineno))
        form = _BASIC_FORMAT
    return Log(
        file=reader.text("filename", "log.file", ""),
        mode=reader.text("filemode", "log.mode", "a")[:1] or "a",
        level=reader.level(),
        format=form,
        result=result,
    )


class _Reader:
    def __init__(self, given: dict[str, ast.expr], names: Names, certain: Certain, notes: list[Note]) -> None:
        self._given = given
        self._names = names
        self._certain = certain
        self._notes = notes

    def text(self, name: str, key: str, default: str) -> str:
        value = self._value(name, key)
        return value if isinstance(value, str) else default

    def level(self) -> str:
        value = self._value("level", "log.level")
        if isinstance(value, str):
            value = logging.getLevelNamesMapping().get(value)
        if type(value) is not int:
            return "WARNING"
        return next((name for name in _LEVELS if logging.getLevelNamesMapping()[name] >= value), "CRITICAL")

    def _value(self, name: str, key: str) -> Any:
        node = self._given.get(name)
        if node is None:
            return None
        module, _, level = self._names.path(node).rpartition(".")
        if module == "logging" and level in logging.getLevelNamesMapping():
            return logging.getLevelNamesMapping()[level]
        try:
            return self._certain.value(node)
        except NotCertain:
            self._notes.append(Note(key, f"{name}={seen(node)} is not copied into the job.", node.lineno))
            return None


def _logs_result(call: ast.Call, names: Names, work: Work) -> bool:
    """Whether a call logs the list of all results."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr in ("debug", "exception", "setLevel"):
        return False
    if not Harmless(names).logs(call):
        return False
    statement: ast.AST = work.call
    while not isinstance(statement, ast.stmt):
        statement = names.parents[statement]
    made = statement.targets[0] if isinstance(statement, ast.Assign) else None
    result = made.id if isinstance(made, ast.Name) else ""
    parts = [node for arg in call.args for node in _shown(arg)]
    return any(part is work.call or (isinstance(part, ast.Name) and part.id == result) for part in parts)


def _shown(node: ast.expr) -> list[ast.expr]:
    """The values that a message shows in full."""
    match node:
        case ast.JoinedStr(values=parts):
            return [part.value for part in parts if isinstance(part, ast.FormattedValue)]
        case ast.BinOp(right=right):
            return _shown(right)
        case ast.Call(func=ast.Name(id="str" | "repr"), args=[inner]):
            return [inner]
        case ast.Call(func=ast.Attribute(attr="format"), args=args):
            return args
        case _:
            return [node]
