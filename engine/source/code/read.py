"""Reads a script that was written for a job as that job: either all of its settings, or nothing."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path
from typing import cast

from engine.job.model import Function, Inputs, Job, Log, Run
from engine.source.code.call import read_arguments
from engine.source.code.function import CannotWrite
from engine.source.code.inputs import TYPES
from engine.source.code.script import write_script
from engine.source.code.set_up import read_set_up
from engine.source.code.values import evaluated
from engine.syntax import parse

SETTINGS = frozenset(
    ["CONTEXT", "WORKERS", "TASKS_PER_WORKER", "LOG_FILE", "INPUTS", "PATH", "PATTERN", "GRID", "CHUNK"]
)


class _NotOurs(Exception):
    """The script was not written here, or was changed too much."""


def read_written(text: str) -> Job | None:
    """The job that `text` was written for, with values that were changed since; None for other scripts.

    It must equal the script that would be written for that job, so that no part of it is left unread.
    """
    tree = parse(text)
    try:
        job = _Reading(text, tree).job()
        return job if _same(tree, parse(write_script(job))) else None
    except (_NotOurs, CannotWrite, SyntaxError, ValueError, KeyError):
        return None


def _same(tree: ast.Module, other: ast.Module) -> bool:
    """Whether two scripts are equal except for comments, layout and the description at the top."""
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
    """The settings of a script."""

    def __init__(self, text: str, tree: ast.Module) -> None:
        self._lines = text.split("\n")
        self._body = tree.body
        self._beside = ""
        """The prefix for names that are defined beside the function."""
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
        call = self._call()
        function = self._function(ast.unparse(call.func), folder)
        given, fed, parameters = read_arguments(call, self._beside)
        inputs = self._inputs(fed)
        if not given and self._gives_cells(inputs.kind):
            given = "args"
        inputs = replace(inputs, call="" if given in ("", inputs.called) or not fed else given)
        name, setup = read_set_up(self._defined.get("set_up"), self._beside)
        function = replace(function, setup=name)
        return Job(function, inputs, self._run(), self._log(), Path(folder), parameters, setup)

    def _value(self, name: str) -> ast.expr:
        if name not in self._set:
            raise _NotOurs
        return self._set[name].value

    def _number(self, name: str) -> int:
        """A numeric setting, 0 if it is left out or computed."""
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

    def _call(self) -> ast.Call:
        """The call of the job's function."""
        for node in ast.walk(self._defined.get("run_one") or ast.Pass()):
            match node:
                case ast.Return(value=ast.Tuple(elts=[ast.Call() as call, _])):
                    if ast.unparse(call.func) == "asyncio.run" and isinstance(call.args[0], ast.Call):
                        return call.args[0]
                    return call
                case _:
                    pass
        raise _NotOurs

    def _function(self, callee: str, folder: str) -> Function:
        python = self._lines[0].removeprefix("#!") if self._lines[0].startswith("#!") else ""
        root = ""
        for node in self._preamble():
            match node:
                case (
                    ast.Assign(value=ast.List(elts=[first, *_]))
                    | ast.AugAssign(value=ast.List(elts=[first, *_]))
                ):
                    root = root or (evaluated(first) if isinstance(first, ast.Constant) else folder)
                case ast.Import(names=[alias]):
                    self._beside = f"{alias.asname or alias.name}."
                    name = callee.removeprefix(self._beside)
                    return Function(import_path=f"{alias.name}:{name}", python=python)
                case ast.ImportFrom(module=str() as module, names=[alias, *_]):
                    file = _file(Path(root).joinpath(*module.split(".")))
                    name = callee.replace(alias.asname, alias.name, 1) if alias.asname else callee
                    return Function(file=file, name=name, python=python)
                case ast.Assign(
                    targets=[ast.Name(id="spec")], value=ast.Call(args=[_, ast.Constant(value=str() as path)])
                ):
                    own, _, name = callee.partition(".")
                    self._beside = f"{own}."
                    return Function(file=path, name=name, python=python)
                case _:
                    pass
        return Function(source=self._source(), name=callee, python=python)

    def _preamble(self) -> list[ast.stmt]:
        """The part between the folder and the settings: how the script gets its function."""
        settings = [self._set[name] for name in ("CONTEXT", "WORKERS") if name in self._set]
        if not settings:
            raise _NotOurs
        first, last = (self._body.index(node) for node in (self._set["FOLDER"], settings[0]))
        return self._body[first + 1 : last]

    def _source(self) -> str:
        """The part between the settings and the script's own functions."""
        first = max(node.end_lineno or 0 for name, node in self._set.items() if name in SETTINGS)
        last = self._defined["set_up_logging"].lineno - 1
        return "\n".join(self._lines[first:last]).strip("\n")

    def _inputs(self, fed: bool) -> Inputs:
        """The inputs; `fed` is whether the function gets them."""
        match self._set["INPUTS"].value if "INPUTS" in self._set else None:
            case ast.Call(func=ast.Name(id="range"), args=args):
                start, stop, step = (evaluated(arg) for arg in args)
                return Inputs("range", start=start, stop=stop, step=step)
            case ast.List() as values:
                return Inputs("list", tuple(evaluated(values))) if fed else Inputs()
            case _:
                return self._streamed()

    def _gives_cells(self, kind: str) -> bool:
        """Whether an input is a list of cells although it could be a dict."""
        if kind == "csv":
            return not self._calls_in("parsed", "dict")
        made = {"parquet": "map", "grid": "list"}.get(kind)
        return made is not None and bool(self._calls_in("inputs", made))

    def _streamed(self) -> Inputs:
        """Inputs from the script's function `inputs`."""
        if "GRID" in self._set:
            grid = {name: tuple(items) for name, items in evaluated(self._value("GRID")).items()}
            product = self._calls_in("inputs", "itertools.product")
            return Inputs("grid", grid=grid, combine="product" if product else "zip")
        if "PATTERN" in self._set:
            return Inputs("files", pattern=evaluated(self._value("PATTERN")))
        if "PATH" not in self._set:
            for node in ast.walk(self._defined["inputs"]):
                if isinstance(node, ast.YieldFrom) and isinstance(node.value, ast.Call):
                    name = ast.unparse(node.value.func).removeprefix(self._beside)
                    return Inputs("generator", generator=name)
            raise _NotOurs
        path = evaluated(self._value("PATH"))
        opened = self._calls_in("inputs", "open")
        if not opened:
            return Inputs("parquet", path=path)
        encoding = evaluated(opened[0].keywords[0].value)
        reader = self._calls_in("inputs", "csv.reader")
        if not reader:
            return Inputs("jsonl" if "parsed" in self._defined else "lines", path=path, encoding=encoding)
        columns = self._value("COLUMNS")
        if not isinstance(columns, ast.Dict):
            raise _NotOurs
        kinds = {name: kind for kind, name in TYPES.items()}
        names = [str(evaluated(key)) for key in columns.keys if key is not None]
        types = [kinds[ast.unparse(value)] for value in columns.values]
        return Inputs(
            "csv",
            path=path,
            encoding=encoding,
            delimiter=evaluated(reader[0].keywords[0].value),
            header=bool(self._calls_in("inputs", "next")),
            types=dict(zip(names, types, strict=True)),
        )

    def _run(self) -> Run:
        if "CONTEXT" not in self._set:
            if not self._calls_in("outcomes", "multiprocessing.pool.ThreadPool"):
                return Run(mode="serial")
            return Run(mode="threads", workers=self._number("WORKERS"), batch=self._number("CHUNK"))
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
        for formatter in self._calls_in("set_up_logging", "logging.Formatter"):
            given["format"] = formatter.args[0]
        file = evaluated(self._set["LOG_FILE"].value) if "LOG_FILE" in self._set else ""
        overwrites = not file or bool(self._calls_in("main", "open"))
        return Log(
            file=file,
            mode="w" if overwrites else "a",
            level=evaluated(given["level"]),
            format=evaluated(given["format"]),
            result=bool(self._calls_in("main", "logging.info")),
        )


def _file(module: Path) -> str:
    """The file of a module or package."""
    inside = module / "__init__.py"
    return str(inside if inside.is_file() else module.with_name(f"{module.name}.py"))
