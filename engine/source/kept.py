"""Whether all tasks that a script submits run to their end: what becomes of processes and results."""

from __future__ import annotations

import ast

from engine.source.line import Line, leaves, line_to
from engine.source.names import Names
from engine.source.notes import NotCertain, seen
from engine.source.pools import EXECUTOR, PROCESS, Work

_TAKES_ALL = frozenset({"list", "tuple", "sorted", "sum", "set", "dict", "max", "min"})
_CUTTING = frozenset({"terminate", "kill", "cancel", "alarm", "_exit", "abort"})


def require_whole(work: Work, line: Line, names: Names) -> None:
    """Raise `NotCertain` if some tasks may be cut off."""
    for node in ast.walk(names.tree):
        if isinstance(node, ast.Attribute) and node.attr in _CUTTING:
            raise NotCertain(f"{seen(node)} may end tasks before their end", node)
    if work.use.kind in (EXECUTOR, PROCESS) or work.name in ("map", "starmap", "apply"):
        return
    if work.name.startswith("imap") and _is_consumed(work.call, names):
        return
    end = call_on(work.call, "get", names) or call_on(work.made, "join", names)
    if end is None:
        raise NotCertain(f"Whether the script waits for all {seen(work.call)} is not certain", work.call)
    to_end = line_to(end, names)
    between = [step for step in {*to_end.steps, to_end.loop} - {*line.steps} if step]
    withs = {block for block in line.blocks if isinstance(block, ast.With)}
    if leaves(between) or not withs.issubset(to_end.blocks):
        raise NotCertain(f"Whether {seen(end)} waits for all tasks is not certain", end)


def _is_consumed(node: ast.expr, names: Names) -> bool:
    """Whether all that an iterator yields is taken."""
    parent = names.parents[node]
    match parent:
        case ast.Call(func=func, args=[first, *_]) if first is node:
            builtin = names.is_builtin(func)
            passes = builtin == "enumerate" or names.path(func).startswith("tqdm.")
            return builtin in _TAKES_ALL or (passes and _is_consumed(parent, names))
        case ast.For(iter=over, body=body) if over is node:
            return not leaves(body)
        case ast.comprehension():
            return not isinstance(names.parents[parent], ast.GeneratorExp)
        case _:
            return False


def call_on(node: ast.expr, method: str, names: Names) -> ast.Call | None:
    """The call of `method`, without arguments, on each object that `node` makes; None if there is none."""
    if (call := _call(node, method, names)) is not None:
        return call
    match names.parents[node]:
        case ast.withitem(optional_vars=ast.Name() as name) | ast.Assign(targets=[ast.Name() as name]):
            pass
        case _:
            return _call_on_items(node, method, names)
    for use in names.uses(name.id, names.scope_of(name.id, name)):
        call = _call(use, method, names)
        if call is not None and line_to(call, names).loop is line_to(node, names).loop:
            return call
        if (call := _call_on_items(use, method, names)) is not None:
            return call
    return None


def _call_on_items(node: ast.expr, method: str, names: Names) -> ast.Call | None:
    """The call of `method` on each item of the list that `node` is put into."""
    parent = names.parents[node]
    match parent, names.parents[parent]:
        case ast.Call(func=ast.Attribute(value=ast.Name() as kept, attr="append")), _:
            pass
        case ast.ListComp(elt=made), ast.Assign(targets=[ast.Name() as kept]) if made is node:
            pass
        case _:
            return None
    names.binding(kept)
    found: ast.Call | None = None
    for use in names.uses(kept.id, names.scope_of(kept.id, kept)):
        loop = names.parents[use]
        match loop:
            case ast.For(iter=over, target=ast.Name(id=item)) if over is use:
                pass
            case ast.comprehension(iter=over, target=ast.Name(id=item), ifs=[]) if over is use:
                loop = names.parents[loop]
            case ast.Attribute(attr="append") if use is kept:
                continue
            case ast.Call(func=func) if names.is_builtin(func) in ("len", "print"):
                continue
            case _:
                return None
        for inner in ast.walk(loop):
            if isinstance(inner, ast.Name) and inner.id == item and isinstance(inner.ctx, ast.Load):
                found = found or _call(inner, method, names)
    return found if found is not None and found.lineno >= node.lineno else None


def _call(node: ast.expr, method: str, names: Names) -> ast.Call | None:
    """The call, if `node.method()` is the code there."""
    attribute = names.parents[node]
    match attribute, names.parents[attribute]:
        case ast.Attribute(attr=attr), ast.Call(func=func, args=[], keywords=[]) as call if func is attribute:
            return call if attr == method else None
        case _:
            return None
