"""Reads a script with a pool as the job that it would run, if that is certain; nothing is executed."""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine.job.model import Function, Inputs, Job, Parameter, Run
from engine.source.certain import Certain, spread
from engine.source.code.read import read_written
from engine.source.handed import Handed
from engine.source.harmless import Harmless
from engine.source.log import read_log
from engine.source.names import Names
from engine.source.notes import NotCertain, Note, seen
from engine.source.pools import EXECUTOR, PROCESS, Use, Work, context, hidden, uses, work_of
from engine.source.run_to_end import require_whole
from engine.source.way import Way, way_to
from engine.syntax import is_main_guard, parse, read_source
from engine.syntax.functions import FunctionNode
from engine.syntax.functions import names as defined

LONGEST = 200_000
"""A longer script is not read as a job: reading should take less than a second, and little memory."""
ONE_EACH = "process-per-input"
_CORES = ("os.cpu_count", "multiprocessing.cpu_count", "os.process_cpu_count", "psutil.cpu_count")


@dataclass(frozen=True)
class ScriptReading:
    """A script as a job."""

    job: Job
    """Complete if there is no `why`; else it only has the file."""
    notes: list[Note] = field(default_factory=list[Note])
    """What the script sets and the job does not."""
    is_script: bool = True
    """Whether it uses a pool, or something similar."""
    is_written: bool = False
    """Whether it was written by Poolhouse for a job, and is that job again."""
    why: str = ""
    """Why it cannot be read with certainty, as a sentence;"""
    line: int = 0
    """and the line in question."""
    draft: Job | None = None
    """If there is a `why`, what could be read nevertheless, without inputs."""


def read_script(path: Path, folder: Path | None = None) -> ScriptReading:
    """Read the script at `path` as a job of `folder` (the script's own if None).

    OSError and SyntaxError pass through.
    """
    path = path.absolute()
    text = read_source(path)
    folder = (folder or path.parent).absolute()
    file = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)
    blank = Job(Function(file=file), folder=folder)
    if len(text) > LONGEST:
        why = f"It is longer than {LONGEST:,} characters, and such scripts are not read as jobs"
        return ScriptReading(blank, why=why, line=1)
    tree = parse(text)
    draft = [blank]
    if job := read_written(text):
        return ScriptReading(job, is_written=True)
    try:
        return _read(tree, path, file, folder, draft)
    except NotCertain as error:
        return ScriptReading(blank, draft=draft[0], why=error.message, line=error.line)
    except RecursionError:
        return ScriptReading(blank, why="It is nested too deeply to read", line=1)


def _read(tree: ast.Module, path: Path, file: str, folder: Path, draft: list[Job]) -> ScriptReading:
    """Read a script; `draft` gets what is read before something is not certain."""
    blank = draft[0]
    names = Names(tree)
    found = uses(names)
    if not found and (unnamed := hidden(names)) is not None:
        raise NotCertain(f"What {seen(unnamed)} gives is not certain before the script runs", unnamed)
    if not found:
        functions = defined(tree).functions
        name = functions[0].name if len(functions) == 1 else ""
        return ScriptReading(
            Job(Function(file=file, name=name), folder=folder),
            is_script=False,
            why="It makes no pool and no process in a way that is known here",
            line=1,
        )
    if path.suffix == ".ipynb":
        raise NotCertain("A notebook runs its pool while it is loaded, so it is run as it is", found[0].node)
    work = work_of(found, names)
    draft[0] = _draft(work, names, path.parent, file, blank)
    way = way_to(work.call, names)
    reader = _Reader(names, work, way, path.parent)
    reader.require_plain_script()
    reader.follow()
    handed = Handed(work, way, names, reader.certain, path.parent, file)
    function, inputs = handed.function(), handed.inputs()
    run, setup = reader.run(handed)
    require_whole(work, names)
    if setup is not None:
        function = replace(function, setup=setup[0])
        blank = blank.with_(setup={name: Parameter(value=value) for name, value in setup[1].items()})
    notes = reader.notes
    job = blank.with_(
        function=function, inputs=inputs, run=run, log=read_log(names, work, reader.certain, notes)
    )
    return ScriptReading(job, sorted(notes, key=lambda note: note.line))


def _draft(work: Work, names: Names, folder: Path, file: str, blank: Job) -> Job:
    """The function and the mode of a job whose inputs are not known yet."""
    mode = ONE_EACH if work.use.kind == PROCESS else "threads" if work.use.is_threads else "pool"
    job = blank.with_(inputs=Inputs("list"), run=Run(mode=mode))
    try:
        return job.with_(function=Handed(work, Way(), names, Certain(names), folder, file).function())
    except NotCertain:
        return job


