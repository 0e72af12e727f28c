"""Whether all tasks that a script hands over run to their end."""

from __future__ import annotations

import ast

from engine.source.names import Names
from engine.source.notes import NotCertain, seen
from engine.source.pools import EXECUTOR, PROCESS, Work

_WAITS = ("map", "starmap", "apply")
_TAKES_ALL = frozenset({"list", "tuple", "sorted", "sum", "set", "dict", "max", "min", "len"})
_CUTTING = frozenset({"terminate", "kill", "cancel", "alarm", "_exit", "abort"})
_BLOCKS = (ast.If, ast.While, ast.Lambda, ast.IfExp, ast.Match)


def require_whole(work: Work, names: Names) -> None:
    """Raises `NotCertain` if some tasks may be cut off, or never begun."""
    for node in ast.walk(names.tree):
        if isinstance(node, ast.Attribute) and node.attr in _CUTTING:
            raise NotCertain(f"{seen(node)} may end tasks before their end", node)
    if work.use.kind == PROCESS:
        if not _is_called("start", names):
            raise NotCertain(f"{seen(work.made)} is not started for certain", work.made)
    elif work.use.kind != EXECUTOR and work.name not in _WAITS:
        joined = _is_called("close", names) and _is_called("join", names)
        if not joined and not _is_consumed(work, names):
            what = f"Whether the script waits for all tasks of {seen(work.call)}"
            raise NotCertain(f"{what} is not certain", work.call)


def _is_consumed(work: Work, names: Names) -> bool:
    """Whether the script takes all results."""
    if work.name.startswith("imap"):
        return _is_iterated(work.call, names)
    return _is_called("get", names) or _is_called("wait", names)


def _is_iterated(node: ast.expr, names: Names) -> bool:
    parent = names.parents[node]
    match parent:
        case ast.Call(func=func) if names.is_builtin(func) in _TAKES_ALL:
            return True
        case ast.Call(func=func, args=[first, *_]) if first is node:
            passes = names.is_builtin(func) == "enumerate" or names.path(func).startswith("tqdm.")
            return passes and _is_iterated(parent, names)
        case ast.For(iter=over, body=body) if over is node:
            return not _leaves(body)
        case ast.comprehension():
            return not isinstance(names.parents[parent], ast.GeneratorExp)
        case ast.Starred():
            return True
        case _:
            return False


def _leaves(body: list[ast.stmt]) -> bool:
    """Whether a loop may end before its last turn."""
    inner = (node for statement in body for node in ast.walk(statement))
    return any(isinstance(node, ast.Break | ast.Return | ast.Raise) for node in inner)


def _is_called(method: str, names: Names) -> bool:
    """Whether a method without arguments is called for certain, of whatever it is."""
    for node in ast.walk(names.tree):
        match node:
            case ast.Call(func=ast.Attribute(attr=attr), args=[], keywords=[]) if attr == method:
                if _is_certain(node, names):
                    return True
            case _:
                pass
    return False


def _is_certain(node: ast.AST, names: Names) -> bool:
    while not isinstance(node, ast.Module | ast.FunctionDef):
        node = names.parents[node]
        if isinstance(
            node, (*_BLOCKS, ast.GeneratorExp, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler)
        ):
            main = isinstance(node, ast.If) and "__main__" in seen(node)
            if not main:
                return False
        if isinstance(node, ast.For) and _leaves(node.body):
            return False
    return True
