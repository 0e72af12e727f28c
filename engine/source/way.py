"""How the main process of a script gets to one of its calls."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TypeAlias

from engine.source.harmless import Harmless
from engine.source.names import Names
from engine.source.notes import NotCertain, seen
from engine.syntax import is_main_guard
from engine.syntax.functions import FunctionNode

DEEPEST = 8
"""The deepest nesting of function calls that is followed."""
Turns: TypeAlias = ast.For | ast.ListComp | ast.SetComp | ast.DictComp
_AROUND = (
    ast.Attribute, ast.BinOp, ast.Call, ast.Dict, ast.FormattedValue, ast.JoinedStr, ast.List, ast.NamedExpr,
    ast.Set, ast.Starred, ast.Subscript, ast.Tuple, ast.UnaryOp, ast.keyword,
)  # fmt: skip
"""Expressions that evaluate each of their parts once."""


@dataclass
class Way:
    """What the main process does before it reaches a call."""

    steps: list[ast.stmt | ast.expr | tuple[FunctionNode, ast.Call]] = field(
        default_factory=list["ast.stmt | ast.expr | tuple[FunctionNode, ast.Call]"]
    )
    """Earlier statements, `with` items, and called functions, in this order."""
    turns: Turns | None = None
    """The loop that makes the call, if it is made more than once."""
    guarded: bool = False
    """Whether it is under the main guard."""


def way_to(call: ast.expr, names: Names) -> Way:
    """The way to `call`. Raises `NotCertain` if it is not certain that the call is made exactly once."""
    way = Way()
    _climb(call, names, way, DEEPEST)
    way.steps.reverse()
    return way


def _climb(call: ast.expr, names: Names, way: Way, left: int) -> None:
    """Extend the way backwards."""
    if not left:
        raise NotCertain(f"{seen(call)} is called by too many functions within functions", call)
    node: ast.AST = _statement(call, names, way)
    while not isinstance(node, ast.Module):
        parent = names.parents[node]
        assert isinstance(node, ast.stmt)
        way.steps += reversed(_before(node, parent, call))
        match parent:
            case ast.Module():
                way.guarded = is_main_guard(node)
            case ast.If() if is_main_guard(parent) and isinstance(names.parents[parent], ast.Module):
                if node not in parent.body:
                    raise NotCertain(f"{seen(call)} is not run by the main process", call)
            case ast.With():
                way.steps += reversed([item.context_expr for item in parent.items])
            case ast.Try() if node in parent.body:
                pass
            case ast.FunctionDef():
                _climb(_caller(parent, call, names, way), names, way, left - 1)
                return
            case ast.For() if way.turns is None and node in parent.body and not parent.orelse:
                way.turns = parent
            case _:
                raise _unsure(parent, call)
        node = parent


def _unsure(parent: ast.AST, call: ast.expr) -> NotCertain:
    what = seen(call)
    match parent:
        case ast.For() | ast.While() | ast.AsyncFor():
            return NotCertain(f"{what} is in a loop, so how often it runs is not certain", parent)
        case ast.If() | ast.Match():
            return NotCertain(f"Whether {what} runs depends on {seen(parent)}", parent)
        case ast.ClassDef():
            return NotCertain(f"{what} is in the class {parent.name}", call)
        case ast.AsyncFunctionDef():
            return NotCertain(f"{what} is in the asynchronous function {parent.name}", call)
        case _:
            return NotCertain(f"Whether {what} runs is not certain", call)


def _often(call: ast.expr) -> NotCertain:
    return NotCertain(f"How often {seen(call)} runs is not certain", call)


def _before(node: ast.stmt, parent: ast.AST, call: ast.expr) -> list[ast.stmt]:
    """The earlier statements in the same block."""
    for name in ("body", "orelse", "finalbody"):
        block: list[ast.stmt] = getattr(parent, name, None) or []
        if node in block:
            return block[: block.index(node)]
    raise NotCertain(f"Whether {seen(call)} runs is not certain", call)


def _statement(call: ast.expr, names: Names, way: Way) -> ast.stmt:
    """The statement that makes a call, which must evaluate it exactly once, or once per iteration."""
    harmless = Harmless(names)
    node: ast.AST = call
    while not isinstance(node, ast.stmt):
        parent = names.parents[node]
        match parent:
            case ast.stmt():
                if isinstance(parent, ast.While | ast.If | ast.Assert) or (
                    isinstance(parent, ast.For) and node is not parent.iter
                ):
                    raise _unsure(parent, call)
            case ast.withitem():
                items = names.parents[parent]
                assert isinstance(items, ast.With | ast.AsyncWith)
                way.steps += reversed(
                    [item.context_expr for item in items.items[: items.items.index(parent)]]
                )
            case ast.comprehension(iter=over):
                whole = names.parents[parent]
                if over is not node or whole.generators[0] is not parent:  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
                    raise _often(call)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                if not isinstance(node, ast.comprehension):
                    _turn(parent, call, way)
            case _ if isinstance(parent, _AROUND):
                _require_harmless_beside(node, parent, harmless)
            case _:
                raise _unsure(parent, call)
        node = parent
    return node


def _require_harmless_beside(node: ast.AST, parent: ast.AST, harmless: Harmless) -> None:
    """Check that what is evaluated beside a part of an expression does not matter."""
    for other in ast.iter_child_nodes(parent):
        if other is node or not isinstance(other, ast.expr):
            continue
        if not harmless.expression(other, apart=True):
            raise NotCertain(f"What {seen(other)} does may matter to the tasks", other)


def _turn(parent: ast.AST, call: ast.expr, way: Way) -> None:
    match parent:
        case (
            ast.ListComp(generators=[part]) | ast.SetComp(generators=[part]) | ast.DictComp(generators=[part])
        ):
            if way.turns is None and not part.ifs and not part.is_async:
                way.turns = parent
                return
        case _:
            pass
    raise _often(call)


def _caller(function: ast.FunctionDef, call: ast.expr, names: Names, way: Way) -> ast.Call:
    """The single call of a function on the way."""
    where = f"{seen(call)} is in {seen(function)}"
    if function.decorator_list or not isinstance(names.parents[function], ast.Module):
        raise NotCertain(f"{where}, which is not a plain function at the top level", function)
    if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in ast.walk(function)):
        raise NotCertain(f"{where}, which is a generator", function)
    uses = [use for use in names.loads[function.name] if names.scope_of(function.name, use) is names.tree]
    bound = names.bound[names.tree][function.name]
    callers = [names.parents[use] for use in uses]
    match callers:
        case [ast.Call(func=func) as caller] if func is uses[0] and bound == [function]:
            way.steps.append((function, caller))
            return caller
        case _:
            raise NotCertain(f"{where}, and from where that is called, and with what, is not certain", call)