class _Reader:
    """Follows the way to the call, and reads the arguments of the pool."""

    def __init__(self, names: Names, work: Work, way: Way, folder: Path) -> None:
        self._folder = folder
        self._names = names
        self._work = work
        self._way = way
        self._harmless = Harmless(names)
        self.certain = Certain(names)
        self.notes: list[Note] = []

    def require_plain_script(self) -> None:
        """Check what concerns the whole file. Raises `NotCertain`."""
        names, call = self._names, self._work.call
        if arguments := self._arguments():
            raise NotCertain(
                f"The script reads its arguments ({seen(arguments)}), and a job has none", arguments
            )
        if not self._way.guarded:
            reason = f'{seen(call)} is not under if __name__ == "__main__"'
            raise NotCertain(f"{reason}, so each worker of a job would run it too", call)
        if names.starred is not None:
            raise NotCertain("Which names this import sets is not certain", names.starred)
        for name, bound in names.bound[names.tree].items():
            self._require_pythons_own(name, bound)
        guards = [node for node in names.tree.body if is_main_guard(node)]
        if isinstance(guards[0], ast.If) and guards[0].orelse:
            raise NotCertain("What the else of the main guard does is done by workers alone", guards[0])
        after = names.tree.body[names.tree.body.index(guards[0]) + 1 :]
        if after:
            raise NotCertain(f"{seen(after[0])} comes after the main guard", after[0])
        for name in self._main_alone(guards[0]):
            for use in names.loads[name]:
                inside = names.function_of(use)
                if names.scope_of(name, use) is names.tree and not isinstance(inside, ast.Module):
                    reason = f"{name} is set under the main guard, which no worker of a job runs"
                    raise NotCertain(f"{reason}, and used here", use)
        for use in names.loads["__name__"]:
            parent = names.parents[use]
            named = isinstance(parent, ast.Call) and names.path(parent.func) == "logging.getLogger"
            if not named and not isinstance(names.function_of(use), ast.Module):
                raise NotCertain("__name__ is another one in a job", use)

    def _arguments(self) -> ast.AST | None:
        for node in ast.walk(self._names.tree):
            match node:
                case ast.Attribute(attr="argv" | "parse_args" | "parse_known_args") | ast.alias(name="argv"):
                    return node
                case _:
                    pass
        return None

    def _require_pythons_own(self, name: str, bound: list[ast.AST]) -> None:
        for node in bound:
            if isinstance(node, ast.alias):
                line = self._names.parents[node]
                module = line.module or "" if isinstance(line, ast.ImportFrom) else node.name
                head = module.split(".")[0]
                beside = self._folder / head, self._folder / f"{head}.py"
                if head in sys.stdlib_module_names and any(path.exists() for path in beside):
                    raise NotCertain(
                        f"{name} may be from the {head} beside the script, not Python's own", node
                    )

    def _main_alone(self, guard: ast.stmt) -> set[str]:
        """The names of the module that only its main part sets."""
        bound = self._names.bound[self._names.tree]
        inside = set(ast.walk(guard))
        return {name for name, nodes in bound.items() if any(node in inside for node in nodes)}

    def follow(self) -> None:
        """Record what is set on the way. Raises `NotCertain` for what may matter."""
        for step in self._way.steps:
            match step:
                case ast.stmt():
                    self._statement(step)
                case ast.expr():
                    if step is not self._work.made and not self._harmless.expression(step, apart=True):
                        raise NotCertain(
                            f"What {seen(step)} does before the pool may matter to the tasks", step
                        )
                case (function, call):
                    self._enter(function, call)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Assign(value=value) if value is self._work.made:
                return
            case _:
                self._harmless.require(node, apart=not isinstance(self._names.parents[node], ast.Module))
        match node:
            case (
                ast.Assign(targets=[target], value=value)
                | ast.AnnAssign(target=target, value=ast.expr() as value)
            ):
                self._set(target, value)
            case _:
                pass

    def _set(self, target: ast.expr, value: ast.expr) -> None:
        try:
            found = self.certain.value(value)
            if isinstance(target, ast.Name):
                self.certain.keep(target, found)
            elif isinstance(target, ast.Tuple):
                parts = spread(target, found)
                for part in target.elts:
                    if isinstance(part, ast.Name) and not isinstance(parts[part.id], (list, dict)):
                        self.certain.keep(part, parts[part.id])
        except (NotCertain, ValueError):
            return  # it only matters if it is used

    def _enter(self, function: FunctionNode, call: ast.Call) -> None:
        """Give values to the parameters of a function that is called."""
        params = [*function.args.posonlyargs, *function.args.args]
        defaults = function.args.defaults
        given: dict[str, ast.expr] = {}
        if any(isinstance(arg, ast.Starred) for arg in call.args) or None in {k.arg for k in call.keywords}:
            return
        for param, value in zip(params[len(params) - len(defaults) :], defaults, strict=True):
            if isinstance(value, ast.Constant):  # any other value is created once, and shared by all calls
                given[param.arg] = value
        given |= {param.arg: value for param, value in zip(params, call.args, strict=False)}
        given |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
        for name, value in given.items():
            try:
                self.certain.known[function, name] = self.certain.value(value)
            except NotCertain:  # it only matters if it is used
                continue

    def run(self, handed: Handed) -> tuple[Run, tuple[str, dict[str, Any]] | None]:
        """How the job runs, and its set-up: the initializer and its arguments."""
        work, use = self._work, self._work.use
        method = use.method or self._start_method()
        if use.kind == PROCESS:
            mode = "process" if self._way.turns is None else ONE_EACH
            return Run(mode=mode, start_method=method), None
        executor = use.kind == EXECUTOR
        given = self._pool_arguments(use)
        count = given.pop("max_workers" if executor else "processes", None)
        recycle = given.pop("max_tasks_per_child" if executor else "maxtasksperchild", None)
        first, args = given.pop("initializer", None), given.pop("initargs", None)
        given.pop("thread_name_prefix", None)
        if (of := given.pop("mp_context" if executor else "context", None)) is not None:
            found = context(of, self._names)
            if found is None:
                raise NotCertain(f"The start method of {seen(of)} is not certain", of)
            method = found
        if given:
            name, value = next(iter(given.items()))
            raise NotCertain(f"A job has nothing for {name}={seen(value)}", value)
        chunk = self._chunk()
        run = Run(
            mode="threads" if use.is_threads else "pool",
            workers=self._workers(count),
            start_method="" if use.is_threads else method,
            batch=0 if chunk is None else self._whole(chunk, "chunksize"),
            tasks_per_worker=0 if recycle is None else self._whole(recycle, "tasks of a worker"),
        )
        if first is None or (isinstance(first, ast.Constant) and first.value is None):
            return run, None
        setup = handed.initializer(first, args)
        del work
        return run, setup

    def _pool_arguments(self, use: Use) -> dict[str, ast.expr]:
        """The arguments of the pool, by parameter name."""
        made = self._work.made
        if use.kind == EXECUTOR:
            order = (
                "max_workers",
                "thread_name_prefix" if use.is_threads else "mp_context",
                "initializer",
                "initargs",
            )
        else:
            order = ("processes", "initializer", "initargs", "maxtasksperchild", "context")
        if any(isinstance(arg, ast.Starred) for arg in made.args) or any(
            k.arg is None for k in made.keywords
        ):
            raise NotCertain(f"What {seen(made)} is made with is not certain", made)
        given = dict(zip(order, made.args, strict=False))
        given |= {keyword.arg: keyword.value for keyword in made.keywords if keyword.arg}
        return given

    def _chunk(self) -> ast.expr | None:
        call = self._work.call
        for keyword in call.keywords:
            if keyword.arg == "chunksize":
                return keyword.value
        has_place = self._work.use.kind != EXECUTOR and self._work.name not in ("apply", "apply_async")
        return call.args[2] if has_place and len(call.args) > 2 else None

    def _whole(self, node: ast.expr, what: str) -> int:
        value = self.certain.value(node)
        if value is None:
            return 0
        if type(value) is not int or value < 1:
            raise NotCertain(f"{seen(node)} is not a valid number for the {what}", node)
        return value

    def _workers(self, node: ast.expr | None) -> int:
        if node is None:
            return 0
        for inner in ast.walk(node):
            if isinstance(inner, ast.Call) and self._names.path(inner.func) in _CORES:
                if inner is not node:
                    said = f"{seen(node)} is taken as one worker for each core."
                    self.notes.append(Note("run.workers", said, node.lineno))
                return 0
        return self._whole(node, "workers")

    def _start_method(self) -> str:
        for step in self._way.steps:
            match step:
                case ast.Expr(value=ast.Call(func=func, args=[method, *_])) if (
                    self._names.path(func) == "multiprocessing.set_start_method"
                ):
                    return str(self.certain.value(method))
                case _:
                    pass
        return ""
