"""Checks the set-up of a job: the function exists, and gets all that it needs."""

from __future__ import annotations

from collections.abc import Iterator

from engine.check.parameters import PLACED, chosen_function, known_names
from engine.job import parameters
from engine.job.model import Job, Problem
from engine.job.schema import nearest, show
from engine.syntax.functions import FunctionInfo

KEY = "function.setup"


def check_setup(job: Job) -> Iterator[Problem]:
    """The problems of `[function] setup` and of [setup]."""
    name = job.function.setup
    if not name:
        if job.setup:
            message = "[setup] has values, but no set-up is named: name the function in [function],"
            yield Problem("setup", f'{message} such as setup = "load_model", or remove [setup].')
        return
    yield from _values(job)
    known = known_names(job)
    if known is None or known[0].open:
        return
    functions = {info.name: info for info in known[0].functions}
    if not known[0].may_have(name):
        message = f"There is no function {show(name)} beside the job's: define one that each worker calls."
        yield Problem(KEY, message + nearest(name, list(functions)))
        return
    if name in functions:
        yield from _call(job, functions[name])
    info = chosen_function(job, known)
    if info is not None:
        yield from _in_the_way(job, info)


def _values(job: Job) -> Iterator[Problem]:
    for name, source in job.setup.items():
        if source.input is not None:
            message = "A set-up is called before there is any input: write { value = 1 }, for example."
            yield Problem(f"setup.{name}", message)
        elif fault := parameters.fault(name, source):
            yield Problem(f"setup.{name}", fault)


def _call(job: Job, info: FunctionInfo) -> Iterator[Problem]:
    """Check that the values of [setup] fit the function."""
    known = [param.name for param in info.params]
    takes_any = any(param.kind == "var-keyword" for param in info.params)
    for name in job.setup:
        if name not in known and not takes_any:
            listed = ", ".join(known) or "none"
            message = f"{info.name} has no parameter {show(name)}; it has: {listed}.{nearest(name, known)}"
            yield Problem(f"setup.{name}", message)
    for param in info.params:
        required = param.default is None and not param.kind.startswith("var-")
        if required and param.name not in job.setup:
            yield Problem(KEY, f"{info.name} needs {param.name}: give it a fixed value in [setup].")


def _in_the_way(job: Job, info: FunctionInfo) -> Iterator[Problem]:
    """Whether an input would go to the parameter that is for the set-up's result."""
    by_name = job.inputs.called == "kwargs" or any(s.input is not None for s in job.parameters.values())
    if by_name or job.inputs.kind == "none" or job.function.filled in job.parameters:
        return
    places = [param.name for param in info.params if param.kind in PLACED]
    if places and places[0] == job.function.filled:
        message = f"The input goes to the first parameter of {info.name}, which is {places[0]}"
        yield Problem(KEY, f"{message}: put {places[0]} after the others.")
