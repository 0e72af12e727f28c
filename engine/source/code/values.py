"""Values as self-contained Python source, and the way back."""

from __future__ import annotations

import ast
import datetime
import math
from copy import deepcopy
from typing import Any, cast

from engine.job.text import values_text

WIDTH = 100
_DATES = (datetime.datetime, datetime.date, datetime.time)
_BRACKETS = {list: "[]", tuple: "()", set: "{}"}


def expression(value: Any) -> str:
    """The source of `value`, which consists of literals and dates. ValueError if there is none."""
    kind = cast("type[Any]", type(value))
    if value is ...:
        return "..."
    if kind is float and not math.isfinite(value):
        return f'float("{value}")'
    if kind is complex:  # the literal would lose the sign of a zero
        return f"complex({expression(value.real)}, {expression(value.imag)})"
    if kind in _DATES:
        return f'datetime.{kind.__name__}.fromisoformat("{value.isoformat()}")'
    if kind is dict:
        table = cast("dict[Any, Any]", value)
        return "{" + ", ".join(f"{expression(key)}: {expression(item)}" for key, item in table.items()) + "}"
    if kind in _BRACKETS and value:
        items = [expression(item) for item in value]
        if kind is set:
            items.sort()
        left, right = _BRACKETS[kind]
        return left + ", ".join(items) + ("," if kind is tuple and len(items) == 1 else "") + right
    return text(value) if kind is str else values_text([value])[1:-1]


def text(value: str) -> str:
    """The source of a text, in double quotes if it contains none."""
    source = repr(value)
    return f'"{source[1:-1]}"' if source[0] == "'" and '"' not in source and "\\'" not in source else source


def assignment(name: str, items: list[Any]) -> str:
    """`name = [...]`, on several lines if it is long."""
    parts = [expression(item) for item in items]
    line = f"{name} = [{', '.join(parts)}]"
    if len(line) <= WIDTH:
        return line
    lines = [""]
    for part in parts:
        if lines[-1] and len(lines[-1]) + len(part) + 2 > WIDTH - 4:
            lines.append("")
        lines[-1] += f"{' ' if lines[-1] else ''}{part},"
    return f"{name} = [\n" + "".join(f"    {text}\n" for text in lines) + "]"


def evaluated(node: ast.expr) -> Any:
    """The value of an expression in the form that `expression` writes. ValueError for any other."""
    try:
        return ast.literal_eval(_Calls().visit(deepcopy(node)))
    except (TypeError, RecursionError, MemoryError) as error:
        raise ValueError(str(error)) from None


class _Calls(ast.NodeTransformer):
    """Replaces the few calls that `expression` writes by their values."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        node = cast(ast.Call, self.generic_visit(node))
        args = [ast.literal_eval(arg) for arg in node.args]
        name = ast.unparse(node.func)
        if name == "set":  # without arguments
            return node
        made: Any = {"float": float, "complex": complex}.get(name)
        for kind in _DATES:
            if name == f"datetime.{kind.__name__}.fromisoformat":
                made = kind.fromisoformat
        if made is None or node.keywords:
            raise ValueError(f"{name} is not among the calls that values are written with")
        return ast.copy_location(ast.Constant(made(*args)), node)
