"""What a script passes to its single pool call: the function, and the inputs as a job has them."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from engine.job.model import Function, Inputs
from engine.job.text import literal
from engine.source.certain import Certain, Local, spread
from engine.source.line import Loop
from engine.source.names import Names
from engine.source.notes import NotCertain, seen
from engine.source.pools import EXECUTOR, MAPS, POOL, PROCESS, Work
from engine.syntax import parse, read_source
from engine.syntax.functions import is_certain

_MAP = ("func", "iterable", "chunksize")
_APPLY = ("func", "args")
_PROCESS = ("group", "target", "name", "args")
"""The parameters of what is called."""


def arguments_of(call: ast.Call, order: tuple[str, ...]) -> dict[str, ast.expr]:
    """The arguments of a call, by parameter. Raises `NotCertain` for any that are not in `order`."""
    require_plain(call, order)
    if len(call.args) > len(order):
        raise NotCertain(f"A job has nothing for {seen(call.args[len(order)])}", call.args[len(order)])
    given = dict(zip(order, call.args, strict=False))
    return given | {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}


def require_plain(call: ast.Call, accepted: tuple[str, ...]) -> None:
    """Raise `NotCertain` for arguments that are not spelled out, or have other names."""
    for arg in call.args:
        if isinstance(arg, ast.Starred):
            raise NotCertain(f"What {seen(arg)} gives is not certain", arg)
    for keyword in call.keywords:
        if keyword.arg not in accepted:
            what = f"{keyword.arg}={seen(keyword.value)}" if keyword.arg else f"**{seen(keyword.value)}"
            raise NotCertain(f"A job has nothing for {what}", keyword.value)


def function_of(work: Work, names: Names, folder: Path, file: str) -> Function:
    """The function that the tasks call. `folder` has the script, `file` is its path as the job has it."""
    place, name = {POOL: (0, "func"), EXECUTOR: (0, "fn"), PROCESS: (1, "target")}[work.use.kind]
    named = [keyword.value for keyword in work.call.keywords if keyword.arg == name]
    target = (named or work.call.args[place : place + 1] or [None])[0]
    if target is None:
        raise NotCertain(f"{seen(work.call)} names no function", work.call)
    if path := names.path(target):
        return _imported(path, target, names, folder, file)
    return Function(file=file, name=names.function(target, "The function of the tasks").name)


def _imported(path: str, node: ast.expr, names: Names, folder: Path, file: str) -> Function:
    """A builtin, or a function of another module, be it installed or beside the script."""
    modules = [module for module in ("builtins", *names.modules) if path.startswith(f"{module}.")]
    module = max(modules, key=len, default="")
    name = path.removeprefix(f"{module}.")
    beside = folder / f"{module}.py"
    if not module or (folder / module.split(".")[0]).is_dir():
        raise NotCertain(f"Where {seen(node)} comes from is not certain", node)
    if not beside.is_file():
        return Function(import_path=f"{module}:{name}")
    if not is_certain(parse(read_source(beside)), name):
        raise NotCertain(f"{name} is not a plain function of {beside.name}", node)
    return Function(file=str(Path(file).with_name(beside.name)), name=name)


class Handed:
    """Reads the inputs. `loop` makes the call, if it is made more than once."""

    def __init__(self, work: Work, loop: Loop | None, certain: Certain) -> None:
        self._work, self._loop, self._certain = work, loop, certain

    def inputs(self) -> Inputs:
        """The inputs. Raises `NotCertain`."""
        call, kind, name = self._work.call, self._work.use.kind, self._work.name
        if name not in MAPS.get(kind, ()):
            return self._single_calls(self._parts())
        if kind == EXECUTOR:
            require_plain(call, ("chunksize",))
            columns = call.args[1:]
        else:
            columns = [value for key, value in arguments_of(call, _MAP).items() if key == "iterable"]
        if not columns:
            raise NotCertain(f"{seen(call)} has no inputs", call)
        if len(columns) > 1:
            return self._listed([*zip(*map(self._certain.items, columns), strict=False)], "args")
        numbers, is_star = self._certain.range_of(columns[0]), name.startswith("starmap")
        if numbers is not None and not is_star:
            return Inputs("range", start=numbers.start, stop=numbers.stop, step=numbers.step)
        items = self._certain.items(columns[0])
        if is_star and not all(isinstance(item, (tuple, list)) for item in items):
            raise NotCertain(f"Not all that {seen(columns[0])} gives are arguments of a call", columns[0])
        return self._listed(items, "args" if is_star else "")

    def _parts(self) -> list[ast.expr]:
        """The arguments of the tasks, as the script has them."""
        call, kind = self._work.call, self._work.use.kind
        if kind == EXECUTOR:
            require_plain(call, ())
            return call.args[1:]
        given = arguments_of(call, _PROCESS if kind == PROCESS else _APPLY)
        match given.get("args"):
            case None:
                return []
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return parts
            case args:
                raise NotCertain(f"What {seen(args)} holds is not certain", args)

    def _single_calls(self, positional: list[ast.expr]) -> Inputs:
        """The inputs of calls that submit one task each."""
        if self._loop is None and not positional:
            return Inputs()
        is_single = len(positional) == 1 and not (self._loop is None and self._work.use.kind == PROCESS)
        turns: list[Local] = [{}]
        if self._loop is not None:
            part = self._loop if isinstance(self._loop, ast.For) else self._loop.generators[0]
            numbers = self._certain.range_of(part.iter)
            if numbers is not None and is_single and seen(positional[0]) == seen(part.target):
                return Inputs("range", start=numbers.start, stop=numbers.stop, step=numbers.step)
            turns = [spread(part.target, item) for item in self._certain.items(part.iter)]
        value = self._certain.value
        if is_single:
            return self._listed([value(positional[0], turn) for turn in turns], "")
        return self._listed([tuple(value(node, turn) for node in positional) for turn in turns], "args")

    def _listed(self, items: list[Any], call: str) -> Inputs:
        try:
            literal(items)
        except ValueError as error:
            raise NotCertain(f"The inputs cannot be written into a job: {error}", self._work.call) from None
        return Inputs("list", values=tuple(items), call=call)
