"""The named parts of a value, as columns: keys of a dict, fields of a dataclass or a named tuple."""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
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
    return _parsed(_text_in(kept))


def _text_in(kept: Any) -> str:
    """The display text in a tuple of one; empty if it is none."""
    if type(kept) is not tuple:
        return ""
    items = cast("tuple[Any, ...]", kept)
    return items[0] if len(items) == 1 and type(items[0]) is str else ""


def fields_of_input(kept: Any, names: Sequence[str] = ()) -> dict[str, Any]:
    """The named parts of an input; with `names`, of one that is a list of cells that are called so."""
    if not names:
        return fields_of(kept)
    cells = _cells(kept)
    return dict(zip(names, cells, strict=True)) if len(cells) == len(names) else {}


def _cells(kept: Any) -> Sequence[Any]:
    """The cells of a list or its display text."""
    if type(kept) is list:
        return cast("list[Any]", kept)
    text = _text_in(kept)
    tree = _tree(text) if text[-1:] in ("]", ")") else None
    return [_part(node, text) for node in tree.elts] if isinstance(tree, ast.List | ast.Tuple) else []


def field(fields: dict[str, Any], path: str) -> Any:
    """The part at `path`: a key, or nested keys separated by dots; None if there is none."""
    if path in fields or "." not in path:
        return fields.get(path)
    head, _, rest = path.partition(".")
    return field(fields_of(fields.get(head)), rest)


def _parsed(text: str) -> dict[str, Any]:
    tree = _tree(text) if text[-1:] in (")", "}") else None
    if isinstance(tree, ast.Dict):
        pairs = zip(tree.keys, tree.values, strict=True)
        return {_key(key, text): _part(value, text) for key, value in pairs if key is not None}
    if isinstance(tree, ast.Call) and not tree.args:
        return {keyword.arg: _part(keyword.value, text) for keyword in tree.keywords if keyword.arg}
    return {}


def _tree(text: str) -> ast.expr | None:
    if len(text) > LONGEST:
        return None
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


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
