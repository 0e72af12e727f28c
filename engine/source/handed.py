"""What a script passes to its single pool call: the function, and the inputs as a job has them."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any, cast

from engine.job.model import Function, Inputs
from engine.job.text import literal
from engine.source.certain import Certain, spread
from engine.source.harmless import Harmless
from engine.source.names import Names
from engine.source.notes import NotCertain, seen
from engine.source.pools import CALLS, EXECUTOR, MAPS, POOL, PROCESS, Work
from engine.source.way import Turns, Way
from engine.syntax import parse, read_source
from engine.syntax.functions import FunctionNode, is_certain

Given = tuple[list[Any], dict[str, Any]]
"""The positional and named arguments of a call."""
LOOKING = frozenset({"os.listdir", "os.walk", "os.scandir", "glob.glob", "glob.iglob"})
"""Functions that read files and change none,"""
LOCAL = frozenset(
    {
        "append",
        "extend",
        "startswith",
        "endswith",
        "split",
        "strip",
        "lower",
        "upper",
        "format",
        "join",
        "add",
    }
)
"""and methods of texts and lists."""


class Handed:
    """Reads the arguments of the pool call. `folder` has the script, `file` is its path as the job has it."""

    def __init__(self, work: Work, way: Way, names: Names, certain: Certain, folder: Path, file: str) -> None:
        self._work = work
        self._way = way
        self._names = names
        self._certain = certain
        self._folder = folder
        self._file = file
        self._harmless = Harmless(names)

    # The function

    def function(self) -> Function:
        """The function that the tasks call. Raises `NotCertain`."""
        name = {POOL: "func", EXECUTOR: "fn", PROCESS: "target"}[self._work.use.kind]
        target = self._argument(1 if self._work.use.kind == PROCESS else 0, name)
        if target is None:
            raise NotCertain(f"{seen(self._work.call)} names no function", self._work.call)
        if path := self._names.path(target):
            return self._imported(path, target)
        found = self._names.function(target, "The function of the tasks")
        if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in ast.walk(found)):
            raise NotCertain(f"{found.name} is a generator, which a process cannot send back", found)
        return Function(file=self._file, name=found.name)

    def _imported(self, path: str, node: ast.expr) -> Function:
        if path.startswith("builtins."):
            return Function(import_path=path.replace(".", ":", 1))
        if path.startswith("."):
            raise NotCertain(f"{seen(node)} is imported from the package around the script", node)
        fits = [module for module in self._names.modules if path.startswith(module + ".")]
        parts = path.split(".")
        count = max(module.count(".") + 1 for module in fits) if fits else self._module_parts(node)
        module, name = ".".join(parts[:count]), ".".join(parts[count:])
        beside = self._folder.joinpath(*parts[:count]).with_suffix(".py")
        if not beside.is_file():
            if (self._folder / parts[0]).is_dir():
                raise NotCertain(f"Where {seen(node)} comes from is not certain", node)
            return Function(import_path=f"{module}:{name}")
        if not is_certain(parse(read_source(beside)), name):
            raise NotCertain(f"{name} is not a plain function of {beside.name}", node)
        if count > 1:
            return Function(import_path=f"{module}:{name}")
        return Function(file=str(Path(self._file).with_name(beside.name)), name=name)

    def _module_parts(self, node: ast.expr) -> int:
        """How many parts of its path are the module that the name at its head was imported from."""
        while isinstance(node, ast.Attribute):
            node = node.value
        alias = self._names.binding(node) if isinstance(node, ast.Name) else None
        line = self._names.parents[alias] if alias is not None else None
        if not isinstance(line, ast.ImportFrom) or not line.module:
            raise NotCertain(f"Where {seen(node)} comes from is not certain", node)
        return line.module.count(".") + 1

    def initializer(self, node: ast.expr, given: ast.expr | None) -> tuple[str, dict[str, Any]]:
        """The set-up: its name, and its arguments by the names of its parameters."""
        found = self._names.function(node, "The initializer")
        args = [] if given is None else self._certain.items(self._certain.value(given), given)
        params = [*found.args.posonlyargs, *found.args.args]
        target = self._argument(0, "fn" if self._work.use.kind == EXECUTOR else "func")
        if isinstance(target, ast.Name) and not self._names.path(target):
            called = self._names.function(target, "The function of the tasks")
            if found.name in {arg.arg for arg in ast.walk(called.args) if isinstance(arg, ast.arg)}:
                raise NotCertain(
                    f"{called.name} has a parameter called {found.name}, like the initializer", node
                )
        if len(args) > len(params) or found.args.vararg or found.args.kwonlyargs:
            raise NotCertain(f"What {found.name} gets is not certain", node)
        return found.name, {param.arg: value for param, value in zip(params, args, strict=False)}

    # The inputs

    def inputs(self) -> Inputs:
        """The inputs. Raises `NotCertain`."""
        kind, name = self._work.use.kind, self._work.name
        if name in MAPS.get(kind, ()) and self._way.turns is not None:
            what = f"{seen(self._work.call)} is in a loop"
            raise NotCertain(f"{what}, and a job makes one such call", self._work.call)
        if kind == PROCESS or name in CALLS[kind]:
            return self._single_calls()
        assert name in MAPS[kind]
        if kind == EXECUTOR:
            self._only_keywords("fn", "chunksize")
            columns = self._work.call.args[1:]
            if len(columns) == 1:
                return self._mapped(columns[0], "")
            values = [self._certain.items(self._certain.value(column), column) for column in columns]
            return self._listed([*zip(*values, strict=False)], "args")
        self._only_keywords("func", "iterable", "chunksize")
        over = self._argument(1, "iterable")
        if over is None:
            raise NotCertain(f"{seen(self._work.call)} has no inputs", self._work.call)
        return self._mapped(over, "args" if name.startswith("starmap") else "")

    def _only_keywords(self, *accepted: str) -> None:
        for keyword in self._work.call.keywords:
            if keyword.arg not in accepted:
                what = f"{keyword.arg}={seen(keyword.value)}" if keyword.arg else f"**{seen(keyword.value)}"
                raise NotCertain(f"A job has nothing for {what}", keyword.value)
        for arg in self._work.call.args:
            if isinstance(arg, ast.Starred):
                raise NotCertain(f"What {seen(arg)} gives is not certain", arg)

    def _argument(self, place: int, name: str) -> ast.expr | None:
        call = self._work.call
        found = [keyword.value for keyword in call.keywords if keyword.arg == name]
        return found[0] if found else call.args[place] if place < len(call.args) else None

    def _mapped(self, over: ast.expr, call: str) -> Inputs:
        if generator := self._generator(over):
            return Inputs("generator", generator=generator.name, call=call)
        match over:
            case ast.Call(func=func, args=[inner], keywords=[]) if self._names.is_builtin(func) in (
                "list",
                "tuple",
            ):
                over = inner
            case _:
                pass
        value = self._certain.value(over)
        if call and not all(isinstance(item, (tuple, list)) for item in self._certain.items(value, over)):
            raise NotCertain(f"Not all that {seen(over)} gives are arguments of a call", over)
        if isinstance(value, range):
            return Inputs("range", start=int(value.start), stop=int(value.stop), step=int(value.step))
        return self._listed(self._certain.items(value, over), call)

    def _generator(self, node: ast.expr) -> FunctionNode | None:
        """The script's own function that yields the inputs, if it needs no arguments and nothing of main."""
        if (
            not isinstance(node, ast.Call)
            or node.args
            or node.keywords
            or not isinstance(node.func, ast.Name)
        ):
            return None
        if self._names.path(node.func) or self._names.binding(node.func) is None:
            return None
        found = self._names.function(node.func, "The function of the inputs")
        if len(self._names.loads[found.name]) > 1:
            raise NotCertain(f"{found.name} is called more than once", node)
        yields = any(isinstance(inner, ast.Yield | ast.YieldFrom) for inner in ast.walk(found))
        for inner in ast.walk(found):
            if yields and _changes(inner):  # it may change earlier arguments
                raise NotCertain(f"{found.name} changes what it gives while it goes on", inner)
            match inner:
                case ast.Global() | ast.Nonlocal():
                    raise NotCertain(f"{found.name} changes what the tasks may see", inner)
                case ast.Call() if not self._only_looks(inner):
                    raise NotCertain(f"What {seen(inner)} does may matter to the tasks", inner)
                case ast.Name(id=name) if self._names.scope_of(name, inner) is self._names.tree:
                    bound = self._names.bound[self._names.tree][name]
                    if not all(isinstance(at, ast.alias) or _is_constant(at, self._names) for at in bound):
                        raise NotCertain(f"{found.name} uses {name}, which may change", inner)
                case _:
                    pass
        if found.args.args or found.args.posonlyargs or found.args.kwonlyargs:
            raise NotCertain(f"What {found.name} is called with is not certain", node)
        return found

    def _only_looks(self, call: ast.Call) -> bool:
        """Whether a call in the function of the inputs changes nothing outside it."""
        if self._names.path(call.func) in LOOKING or self._harmless.expression(call, apart=False):
            return True
        return isinstance(call.func, ast.Attribute) and call.func.attr in LOCAL

    def _single_calls(self) -> Inputs:
        kind, turns = self._work.use.kind, self._way.turns
        if kind == PROCESS:
            self._only_keywords("group", "target", "name", "args", "kwargs")
        elif kind == POOL:
            self._only_keywords("func", "args", "kwds")
        elif any(keyword.arg in (None, "fn") for keyword in self._work.call.keywords):
            self._only_keywords()
        if turns is None:
            return self._called([self._given({})])
        target, over = _loop(turns)
        if isinstance(turns, ast.For):
            self._check_turn(turns)
        values = self._certain.value(over)
        if isinstance(values, range) and isinstance(target, ast.Name) and self._is_alone(target.id):
            return Inputs("range", start=values.start, stop=values.stop, step=values.step)
        return self._called([self._given(spread(target, item)) for item in self._certain.items(values, over)])

    def _is_alone(self, name: str) -> bool:
        """Whether a variable is the only argument of a call."""
        match self._texts():
            case [ast.Name(id=given)], {**named}:
                return given == name and not named
            case _:
                return False

    def _texts(self) -> tuple[list[ast.expr], dict[str, ast.expr]]:
        """The arguments of a call, as the script has them."""
        call = self._work.call
        if self._work.use.kind == EXECUTOR:
            named = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
            return call.args[1:], named
        at, name = (3, "kwargs") if self._work.use.kind == PROCESS else (2, "kwds")
        args, kwargs = self._argument(at if at == 3 else 1, "args"), self._argument(4 if at == 3 else 2, name)
        match args:
            case None:
                positional: list[ast.expr] = []
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                positional = parts
            case _:
                raise NotCertain(f"What {seen(args)} holds is not certain", args)
        match kwargs:
            case None:
                return positional, {}
            case ast.Dict(keys=keys, values=values) if all(map(_is_text, keys)):
                texts = [str(cast("ast.Constant", key).value) for key in keys]
                return positional, dict(zip(texts, values, strict=True))
            case _:
                raise NotCertain(f"What {seen(kwargs)} holds is not certain", kwargs)

    def _given(self, local: dict[str, Any]) -> Given:
        positional, named = self._texts()
        return (
            [self._certain.value(node, local) for node in positional],
            {name: self._certain.value(node, local) for name, node in named.items()},
        )

    def _check_turn(self, turns: ast.For) -> None:
        """Check that a loop does nothing but submit its task."""
        for node in turns.body:
            made = self._work.call in ast.walk(node)
            match node:
                case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner, attr="append"), args=[given])):
                    if isinstance(owner, ast.Name) and (made or isinstance(given, ast.Name)):
                        continue
                case ast.Expr(
                    value=ast.Call(func=ast.Attribute(value=ast.Name(), attr="start" | "join"), args=[])
                ):
                    continue
                case ast.Expr() | ast.Assign(targets=[ast.Name()]) if made:
                    continue
                case _:
                    pass
            raise NotCertain(f"What {seen(node)} does in each turn may matter to the tasks", node)

    def _called(self, calls: list[Given]) -> Inputs:
        if any(named for _, named in calls):
            if any(positional for positional, _ in calls):
                what = f"{seen(self._work.call)} gives arguments by position and by name"
                raise NotCertain(f"{what}, and an input of a job only by one of both", self._work.call)
            return self._listed([named for _, named in calls], "kwargs")
        once = self._way.turns is None
        if once and not calls[0][0]:
            return Inputs()
        if all(len(positional) == 1 for positional, _ in calls) and not (
            once and self._work.use.kind == PROCESS
        ):
            return self._listed([positional[0] for positional, _ in calls], "")
        return self._listed([tuple(positional) for positional, _ in calls], "args")

    def _listed(self, items: list[Any], call: str) -> Inputs:
        try:
            literal(items)
        except ValueError as error:
            raise NotCertain(f"The inputs cannot be written into a job: {error}", self._work.call) from None
        return Inputs("list", values=tuple(items), call=call)


def _changes(node: ast.AST) -> bool:
    """Whether a value may be changed here."""
    match node:
        case ast.AugAssign() | ast.Delete():
            return True
        case ast.Subscript(ctx=ast.Store()) | ast.Attribute(ctx=ast.Store()):
            return True
        case ast.Call(func=ast.Attribute(attr="append" | "extend" | "add")):
            return True
        case _:
            return False


def _is_text(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _loop(turns: Turns) -> tuple[ast.expr, ast.expr]:
    if isinstance(turns, ast.For):
        return turns.target, turns.iter
    part = turns.generators[0]
    return part.target, part.iter


def _is_constant(node: ast.AST, names: Names) -> bool:
    """Whether a name at the top level is bound to something immutable."""
    parent = names.parents[node]
    match node, parent:
        case ast.FunctionDef(), _:
            return False
        case _, ast.Assign(value=ast.Constant()):
            return True
        case _:
            return False
