"""The call of the job's function in a script, written and read."""

from __future__ import annotations

import ast

from engine.job.model import Inputs, Job, Parameter
from engine.source.code.function import CannotWrite, Origin
from engine.source.code.values import evaluated, expression, text

WHOLE = Parameter(input="")
READY = "ready"
"""The name of the set-up's result in a script."""


def call_source(job: Job, found: Origin, passed: str = "") -> str:
    """The call for the input `item`; `passed` is the parameter that gets the set-up's result, if any.

    ValueError, CannotWrite.
    """
    parameters = job.parameters
    for name in parameters:
        if name in found.unnamed:
            raise CannotWrite(
                f"parameters.{name}", f"{name} cannot be passed by name: leave it to the input."
            )
    from_input = any(source.input is not None for source in parameters.values())
    if from_input and job.inputs.kind == "none":
        raise CannotWrite("inputs.kind", "There is no input to take arguments from: choose inputs.")
    by_value = _has_names(job.inputs)
    given = {name: argument(source, found, by_value) for name, source in parameters.items()}
    if passed:
        given[passed] = READY
    if from_input or job.inputs.kind == "none":
        arguments = [f"{name}={value}" for name, value in given.items()]
    elif job.inputs.called == "kwargs" and given:
        pairs = ", ".join(f"{text(name)}: {value}" for name, value in given.items())
        arguments = [f"**{{**item, {pairs}}}"]
    else:
        stars = {"args": "*", "kwargs": "**"}.get(job.inputs.called, "")
        arguments = [f"{stars}item", *(f"{name}={value}" for name, value in given.items())]
    made = f"{found.callee}({', '.join(arguments)})"
    return f"asyncio.run({made})" if found.is_async else made


def _has_names(inputs: Inputs) -> bool:
    """Whether an input is a dict, as far as that is known."""
    if inputs.kind == "list":
        return bool(inputs.values) and isinstance(inputs.values[0], dict)
    if inputs.kind == "csv" and not inputs.header:
        return False
    return inputs.kind in ("csv", "grid", "parquet") and inputs.called != "args"


def argument(source: Parameter, found: Origin, by_value: bool = False) -> str:
    """An argument as an expression. ValueError, CannotWrite."""
    key = source.input
    if key == "":
        return "item"
    if isinstance(key, int) and by_value:
        return f"list(item.values())[{key}]"
    if key is not None:
        return f"item[{expression(key)}]"
    if source.form == "path":
        return f"pathlib.Path({expression(source.value)}).expanduser()"
    return found.beside(source.value) if source.form == "enum" else expression(source.value)


def read_arguments(call: ast.Call, beside: str) -> tuple[str, bool, dict[str, Parameter]]:
    """How `call` gets the input (as in a job), whether it gets it at all, and its parameters.

    `beside` is the prefix for names that are defined beside the function.
    """
    parameters: dict[str, Parameter] = {}
    given = ""
    for argument in call.args:
        given = "args" if isinstance(argument, ast.Starred) else "one"
    for keyword in call.keywords:
        if keyword.arg is not None:
            _read(keyword.arg, keyword.value, beside, parameters)
            continue
        given = "kwargs"
        if isinstance(keyword.value, ast.Dict):
            for key, value in zip(keyword.value.keys, keyword.value.values, strict=True):
                if key is not None:
                    _read(str(evaluated(key)), value, beside, parameters)
    return given, bool(given) or any(p.input is not None for p in parameters.values()), parameters


def _read(name: str, node: ast.expr, beside: str, parameters: dict[str, Parameter]) -> None:
    if not (isinstance(node, ast.Name) and node.id == READY):
        parameters[name] = parameter(node, beside)


def parameter(node: ast.expr, beside: str) -> Parameter:
    """The job's form of an argument."""
    match node:
        case ast.Name(id="item"):
            return WHOLE
        case ast.Subscript(value=ast.Name(id="item") | ast.Call(func=ast.Name(id="list")), slice=key):
            return Parameter(input=evaluated(key))
        case ast.Call(func=ast.Attribute(value=ast.Call(args=[value]), attr="expanduser")):
            return Parameter(value=evaluated(value), form="path")
        case ast.Attribute():
            return Parameter(value=ast.unparse(node).removeprefix(beside), form="enum")
        case _:
            return Parameter(value=evaluated(node))
