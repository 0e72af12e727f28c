"""Where a script passes work to other processes or threads, and what it passes."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from engine.source.names import Names
from engine.source.notes import NotCertain, seen

POOL, EXECUTOR, PROCESS, OTHER = "pool", "executor", "process", "other"
MADE = {
    "multiprocessing.Pool": POOL, "multiprocessing.pool.Pool": POOL, "multiprocessing.pool.ThreadPool": POOL,
    "multiprocessing.dummy.Pool": POOL, "concurrent.futures.ProcessPoolExecutor": EXECUTOR,
    "concurrent.futures.process.ProcessPoolExecutor": EXECUTOR,
    "concurrent.futures.ThreadPoolExecutor": EXECUTOR,
    "concurrent.futures.thread.ThreadPoolExecutor": EXECUTOR, "multiprocessing.Process": PROCESS,
    "multiprocessing.context.Process": PROCESS, "joblib.Parallel": OTHER,
    "tqdm.contrib.concurrent.process_map": OTHER, "tqdm.contrib.concurrent.thread_map": OTHER,
}  # fmt: skip
MODULES = ("multiprocessing", "multiprocessing.pool", "concurrent.futures")
KIN = ("multiprocess.", "billiard.", "torch.multiprocessing.", "pathos.multiprocessing.")
"""Libraries with the same interface."""
THREADS = ("ThreadPool", "ThreadPoolExecutor", "dummy.Pool")
MAPS = {
    POOL: ("map", "starmap", "map_async", "starmap_async", "imap", "imap_unordered"),
    EXECUTOR: ("map",),
}
CALLS = {POOL: ("apply", "apply_async"), EXECUTOR: ("submit",)}
ENDS = {POOL: ("close", "join"), EXECUTOR: ("shutdown",)}


@dataclass(frozen=True)
class Use:
    """A place where a pool, an executor or a process is created or named."""

    node: ast.Name | ast.Attribute
    path: str
    method: str = ""
    """The start method of its context."""

    @property
    def kind(self) -> str:
        return MADE.get(self.path, OTHER)

    @property
    def is_threads(self) -> bool:
        return self.path.endswith(THREADS)


def uses(names: Names) -> list[Use]:
    """All places where a script names something that runs tasks, in the order of its text."""
    found: list[Use] = []
    for node in ast.walk(names.tree):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
            if isinstance(node, ast.Name) and len(paths := names.paths(node)) > 1 and paths & MADE.keys():
                found.append(Use(node, ""))  # it may be another library's
            method = context(node.value, names) if isinstance(node, ast.Attribute) else None
            path = names.path(node)
            if isinstance(node, ast.Attribute) and method is not None:
                path = f"multiprocessing.{node.attr}"
            is_kin = path.startswith(KIN) and f"multiprocessing.{path.rpartition('.')[2]}" in MADE
            if path in MADE or is_kin:
                found.append(Use(node, path, method or ""))
    return sorted(found, key=lambda use: (use.node.lineno, use.node.col_offset))


def context(node: ast.expr, names: Names) -> str | None:
    """The start method of a context that an expression means; None if it means none."""
    made = names.assigned(node)
    if not isinstance(made, ast.Call) or names.path(made.func) != "multiprocessing.get_context":
        return None
    match made.args, made.keywords:
        case [], []:
            return ""
        case [ast.Constant(value=str(method))], []:
            return method
        case _:
            raise NotCertain(f"The start method of {seen(made)} is not certain", node)


@dataclass(frozen=True)
class Work:
    """The call that submits the tasks, and where the pool is created."""

    use: Use
    made: ast.Call
    call: ast.Call
    """The same as `made` for a process."""
    name: str
    """The method that is called: map, submit and so on."""


def work_of(found: list[Use], names: Names) -> Work:
    """The single call. Raises `NotCertain` if there are several, or if it cannot be determined."""
    use, *others = found
    if others:
        raise _more(use.node, others[0].node)
    made = names.parents[use.node]
    if not isinstance(made, ast.Call) or made.func is not use.node:
        raise NotCertain(f"How {seen(use.node)} is used is not certain", use.node)
    if use.kind == OTHER:
        raise NotCertain(f"A job cannot be read from {seen(made)}", made)
    if use.kind == PROCESS:
        return Work(use, made, made, "start")
    parent = names.parents[made]
    match parent:
        case ast.Attribute() if isinstance(call := names.parents[parent], ast.Call):
            calls = [call]
        case ast.withitem(optional_vars=ast.Name() as pool) | ast.Assign(targets=[ast.Name() as pool]):
            calls = _calls(use, pool, names)
        case _:
            calls = []
    if not calls:
        raise NotCertain(f"What {seen(made)} is used for is not certain", made)
    if len(calls) > 1:
        raise _more(*calls[:2])
    name = calls[0].func.attr if isinstance(calls[0].func, ast.Attribute) else ""
    if name not in (*MAPS[use.kind], *CALLS[use.kind]):
        raise NotCertain(f"What .{name} of the pool does is not read", calls[0])
    return Work(use, made, calls[0], name)


def _more(one: ast.expr, other: ast.expr) -> NotCertain:
    both = f"{seen(one)} in line {one.lineno} and {seen(other)} in line {other.lineno}"
    return NotCertain(f"The script has {both}, and a job makes one call of one pool", other)


def _calls(use: Use, pool: ast.Name, names: Names) -> list[ast.Call]:
    """The calls of a pool's methods, except for those that wait for its end."""
    scope = names.scope_of(pool.id, pool)
    if scope is None or len(names.bound[scope][pool.id]) > 1 or pool.id in names.declared:
        raise NotCertain(f"{pool.id} is set in more than one place", pool)
    calls: list[ast.Call] = []
    for load in names.uses(pool.id, scope):
        method = names.parents[load]
        call = names.parents[method]
        if not (isinstance(method, ast.Attribute) and isinstance(call, ast.Call) and call.func is method):
            raise NotCertain(f"What is done with {pool.id} here is not certain", load)
        if names.function_of(load) is not names.function_of(pool):
            raise NotCertain(f"When {seen(call)} is called is not certain", load)
        if method.attr not in ENDS[use.kind]:
            calls.append(call)
        elif any(keyword.arg != "wait" for keyword in call.keywords) or len(call.args) > 1:
            raise NotCertain(f"{seen(call)} may end tasks before their end", call)
    return sorted(calls, key=lambda call: (call.lineno, call.col_offset))
