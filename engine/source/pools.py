"""Where a script passes work to other processes or threads, and what it passes."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from engine.source.names import Names
from engine.source.notes import NotCertain, seen

POOL, EXECUTOR, PROCESS, OTHER = "pool", "executor", "process", "other"
MADE = {
    "multiprocessing.Pool": POOL,
    "multiprocessing.pool.Pool": POOL,
    "multiprocessing.pool.ThreadPool": POOL,
    "multiprocessing.dummy.Pool": POOL,
    "concurrent.futures.ProcessPoolExecutor": EXECUTOR,
    "concurrent.futures.process.ProcessPoolExecutor": EXECUTOR,
    "concurrent.futures.ThreadPoolExecutor": EXECUTOR,
    "concurrent.futures.thread.ThreadPoolExecutor": EXECUTOR,
    "multiprocessing.Process": PROCESS,
    "multiprocessing.context.Process": PROCESS,
    "multiprocessing.process.BaseProcess": PROCESS,
    "joblib.Parallel": OTHER,
    "tqdm.contrib.concurrent.process_map": OTHER,
    "tqdm.contrib.concurrent.thread_map": OTHER,
}
MODULES = ("multiprocessing", "multiprocessing.pool", "concurrent.futures")
KIN = ("multiprocess", "billiard", "torch.multiprocessing", "pathos.multiprocessing")
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
            path, method = _path(node, names)
            module, _, name = path.rpartition(".")
            kin = module.startswith(KIN) and f"multiprocessing.{name}" in MADE
            if path in MADE or kin:
                found.append(Use(node, path, method))
    return sorted(found, key=lambda use: (use.node.lineno, use.node.col_offset))


def hidden(names: Names) -> ast.AST | None:
    """Code that may create a pool without naming it; None if there is none."""
    for node in ast.walk(names.tree):
        match node:
            case ast.ImportFrom(module=str() as module, names=[ast.alias(name="*")]) if module in MODULES:
                return node
            case ast.Call(func=func, args=[ast.expr() as owner, *_]) if names.is_builtin(func) == "getattr":
                if names.path(owner) in MODULES:
                    return node
            case _:
                pass
    return None


def _path(node: ast.expr, names: Names) -> tuple[str, str]:
    """The path of what an expression means; attributes of a context count as multiprocessing's."""
    if path := names.path(node):
        return path, ""
    if isinstance(node, ast.Attribute):
        method = context(node.value, names)
        if method is not None:
            return f"multiprocessing.{node.attr}", method
    return "", ""


def context(node: ast.expr, names: Names) -> str | None:
    """The start method of a context that an expression means; None if it means none."""
    match node:
        case ast.Name():
            try:
                binding = names.binding(node)
            except NotCertain:
                return None
            assign = names.parents[binding] if binding is not None else None
            if isinstance(assign, ast.Assign) and assign.targets == [binding]:
                return context(assign.value, names) if isinstance(assign.value, ast.Call) else None
        case ast.Call(func=func, args=args, keywords=[]) if names.path(func) == "multiprocessing.get_context":
            match args:
                case []:
                    return ""
                case [ast.Constant(value=str(method))]:
                    return method
                case _:
                    raise NotCertain(f"The start method is {seen(args[0])}", node)
        case _:
            pass
    return None


@dataclass(frozen=True)
class Work:
    """The call that submits the tasks, and where the pool is created."""

    use: Use
    made: ast.Call
    call: ast.Call
    """The same as `made` for a process."""
    name: str
    """The method that is called: map, submit and so on."""
    pool: ast.Name | None
    """The variable of the pool, if it has one."""


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
        return Work(use, made, made, "start", None)
    parent = names.parents[made]
    match parent:
        case ast.Attribute(attr=name) if isinstance(names.parents[parent], ast.Call):
            call = names.parents[parent]
            assert isinstance(call, ast.Call)
            return Work(use, made, call, _known(name, use.kind, call), None)
        case ast.withitem(optional_vars=ast.Name() as pool) | ast.Assign(targets=[ast.Name() as pool]):
            return _called(use, made, pool, names)
        case _:
            raise NotCertain(f"What becomes of {seen(made)} is not certain", made)


def _more(one: ast.expr, other: ast.expr) -> NotCertain:
    return NotCertain(
        f"The script has {seen(one)} in line {one.lineno} and {seen(other)} in line {other.lineno}, and a job"
        " makes one call of one pool",
        other,
    )


def _known(name: str, kind: str, node: ast.AST) -> str:
    if name not in (*MAPS[kind], *CALLS[kind]):
        raise NotCertain(f"What .{name} of the pool does is not read", node)
    return name


def _called(use: Use, made: ast.Call, pool: ast.Name, names: Names) -> Work:
    scope = names.scope_of(pool.id, pool)
    assert scope is not None
    if len(names.bound[scope][pool.id]) > 1 or pool.id in names.declared:
        raise NotCertain(f"{pool.id} is set in more than one place", pool)
    calls: list[tuple[ast.Call, str]] = []
    for load in names.loads[pool.id]:
        if names.scope_of(pool.id, load) is not scope:
            continue
        method = names.parents[load]
        call = names.parents[method]
        if not (isinstance(method, ast.Attribute) and isinstance(call, ast.Call) and call.func is method):
            raise NotCertain(f"What is done with {pool.id} here is not certain", load)
        if names.function_of(load) is not names.function_of(pool):
            raise NotCertain(f"When {seen(call)} is called is not certain", load)
        if method.attr in ENDS[use.kind]:
            if any(keyword.arg != "wait" for keyword in call.keywords) or len(call.args) > 1:
                raise NotCertain(f"{seen(call)} may end tasks before their end", call)
            continue
        calls.append((call, _known(method.attr, use.kind, call)))
    if not calls:
        raise NotCertain(f"Nothing is called of {seen(made)}", made)
    if len(calls) > 1:
        first, second = sorted((call for call, _ in calls), key=lambda call: (call.lineno, call.col_offset))[
            :2
        ]
        raise _more(first, second)
    call, name = calls[0]
    return Work(use, made, call, name, pool)
