"""Reads a script that was written for a job as that job: what it sets is taken over, all of it or nothing."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import cast

from engine.job.model import Function, Inputs, Job, Log, Run
from engine.source.code.function import CannotWrite
from engine.source.code.script import write_script
from engine.source.code.values import evaluated
from engine.syntax import parse


class _NotOurs(Exception):
    """The script is not one that was written here, or not any more."""


def read_written(text: str) -> Job | None:
    """The job that `text` was written for, with the values that were changed since; None for other scripts.

    It is one if the job that its settings make would be written just so: no part of it is left unread.
    """
    tree = parse(text)
    try:
        job = _Reading(text, tree).job()
        return job if _same(tree, parse(write_script(job))) else None
    except (_NotOurs, CannotWrite, SyntaxError, ValueError, KeyError):
        return None


def _same(tree: ast.Module, other: ast.Module) -> bool:
    """Whether two scripts are the same but for comments, layout and the description at the top."""
    return _alike(tree.body[1:], other.body[1:])


def _alike(one: object, other: object) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, ast.AST):
        return all(_alike(getattr(one, name), getattr(other, name)) for name in one._fields)
    if isinstance(one, list) and isinstance(other, list):
        pairs = zip(cast("list[object]", one), cast("list[object]", other), strict=False)
        return len(one) == len(other) and all(_alike(*pair) for pair in pairs)  # pyright: ignore[reportUnknownArgumentType]
    return one == other


class _Reading:
    """What a script sets."""

    def __init__(self, text: str, tree: ast.Module) -> None:
        self._lines = text.split("\n")
        self._body = tree.body
        self._set = {
            node.targets[0].id: node
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        self._defined = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}

    def job(self) -> Job:
        folder = evaluated(self._value("FOLDER"))
        if not isinstance(folder, str):
            raise _NotOurs
        callee, call, empty = self._call()
        function = self._function(callee, folder)
        return Job(function, self._inputs(call, empty), self._run(), self._log(), Path(folder))

    def _value(self, name: str) -> ast.expr:
        if name not in self._set:
            raise _NotOurs
        return self._set[name].value

    def _number(self, name: str) -> int:
        """A setting that is a number, 0 where it is left out or computed."""
        try:
            return int(evaluated(self._set[name].value)) if name in self._set else 0
        except (ValueError, TypeError):
            return 0

    def _calls_in(self, name: str, callee: str) -> list[ast.Call]:
        """The calls of `callee` in the script's function `name`."""
        if name not in self._defined:
            raise _NotOurs
        calls = (node for node in ast.walk(self._defined[name]) if isinstance(node, ast.Call))
        return [call for call in calls if ast.unparse(call.func) == callee]

    def _call(self) -> tuple[str, str, bool]:
        """The function that `run_one` calls, how it is given the input, and whether it is given none."""
        for node in ast.walk(self._defined.get("run_one") or ast.Pass()):
            match node:
                case ast.Return(value=ast.Tuple(elts=[ast.Call() as call, _])):
                    if ast.unparse(call.func) == "asyncio.run" and isinstance(call.args[0], ast.Call):
                        call = call.args[0]
                    stars = any(isinstance(arg, ast.Starred) for arg in call.args)
                    given = "kwargs" if call.keywords else "args" if stars else ""
                    return ast.unparse(call.func), given, not (call.args or call.keywords)
                case _:
                    pass
        raise _NotOurs

    def _function(self, callee: str, folder: str) -> Function:
        python = self._lines[0].removeprefix("#!") if self._lines[0].startswith("#!") else ""
        root = folder
        for node in self._preamble():
            match node:
                case (
                    ast.Assign(value=ast.List(elts=[ast.Constant(value=str() as first), *_]))
                    | ast.AugAssign(value=ast.List(elts=[ast.Constant(value=str() as first), *_]))
                ):
                    root = first
                case ast.Import(names=[alias]):
                    name = callee.removeprefix(f"{alias.asname or alias.name}.")
                    return Function(import_path=f"{alias.name}:{name}", python=python)
                case ast.ImportFrom(module=str() as module, names=[alias]):
                    file = str(Path(root).joinpath(*module.split("."))) + ".py"
                    name = callee.replace(alias.asname, alias.name, 1) if alias.asname else callee
                    return Function(file=file, name=name, python=python)
                case ast.Assign(
                    targets=[ast.Name(id="spec")], value=ast.Call(args=[_, ast.Constant(value=str() as path)])
                ):
                    return Function(file=path, name=callee.partition(".")[2], python=python)
                case _:
                    pass
        return Function(source=self._source(), name=callee, python=python)

    def _preamble(self) -> list[ast.stmt]:
        """What stands between the folder and the settings: how the function is come by."""
        if "CONTEXT" not in self._set:
            raise _NotOurs
        first, last = (self._body.index(self._set[name]) for name in ("FOLDER", "CONTEXT"))
        return self._body[first + 1 : last]

    def _source(self) -> str:
        """What stands between the settings and the script's own functions."""
        first = self._set["CHUNK" if "CHUNK" in self._set else "INPUTS"].end_lineno
        last = self._defined["set_up_logging"].lineno - 1
        return "\n".join(self._lines[first:last]).strip("\n")

    def _inputs(self, call: str, empty: bool) -> Inputs:
        match self._value("INPUTS"):
            case ast.Call(func=ast.Name(id="range"), args=args):
                start, stop, step = (evaluated(arg) for arg in args)
                return Inputs("range", start=start, stop=stop, step=step, call=call)
            case ast.List() as values:
                return Inputs() if empty else Inputs("list", tuple(evaluated(values)), call=call)
            case _:
                raise _NotOurs

    def _run(self) -> Run:
        match self._value("CONTEXT"):
            case ast.Call(args=[ast.Constant(value=str() as method)]):
                start_method = method
            case _:
                start_method = ""
        mode = "pool"
        if "start" in self._defined:
            mode = "process-per-input" if "WORKERS" in self._set else "process"
        return Run(
            mode=mode,
            workers=self._number("WORKERS"),
            start_method=start_method,
            batch=self._number("CHUNK"),
            tasks_per_worker=self._number("TASKS_PER_WORKER"),
        )

    def _log(self) -> Log:
        config = self._calls_in("set_up_logging", "logging.basicConfig")
        if len(config) != 1:
            raise _NotOurs
        given = {key.arg: key.value for key in config[0].keywords if key.arg}
        file = evaluated(self._set["LOG_FILE"].value) if "LOG_FILE" in self._set else ""
        anew = not file or bool(self._calls_in("main", "open"))
        return Log(
            file=file,
            mode="w" if anew else "a",
            level=evaluated(given["level"]),
            format=evaluated(given["format"]),
            result=bool(self._calls_in("main", "logging.info")),
        )
