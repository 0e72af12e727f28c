"""Parses typed text: Python literals for inputs, and sizes in bytes."""

from __future__ import annotations

import ast
import math
import re
from typing import Any, cast

from engine.job.model import Inputs
from engine.syntax import parse_expression

LONGEST_RANGE = 1_000_000
"""A longer range is kept as a range and never expanded."""

DEEPEST = 64
"""Deeper nesting of lists is refused, far below the limits of parsers."""

_NAMES: dict[str, Any] = {
    "nan": math.nan,
    "inf": math.inf,
    "nanj": complex(0.0, math.nan),
    "infj": complex(0.0, math.inf),
    "Ellipsis": ...,
}
"""What `repr` writes for values without a literal form."""

_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(?:([kmgt])(i?))?b?\s*", re.IGNORECASE)


class LiteralError(ValueError):
    """Text that is not a literal, with the place of the first mistake."""

    def __init__(self, reason: str, line: int = 1, column: int = 1) -> None:
        super().__init__(f"line {line}, column {column}: {reason}")
        self.reason = reason
        self.line = line
        self.column = column


def parse_inputs(text: str) -> Inputs:
    """Inputs from typed text: `range(...)` stays a range, anything else becomes a list of values."""
    numbers = _range(_parse(text))
    if numbers is not None:
        return Inputs(kind="range", start=numbers.start, stop=numbers.stop, step=numbers.step)
    return Inputs(kind="list", values=parse_values(text))


def parse_values(text: str) -> tuple[Any, ...]:
    """The values in `text`: a list, tuple, set or range literal, or items separated by commas."""
    tree = _parse(text)
    numbers = _range(tree)
    if numbers is not None:
        if (Inputs("range", (), numbers.start, numbers.stop, numbers.step).count or 0) > LONGEST_RANGE:
            raise LiteralError(f"the range has more than {LONGEST_RANGE:,} numbers; give it as a range")
        return tuple(numbers)
    if isinstance(tree, ast.Set):
        return tuple(_unique(tree))
    if isinstance(tree, (ast.List, ast.Tuple)):
        return tuple(_evaluate(item) for item in tree.elts)
    return (_evaluate(tree),)


def parse_value(text: str) -> Any:
    """The single value in `text`, a Python literal."""
    return _evaluate(_parse(text))


def values_text(values: tuple[Any, ...] | list[Any]) -> str:
    """A Python list as text that `parse_values` can read; ValueError if a value has no literal form."""
    return literal(list(values))


def literal(value: object, depth: int = 0) -> str:
    """`value` as a Python literal; ValueError names a value without one."""
    kind = type(value)
    if depth > DEEPEST:
        raise ValueError("the values are nested too deeply")
    if kind in (list, tuple, set):
        items = [literal(item, depth + 1) for item in cast("list[object]", value)]
        if kind is set:
            return "{" + ", ".join(sorted(items)) + "}" if items else "set()"
        if kind is tuple:
            return "(" + ", ".join(items) + ("," if len(items) == 1 else "") + ")"
        return "[" + ", ".join(items) + "]"
    if kind is dict:
        pairs = [
            f"{literal(key, depth + 1)}: {literal(item, depth + 1)}"
            for key, item in cast("dict[object, object]", value).items()
        ]
        return "{" + ", ".join(pairs) + "}"
    if kind is int and abs(cast(int, value)) >= 1 << 64:
        return hex(cast(int, value))  # repr refuses more than 4,300 digits
    if value is None or value is ... or kind in (bool, int, float, complex, str, bytes):
        return repr(value)
    raise ValueError(f"{kind.__name__} values have no literal form")


def parse_size(text: str) -> int:
    """The number of bytes in a size such as `2 GiB`, `500 MB` or `4096`."""
    match = _SIZE.fullmatch(text)
    if match is None:
        raise ValueError(f'"{text}" is not a size: write a number and a unit, such as 2 GiB or 500 MB')
    number, prefix, binary = match.groups()
    power = "kmgt".index(prefix.lower()) + 1 if prefix else 0
    size = float(number) * (1024 if binary else 1000) ** power
    if not 1 <= size < 1 << 63:
        raise ValueError(f'"{text}" is not a size that memory can have: write one such as 2 GiB or 500 MB')
    return int(size)


def _parse(text: str) -> ast.expr:
    """The single expression in `text`, read as if in brackets, so that it may span lines."""
    try:
        return parse_expression(f"(\n{text}\n)")
    except SyntaxError as error:
        fault, above = error, 1
    if "'('" in fault.msg or "')'" in fault.msg:  # our own brackets are mentioned: ask again without them
        try:
            parse_expression(text)
        except SyntaxError as error:
            fault, above = error, 0
    line = max(1, (fault.lineno or 1) - above)
    raise LiteralError(fault.msg, min(line, text.count("\n") + 1), fault.offset or 1)


def _range(tree: ast.expr) -> range | None:
    match tree:
        case ast.Call(func=ast.Name(id="list" | "tuple"), args=[ast.Call() as inner], keywords=[]):
            return _range(inner)
        case ast.Call(func=ast.Name(id="range"), args=args, keywords=[]) if 1 <= len(args) <= 3:
            numbers = [_evaluate(arg) for arg in args]
            for arg, number in zip(args, numbers, strict=True):
                if type(number) is not int:
                    raise _fault(arg, f"{ast.unparse(arg)} is not a whole number")
            if len(numbers) == 3 and numbers[2] == 0:
                raise _fault(args[2], "the step of a range cannot be 0")
            return range(*numbers)
        case _:
            return None


def _unique(tree: ast.Set) -> list[Any]:
    """The members of a set, in the order in which they are written."""
    _evaluate(tree)
    return list(dict.fromkeys(_evaluate(item) for item in tree.elts))


def _evaluate(tree: ast.expr) -> Any:
    try:
        for node in ast.walk(tree):
            _require_literal(node)
        return ast.literal_eval(_Names().visit(tree))
    except LiteralError:
        raise
    except (RecursionError, MemoryError):
        raise _fault(tree, "the values are nested too deeply") from None
    except TypeError as error:
        raise _fault(tree, f"{error}; members of a set and keys of a dict cannot be lists or dicts") from None
    except ValueError:
        raise _fault(tree, f"{_short(tree)} is not a literal value") from None


def _require_literal(node: ast.AST) -> None:
    match node:
        case ast.Name(id=name) if name not in _NAMES and name != "set":
            raise _fault(node, f'{name} is a name, not a value; put text in quotes: "{name}"')
        case ast.Call(func=func) if ast.unparse(node) != "set()":
            raise _fault(node, f"{_short(func)}(...) is a call, not a value; only literals are read")
        case ast.JoinedStr() | ast.Starred() | ast.ListComp() | ast.GeneratorExp() | ast.Lambda():
            raise _fault(node, f"{_short(node)} is not a literal value")
        case _:
            pass


class _Names(ast.NodeTransformer):
    """Replaces the names `nan`, `inf` and the like by their values."""

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.copy_location(ast.Constant(_NAMES[node.id]), node) if node.id in _NAMES else node


def _fault(node: ast.expr | ast.stmt, reason: str) -> LiteralError:
    return LiteralError(reason, max(1, node.lineno - 1), node.col_offset + 1)


def _short(node: ast.AST) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 60 else text[:57] + "..."
