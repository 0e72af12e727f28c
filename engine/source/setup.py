"""The set-up of a job from the initializer of a script's pool, if it is certain what that is called with."""

from __future__ import annotations

from engine.job.model import Function, Parameter
from engine.job.text import literal
from engine.source.fields import Notes
from engine.source.library import Site
from engine.source.values import Defined, Known, Value, elements
from engine.syntax.functions import FunctionInfo, Names


class _Unsure(Exception):
    """It cannot be taken over; the text says why."""


def read_setup(
    site: Site, function: Function, defined: Names, notes: Notes
) -> tuple[str, dict[str, Parameter]]:
    """The name of the initializer, and what its parameters get; none with a note if that is not certain."""
    if site.workers is None:
        return "", {}
    made, place = site.workers.call, 2 if site.workers.kind.endswith("executor") else 1
    start = made.get(place, "initializer")
    if start in (None, Known(None)):
        return "", {}
    try:
        info = _initializer(start, function, defined)
        return info.name, _values(info, made.get(place + 1, "initargs") or Known(()))
    except _Unsure as unsure:
        what = notes.seen(made.node_of(place, "initializer") or made.node)
        reason = f"The initializer {what} is not taken over, since {unsure}: name a function as the set-up."
        notes.add("function.setup", reason, made.node)
        return "", {}


def _initializer(start: Value | None, function: Function, defined: Names) -> FunctionInfo:
    if not isinstance(start, Defined) or start.where != "top":
        raise _Unsure("it is no function at the top level of the script")
    if not function.file:
        raise _Unsure("the function is in another module")
    infos = {info.name: info for info in defined.functions}
    if start.name not in infos:
        raise _Unsure("it is no plain function")
    target = infos.get(function.name)
    if target is not None and any(param.name == start.name for param in target.params):
        raise _Unsure(f"{target.name} has a parameter of that name, to which a set-up's result goes")
    return infos[start.name]


def _values(info: FunctionInfo, given: Value) -> dict[str, Parameter]:
    args = elements(given)
    if args is None:
        raise _Unsure("its arguments are known when the script runs")
    try:
        literal(list(args))
    except ValueError as error:
        raise _Unsure(f"its arguments cannot be typed as they are ({error})") from None
    if any(param.kind == "positional-only" for param in info.params):
        raise _Unsure("it has parameters that cannot be passed by name")
    names = [param.name for param in info.params if param.kind == "positional"]
    if len(args) > len(names):
        raise _Unsure("it takes any number of arguments" if info.params else "it takes no arguments")
    found = dict(zip(names, args, strict=False))
    for param in info.params:
        if param.default is None and not param.kind.startswith("var-") and param.name not in found:
            raise _Unsure(f"it is given nothing for {param.name}")
    return {name: Parameter(None, value) for name, value in found.items()}
