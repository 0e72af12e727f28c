"""The named parts of a value, as columns: keys of a dict, fields of a dataclass or a named tuple."""

from __future__ import annotations

import ast
import math
from typing import Any, cast

from engine.host.record.display import display

LONGEST = 10_000
"""Longest display text that is parsed; a longer one is truncated anyway."""
_NAMED: dict[str, Any] = {"nan": math.nan, "inf": math.inf}


def fields_of(kept: Any) -> dict[str, Any]:
    """The named parts of a value, or of its display text in a tuple of one; empty if it has no names.

    The text is parsed and never run. A part that is not plain data is its text, in a tuple of one. A key that
    is not a text is named as it is written.
    """
    if type(kept) is dict:
        pairs = cast("dict[Any, Any]", kept)
        return {key if type(key) is str else display(key): value for key, value in pairs.items()}
    if type(kept) is not tuple:
        return {}
    items = cast("tuple[Any, ...]", kept)
    if len(items) != 1 or type(items[0]) is not str:
        return {}
    return _parsed(items[0])


def field(fields: dict[str, Any], path: str) -> Any:
    """The part at `path`: a key, or nested keys separated by dots; None if there is none."""
    if path in fields or "." not in path:
        return fields.get(path)
    head, _, rest = path.partition(".")
    return field(fields_of(fields.get(head)), rest)


def _parsed(text: str) -> dict[str, Any]:
    if text[-1:] not in (")", "}") or len(text) > LONGEST:
        return {}
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return {}
    if isinstance(tree, ast.Dict):
        pairs = zip(tree.keys, tree.values, strict=True)
        return {_key(key, text): _part(value, text) for key, value in pairs if key is not None}
    if isinstance(tree, ast.Call) and not tree.args:
        return {keyword.arg: _part(keyword.value, text) for keyword in tree.keywords if keyword.arg}
    return {}


def _key(node: ast.expr, text: str) -> str:
    if isinstance(node, ast.Constant) and type(node.value) is str:
        return node.value
    return ast.get_source_segment(text, node) or ""


def _part(node: ast.expr, text: str) -> Any:
    if isinstance(node, ast.Name) and node.id in _NAMED:
        return _NAMED[node.id]
    if _is_negative(node, "inf"):
        return -math.inf
    if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        inner = node.args[0]  # np.float64(1.5)
        if isinstance(node.func, ast.Attribute) and node.func.attr.rstrip("0123456789") in ("float", "int"):
            return _part(inner, text)
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, MemoryError, RecursionError):
        return (ast.get_source_segment(text, node) or "",)


def _is_negative(node: ast.expr, name: str) -> bool:
    return (
        isinstance(node, ast.UnaryOp)
        and isinstance(node.op, ast.USub)
        and isinstance(node.operand, ast.Name)
        and node.operand.id == name
    )
