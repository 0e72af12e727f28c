"""Checks whether the calls of a job fit its function, as far as the source shows."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from engine.check.inputs import columns, fits
from engine.job import parameters
from engine.job.model import Job, Problem
from engine.job.schema import nearest, show
from engine.syntax import parse, read_source
from engine.syntax.functions import FunctionInfo, FunctionNode, Names, Param, is_certain, last_defined, names

ADVICE = "Choose what each parameter gets, under Parameters in the form or [parameters] in the job file."
PLACED = ("positional-only", "positional")
"""Kinds of parameters that can be passed by position."""
NAMED = ("positional", "keyword-only")
"""Kinds of parameters that can be passed by name."""


def check_parameters(job: Job) -> Iterator[Problem]:
    """The problems of [parameters] and of the resulting call."""
    faults = [(name, parameters.fault(name, source)) for name, source in job.parameters.items()]
    yield from (Problem(f"parameters.{name}", fault) for name, fault in faults if fault)
    if any(fault for _, fault in faults):
        return
    known = known_names(job)
    info = known and chosen_function(job, known)
    if info is not None and job.function.filled not in job.parameters:
        info = replace(info, params=[param for param in info.params if param.name != job.function.filled])
    if known and job.inputs.kind == "generator" and job.inputs.generator:
        yield from _generator(job.inputs.generator, known)
    cells = columns(job)
    if cells is not None:
        yield from _parts(job, cells)
    if info is not None:
        yield from _unknown(job, info)
        if any(source.input is not None for source in job.parameters.values()):
            yield from _missing(list(job.parameters), info)
        elif cells is not None and job.inputs.called == "kwargs":
            yield from _named_cells(job, info, cells)
        else:
            if cells is not None and job.inputs.called == "args":
                yield from _counted_cells(info, cells)
            if known and is_certain(known[1], info.name):
                yield from _unfilled(job, info, cells)


def known_names(job: Job) -> tuple[Names, ast.Module] | None:
    """The names defined where the job's function is, with that text; None if they cannot be known."""
    function = job.function
    try:
        if function.file:
            tree = parse(read_source(job.resolve(function.file)))
        elif function.source:
            tree = parse(function.source)
        else:
            return None
    except (OSError, ValueError, SyntaxError):  # reported beside the function
        return None
    return names(tree), tree


def chosen_function(job: Job, known: tuple[Names, ast.Module]) -> FunctionInfo | None:
    """The job's function, if its source shows its parameters: decorators may change them."""
    found, tree = known
    name = job.function.name
    info = (
        next((info for info in found.functions if info.name == name), None)
        if name
        else last_defined(found.functions)
    )
    if info is None or found.open:
        return None
    if any(isinstance(node, FunctionNode) and node.name == info.name for node in tree.body):
        return info if is_certain(tree, info.name) else None
    decorated = {
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and {ast.unparse(mark) for mark in node.decorator_list} - {"staticmethod", "classmethod"}
    }
    return None if info.line in decorated else info


def _generator(name: str, known: tuple[Names, ast.Module]) -> Iterator[Problem]:
    found, _ = known
    if not found.may_have(name):
        meant = nearest(name, [info.name for info in found.functions])
        message = f"There is no function {show(name)} beside the job's: define one that yields the inputs."
        yield Problem("inputs.generator", message + meant)


def _parts(job: Job, cells: list[str]) -> Iterator[Problem]:
    """Check that the inputs have what the parameters ask for."""
    listed = ", ".join(cells[:20])
    for name, source in job.parameters.items():
        part = source.input
        if isinstance(part, str) and part and part not in cells:
            message = f"The inputs have no {show(part)}; they have: {listed}.{nearest(part, cells)}"
            yield Problem(f"parameters.{name}", message)
        elif isinstance(part, int) and part >= len(cells):
            message = f"The inputs have no position {part}: they have {len(cells)} parts, from position 0."
            yield Problem(f"parameters.{name}", message)


def _unknown(job: Job, info: FunctionInfo) -> Iterator[Problem]:
    by_name = any(source.input is not None for source in job.parameters.values())
    for name in job.parameters:
        param = next((param for param in info.params if param.name == name), None)
        if param is None or param.kind.startswith("var-"):
            if not _takes_any(info):
                message = f"{info.name} has no parameter {show(name)}; it has: {_listed(info)}."
                yield Problem(f"parameters.{name}", message + nearest(name, [p.name for p in info.params]))
        elif param.kind == "positional-only" and not by_name:
            message = f"{name} is positional-only: take it, and the others, from the input."
            yield Problem(f"parameters.{name}", message)


def _missing(given: list[str], info: FunctionInfo, key: str = "") -> Iterator[Problem]:
    for param in info.params:
        if _is_required(param) and param.name not in given:
            message = f"{info.name} needs {param.name}: take it from the input, or give it a fixed value."
            yield Problem(key or f"parameters.{param.name}", message)


def _named_cells(job: Job, info: FunctionInfo, cells: list[str]) -> Iterator[Problem]:
    """Check that cells passed by name fit the parameters."""
    taken = [param.name for param in info.params if param.kind in NAMED]
    surplus = [name for name in cells if name not in taken]
    if surplus and not _takes_any(info):
        message = f"The inputs have {show(surplus[0])}, and {info.name} has no such parameter. {ADVICE}"
        yield Problem("inputs.call", message)
    else:
        yield from _missing([*cells, *job.parameters], info, "inputs.call")


def _counted_cells(info: FunctionInfo, cells: list[str]) -> Iterator[Problem]:
    """Check that there are enough parameters for the cells."""
    places = [param for param in info.params if param.kind in PLACED]
    if len(cells) > len(places) and not any(param.kind == "var-positional" for param in info.params):
        message = f"The inputs have {len(cells)} parts, and {info.name} takes {len(places)}. {ADVICE}"
        yield Problem("inputs.call", message)


def _unfilled(job: Job, info: FunctionInfo, cells: list[str] | None) -> Iterator[Problem]:
    """Required parameters that get neither the input, however it is passed, nor a fixed value."""
    filled = _filled(job, cells)
    if filled is None:
        return
    places, names = filled
    advice = "choose inputs" if job.inputs.kind == "none" else "take it from the input"
    for param in info.params:
        if param.kind in PLACED and places:
            places -= 1
        elif _is_required(param) and param.name not in names and param.name not in job.parameters:
            message = f"{info.name} needs {param.name}: {advice}, or give it a fixed value."
            yield Problem(f"parameters.{param.name}", message)


def _filled(job: Job, cells: list[str] | None) -> tuple[int, set[str]] | None:
    """How many positions an input fills at most, and which names; None if only the run can tell.

    `cells` are those of an input, if they are known and passed by position.
    """
    inputs = job.inputs
    if inputs.kind == "none":
        return 0, set()
    if inputs.called == "one":
        return 1, set()
    if cells is not None:
        return len(cells), set()
    if (
        inputs.kind != "list"
        or not inputs.values
        or not all(fits(value, inputs.called) for value in inputs.values)
    ):
        return None
    if inputs.called == "args":
        return max(map(len, inputs.values)), set()
    return 0, {name for value in inputs.values for name in value}


def _is_required(param: Param) -> bool:
    return param.default is None and not param.kind.startswith("var-")


def _takes_any(info: FunctionInfo) -> bool:
    return any(param.kind == "var-keyword" for param in info.params)


def _listed(info: FunctionInfo) -> str:
    return ", ".join(param.name for param in info.params) or "none"
