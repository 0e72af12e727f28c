"""The tables [parameters] and [setup] of a job file: where each argument of a call comes from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from engine.job.model import Parameter, Problem
from engine.job.schema import nearest, show
from engine.job.text import LiteralError, literal, parse_value

FORMS = ("path", "enum", "python")
"""What `as` accepts: a path, the dotted name of an enum member, the text of a Python literal."""
SHAPE = 'write { input = "column" } or { value = 1 }'


def read(section: str, table: dict[str, Any], problems: list[Problem]) -> dict[str, Parameter]:
    """The parameters in a table of a job file; problems are added to `problems`."""
    found: dict[str, Parameter] = {}
    for name, given in table.items():
        fault = "" if name.isidentifier() else f"{show(name)} is not a parameter name."
        fault = fault or _shape_fault(given)
        if fault:
            problems.append(Problem(f"{section}.{name}", fault))
        elif "input" in given:
            found[name] = Parameter(input=given["input"])
        elif given.get("as") == "python":
            found[name] = Parameter(value=parse_value(given["value"]))
        else:
            found[name] = Parameter(value=given["value"], form=given.get("as", ""))
    return found


def write(source: Parameter, plain: Callable[[Any], str], fits: Callable[[object], bool]) -> str:
    """The job file's text for a parameter; ValueError if it cannot be written.

    `plain` writes a value as TOML, and `fits` says whether it can be read back unchanged.
    """
    table: dict[str, Any]
    if source.input is not None:
        table = {"input": source.input}
    elif source.form:
        table = {"value": source.value, "as": source.form}
    elif fits(source.value):
        table = {"value": source.value}
    else:
        table = {"value": literal(source.value), "as": "python"}
    return plain(table)


def fault(name: str, source: Parameter) -> str:
    """What is wrong with a parameter of a job, or an empty text."""
    if not name.isidentifier():
        return f"{show(name)} is not a parameter name."
    table = source.told()
    if not source.form:
        table.pop("as", None)
    return _shape_fault(table)


def _shape_fault(given: object) -> str:
    if not isinstance(given, dict):
        return f"{show(given)} is not accepted: {SHAPE}."
    table = cast("dict[str, Any]", given)
    unknown = [key for key in table if key not in ("input", "value", "as")]
    if unknown:
        return f"Unknown key {show(unknown[0])}: {SHAPE}.{nearest(unknown[0], ['input', 'value', 'as'])}"
    if ("input" in table) == ("value" in table):
        return f"Exactly one of input and value is needed: {SHAPE}."
    if "input" in table:
        if "as" in table:
            return "as goes with a fixed value, not with input: remove it."
        key = table["input"]
        if type(key) not in (str, int) or (type(key) is int and key < 0):
            accepted = "give a column, a key, a position from 0, or all of it"
            return f"{show(key)} is not a part of an input: {accepted}."
        return ""
    return _value_fault(table["value"], table.get("as"))


def _value_fault(value: object, form: object) -> str:
    if form is None:
        return ""
    if form not in FORMS:
        meant = nearest(form, FORMS) if isinstance(form, str) else ""
        return f"as = {show(form)} is not accepted; accepted: {', '.join(FORMS)}.{meant}"
    if not isinstance(value, str):
        return f'as = "{form}" needs a text, but {show(value)} is none.'
    if form == "enum" and not all(part.isidentifier() for part in value.split(".")):
        return f"{show(value)} is not a member of an enum: give one such as Color.RED."
    if form == "path" and "\0" in value:
        return f"{show(value)} is not a path."
    if form == "python":
        try:
            parse_value(value)
        except LiteralError as error:
            return f"{show(value)} is not a Python value: {error}."
    return ""
