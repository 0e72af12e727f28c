"""The set-up of a job in a script, written and read: what each process does before its first input."""

from __future__ import annotations

import ast
from typing import NamedTuple

from engine.job.model import Job, Parameter
from engine.source.code.call import READY, argument, parameter
from engine.source.code.function import CannotWrite, Origin

KEY = "function.setup"


class SetUp(NamedTuple):
    """How a process begins in the script."""

    begin: str
    """The function that does it."""
    function: str = ""
    """Its source, if the script defines one."""
    passed: str = ""
    """The parameter of the job's function that gets the set-up's result."""


def set_up_source(job: Job, found: Origin) -> SetUp:
    """The function `set_up`. ValueError, CannotWrite."""
    name = job.function.setup
    if not name:
        return SetUp("set_up_logging")
    if found.known is None:
        raise CannotWrite(KEY, "A script with a set-up needs a function from a file: choose File or Source.")
    infos = {info.name: info for info in found.known.functions}
    if name in infos and infos[name].is_async:
        reason = (
            "An async set-up shares its event loop with the function, which a script cannot do: remove it."
        )
        raise CannotWrite(KEY, reason)
    own = name.rpartition(".")[2]
    target = infos.get(job.function.name)
    takes = target is not None and any(
        param.name == own and param.kind in ("positional", "keyword-only") for param in target.params
    )
    passed = own if takes and own not in job.parameters else ""
    arguments = ", ".join(f"{key}={argument(value, found)}" for key, value in job.setup.items())
    call = f"{found.beside(name)}({arguments})"
    kept = f"    {READY} = {call}\n" if passed else f"    {call}\n"
    shared = f"    global {READY}\n" if passed else ""
    said = '"""What comes before the first input."""'
    function = f"\ndef set_up():\n    {said}\n{shared}    set_up_logging()\n{kept}"
    return SetUp("set_up", function, passed)


def read_set_up(node: ast.FunctionDef | None, beside: str) -> tuple[str, dict[str, Parameter]]:
    """The name of the set-up in the script's function `set_up`, and its arguments. ValueError."""
    match node.body[-1] if node else None:
        case ast.Assign(value=ast.Call() as call) | ast.Expr(value=ast.Call() as call):
            values = {key.arg: parameter(key.value, beside) for key in call.keywords if key.arg}
            return ast.unparse(call.func).removeprefix(beside), values
        case _:
            return "", {}
