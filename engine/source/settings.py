"""How a job runs, as a script sets it: the arguments of its pool, its start method, its log."""

from __future__ import annotations

import ast
import logging
from typing import Any

from engine.job.model import Log, Run
from engine.job.schema import LEVELS
from engine.source.certain import Certain
from engine.source.handed import arguments_of
from engine.source.harmless import Harmless
from engine.source.line import Line
from engine.source.names import Names
from engine.source.notes import NotCertain, Note, seen
from engine.source.pools import EXECUTOR, MAPS, POOL, PROCESS, Work, context

ONE_EACH = "process-per-input"
_CORES = ("os.cpu_count", "multiprocessing.cpu_count", "os.process_cpu_count")
_ORDERS = {
    (POOL, False): ("processes", "initializer", "initargs", "maxtasksperchild", "context"),
    (POOL, True): ("processes", "initializer", "initargs"),
    (EXECUTOR, False): ("max_workers", "mp_context", "initializer", "initargs", "max_tasks_per_child"),
    (EXECUTOR, True): ("max_workers", "thread_name_prefix", "initializer", "initargs"),
    (PROCESS, False): ("group", "target", "name", "args"),
}
"""The parameters of what makes a pool, by its kind and whether it is one of threads."""
_LEVELS = logging.getLevelNamesMapping()
_LOG_KEYS = {"filename": "log.file", "filemode": "log.mode", "format": "log.format", "level": "log.level"}
_BASIC_FORMAT = "%(levelname)s:%(name)s:%(message)s"


class Settings:
    """Reads them. `notes` gets what the script sets and the job does not."""

    def __init__(self, work: Work, line: Line, names: Names, certain: Certain) -> None:
        self._work, self._line, self._names, self._certain = work, line, names, certain
        self._given = arguments_of(work.made, _ORDERS[work.use.kind, work.use.is_threads])
        self.notes: list[Note] = []

    def run(self) -> Run:
        """The mode and its settings. Raises `NotCertain`."""
        use, given = self._work.use, self._given
        method = use.method
        for call in self._calls("multiprocessing.set_start_method"):
            chosen = arguments_of(call, ("method", "force")).get("method", call)
            method = method or str(self._certain.value(chosen))
        if use.kind == PROCESS:
            return Run(mode="process" if self._line.loop is None else ONE_EACH, start_method=method)
        if (of := given.get("mp_context", given.get("context"))) is not None:
            if (found := context(of, self._names)) is None:
                raise NotCertain(f"The start method of {seen(of)} is not certain", of)
            method = found or method
        recycle = given.get("max_tasks_per_child", given.get("maxtasksperchild"))
        named = [keyword.value for keyword in self._work.call.keywords if keyword.arg == "chunksize"]
        placed = self._work.call.args[2:3] if use.kind == POOL and self._work.name in MAPS[POOL] else []
        return Run(
            mode="threads" if use.is_threads else "pool",
            workers=self._workers(given.get("max_workers", given.get("processes"))),
            start_method="" if use.is_threads else method,
            batch=self._whole((named or placed or [None])[0], "chunksize"),
            tasks_per_worker=self._whole(recycle, "tasks of a worker"),
        )

    def _calls(self, path: str) -> list[ast.Call]:
        """The calls of a function on the line."""
        steps = [step for step in self._line.steps if not isinstance(step, ast.FunctionDef | ast.ClassDef)]
        calls = [node for step in steps for node in ast.walk(step) if isinstance(node, ast.Call)]
        return [call for call in calls if self._names.path(call.func) == path]

    def _whole(self, node: ast.expr | None, what: str) -> int:
        value = None if node is None else self._certain.value(node)
        if node is None or value is None:
            return 0
        if type(value) is not int or value < 1:
            raise NotCertain(f"{seen(node)} is not a valid number for the {what}", node)
        return value

    def _workers(self, node: ast.expr | None) -> int:
        for inner in ast.walk(node or ast.Pass()):
            if isinstance(inner, ast.Call) and self._names.path(inner.func) in _CORES:
                if node is not None and inner is not node:
                    said = f"{seen(node)} is taken as one worker for each core."
                    self.notes.append(Note("run.workers", said, node.lineno))
                return 0
        return self._whole(node, "workers")

    def set_up(self) -> tuple[str, dict[str, Any]] | None:
        """The initializer, and its arguments by the names of its parameters."""
        first, given = self._given.get("initializer"), self._given.get("initargs")
        if first is None or isinstance(first, ast.Constant):
            return None
        found = self._names.function(first, "The initializer")
        args = self._certain.items(given) if given else []
        params = [*found.args.posonlyargs, *found.args.args]
        if len(args) > len(params) or found.args.vararg or found.args.kwonlyargs:
            raise NotCertain(f"What {found.name} gets is not certain", first)
        if any(isinstance(node, ast.arg) and node.arg == found.name for node in ast.walk(self._names.tree)):
            raise NotCertain(f"A function has a parameter called {found.name}, like the initializer", first)
        return found.name, {param.arg: value for param, value in zip(params, args, strict=False)}

    def log(self) -> Log:
        """The log, as `logging.basicConfig` sets it; what a job does not have is noted."""
        calls = self._calls("logging.basicConfig")
        if not calls:
            return Log(result=self._logs_result())
        given = {keyword.arg: keyword.value for keyword in calls[0].keywords if keyword.arg}
        for name in sorted(given.keys() - {*_LOG_KEYS, "stream", "force", "encoding"}):
            self._note(name, given[name])
        found = {name: self._setting(name, given[name]) for name in _LOG_KEYS if name in given}
        level = found.get("level", "WARNING")
        number = _LEVELS.get(level, level)
        levels = [name for name in LEVELS if type(number) is int and _LEVELS[name] >= number]
        return Log(
            file=str(found.get("filename") or ""),
            mode=str(found.get("filemode") or "a")[:1],
            level=levels[0] if levels else "WARNING",
            format=str(("style" not in given and found.get("format")) or _BASIC_FORMAT),
            result=self._logs_result(),
        )

    def _note(self, name: str, node: ast.expr) -> None:
        key = "log.file" if name == "handlers" else _LOG_KEYS.get(name, "log.format")
        self.notes.append(Note(key, f"{name}={seen(node)} is not copied into the job.", node.lineno))

    def _setting(self, name: str, node: ast.expr) -> Any:
        module, _, level = self._names.path(node).rpartition(".")
        if module == "logging" and level in _LEVELS:
            return level
        try:
            return self._certain.value(node)
        except NotCertain:
            self._note(name, node)
            return None

    def _logs_result(self) -> bool:
        """Whether the script logs the list of all results."""
        statement, parents = self._names.statement(self._work.call), self._names.parents
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
        for use in self._names.loads[target.id] if isinstance(target, ast.Name) else []:
            node = parents[use]
            if isinstance(node, ast.FormattedValue):
                node = parents[parents[node]]
            if isinstance(node, ast.Call) and Harmless(self._names).logs(node.func):
                return not seen(node.func).endswith(".debug")
        return False
