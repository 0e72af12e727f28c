"""The line that the main process follows from the top of a script to one of its calls."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from engine.source.names import Names
from engine.source.notes import NotCertain, seen
from engine.syntax import is_main_guard

Loop: TypeAlias = ast.For | ast.ListComp | ast.SetComp | ast.DictComp
_ONCE = (
    ast.Attribute, ast.BinOp, ast.Call, ast.FormattedValue, ast.JoinedStr, ast.List, ast.Starred, ast.With,
    ast.Subscript, ast.Tuple, ast.keyword, ast.Expr, ast.Assign, ast.AnnAssign, ast.Return, ast.Raise,
)  # fmt: skip
"""Code that evaluates each of its parts once."""
_LEAVES = (ast.Break, ast.Continue, ast.Return, ast.Raise)


@dataclass
class Line:
    """What happens before a call. It has no branches, and one loop at most."""

    steps: list[ast.stmt | ast.expr] = field(default_factory=list["ast.stmt | ast.expr"])
    """Earlier statements, what `with` opens, and what is evaluated beside the call; not the loop's."""
    loop: Loop | None = None
    """The loop that makes the call, if it is made more than once."""
    blocks: list[ast.AST] = field(default_factory=list[ast.AST])
    """The blocks and functions around the call, from the inside out."""
    given: dict[ast.AST, ast.expr] = field(default_factory=dict[ast.AST, ast.expr])
    """What these functions are called with, by parameter."""


def line_to(call: ast.expr, names: Names) -> Line:
    """The line to `call`. Raises `NotCertain` if it is not certain that the call is made exactly once."""
    line = Line()
    node: ast.stmt | ast.Module = _statement(call, call, names, line)
    while True:
        parent = names.parents[node]
        line.blocks.append(parent)
        body: list[ast.stmt] = getattr(parent, "body", [])
        if node not in body:
            raise _unsure(node, call)
        if not isinstance(parent, ast.For):
            line.steps += reversed(body[: body.index(node)])  # pyright: ignore[reportArgumentType]
        match parent:
            case ast.Module():
                break
            case ast.Try():
                pass
            case ast.If() if is_main_guard(parent) and isinstance(names.parents[parent], ast.Module):
                pass
            case ast.With():
                line.steps += reversed([item.context_expr for item in parent.items])
            case ast.For(orelse=[]) if line.loop is None:
                line.loop = parent
            case ast.FunctionDef():
                node = _statement(_caller(parent, call, names, line), call, names, line)
                continue
            case _:
                raise _unsure(parent, call)
        node = parent
    line.steps.reverse()
    return line


def leaves(body: list[Any]) -> bool:
    """Whether statements may end a loop, or the function that they are in, before its end."""
    nodes = [node for statement in body for node in ast.walk(statement)]
    return any(isinstance(node, _LEAVES) or getattr(node, "attr", "") == "exit" for node in nodes)


def _unsure(around: ast.AST, call: ast.expr) -> NotCertain:
    return NotCertain(f"Whether, and how often, {seen(call)} runs depends on {seen(around)}", call)


def _statement(node: ast.AST, call: ast.expr, names: Names, line: Line) -> ast.stmt:
    """The statement of `node`, which evaluates it exactly once, or once in each turn of a loop."""
    while not isinstance(node, ast.stmt):
        parent = names.parents[node]
        match parent:
            case ast.For(iter=over) | ast.comprehension(iter=over) | ast.withitem(context_expr=over) if (
                over is node
            ):
                pass
            case (
                ast.ListComp(generators=[part], elt=made)
                | ast.SetComp(generators=[part], elt=made)
                | ast.DictComp(generators=[part], key=made)
            ) if made is node and not part.ifs and line.loop is None:
                line.loop = parent
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp() if (
                node is parent.generators[0]
            ):
                pass
            case _ if isinstance(parent, _ONCE):
                others = [other for other in ast.iter_child_nodes(parent) if other is not node]
                values = [other.value if isinstance(other, ast.keyword) else other for other in others]
                line.steps += [value for value in values if isinstance(value, ast.expr)]
            case _:
                raise _unsure(parent, call)
        node = parent
    return node


def _caller(function: ast.FunctionDef, call: ast.expr, names: Names, line: Line) -> ast.Call:
    """The single call of a function that is on the line."""
    uses = names.uses(function.name, names.tree)
    caller = names.parents[uses[0]] if len(uses) == 1 else None
    if (
        not isinstance(caller, ast.Call)
        or names.function(caller.func, f"The caller of {seen(call)}") is not function
        or line.blocks.count(function) > 1
    ):
        where = f"{seen(call)} is in {seen(function)}"
        raise NotCertain(f"{where}, and from where that is called, and with what, is not certain", call)
    params = [*function.args.posonlyargs, *function.args.args]
    named = {keyword.arg: keyword.value for keyword in caller.keywords}
    line.given |= dict(zip(params, caller.args, strict=False))
    line.given |= {param: named[param.arg] for param in params if param.arg in named}
    return caller
