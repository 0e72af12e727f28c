"""What is known of the values in a script that is read but not run."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

Items: TypeAlias = list[Any] | tuple[Any, ...] | range

MANY = 100_000
"""Longer lists are not built up while reading; a range stays a range."""
_BIG = 1 << 128


@dataclass(frozen=True)
class Known:
    """A value that the text of the script tells."""

    value: Any


@dataclass(frozen=True)
class Unknown:
    """A value that only running the script would tell; `node` is where it comes from."""

    node: ast.AST


@dataclass(frozen=True)
class Thing:
    """Something imported or built in, by its dotted path; `method` is a multiprocessing context's."""

    path: str
    method: Unknown | str = ""


@dataclass(frozen=True)
class Defined:
    """A function or class of the script; `where` is top, guard (under the main guard) or inner."""

    name: str
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | None
    where: str


@dataclass(frozen=True)
class Workers:
    """A pool, an executor, or their thread kin."""

    kind: str
    call: Call
    method: Unknown | str = ""


@dataclass(frozen=True)
class Mark:
    """What came of parallel work: `result` all results, `item` one, `handle(s)` what gives them later."""

    kind: str


@dataclass(frozen=True)
class Method:
    """An attribute of a value."""

    owner: Value
    name: str


Value: TypeAlias = Known | Unknown | Thing | Defined | Workers | Mark | Method

RESULT, ITEM, HANDLE, HANDLES = Mark("result"), Mark("item"), Mark("handle"), Mark("handles")
CORES, LOGGER = Mark("cores"), Mark("logger")


@dataclass
class Call:
    """A call in the script with its arguments as far as they are known."""

    node: ast.Call
    args: list[Value] = field(default_factory=list[Value])
    keywords: dict[str, Value] = field(default_factory=dict[str, Value])
    open: bool = False
    """There are more arguments, `*` or `**` of something unknown."""

    def get(self, position: int, name: str) -> Value | None:
        """The argument given by position or name; Unknown where that cannot be told."""
        if name in self.keywords:
            return self.keywords[name]
        if 0 <= position < len(self.args):
            return self.args[position]
        return Unknown(self.node) if self.open else None

    def node_of(self, position: int, name: str) -> ast.expr | None:
        """The text of that argument."""
        for keyword in self.node.keywords:
            if keyword.arg == name:
                return keyword.value
        return self.node.args[position] if 0 <= position < len(self.node.args) else None


_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda one, other: one + other,
    ast.Sub: lambda one, other: one - other,
    ast.Mult: lambda one, other: one * other,
    ast.Div: lambda one, other: one / other,
    ast.FloorDiv: lambda one, other: one // other,
    ast.Mod: lambda one, other: one % other,
    ast.Pow: lambda one, other: one**other,
}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda one, many: one in many,
    ast.NotIn: lambda one, many: one not in many,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
}


def _listed(items: Any = ()) -> Any:
    return items if isinstance(items, range) else list(items)


def _tupled(items: Any = ()) -> Any:
    return items if isinstance(items, range) else tuple(items)


def _zipped(*columns: Any) -> list[Any]:
    return list(zip(*columns, strict=False))


def _enumerated(items: Any, start: int = 0) -> list[Any]:
    return list(enumerate(cast("Iterable[Any]", items), start))


def _reversed(items: Any) -> Any:
    return items[::-1]


_PURE: dict[str, Callable[..., Any]] = {
    **{kind.__name__: kind for kind in (range, set, dict, int, float, str, bool)},
    **{f.__name__: f for f in (len, min, max, sum, sorted, abs, round)},
    "list": _listed,
    "tuple": _tupled,
    "zip": _zipped,
    "enumerate": _enumerated,
    "reversed": _reversed,
}
PASSING = {"list", "tuple", "sorted", "reversed", "str", "repr", "map", "iter"}
"""Built-in functions whose result still holds the results given to them."""


def pure(name: str, call: Call) -> Value:
    """The value of a built-in function's call, where its arguments are known and small."""
    values = [*call.args, *call.keywords.values()]
    if name in PASSING and RESULT in values:
        return RESULT
    if name not in _PURE or call.open:
        return Unknown(call.node)
    if name != "range" and any(isinstance(v, Known) and not _small(v.value, name) for v in values):
        return Unknown(call.node)
    args = [v.value for v in call.args if isinstance(v, Known)]
    keywords = {key: v.value for key, v in call.keywords.items() if isinstance(v, Known)}
    if len(args) + len(keywords) != len(values):
        return Unknown(call.node)
    return attempt(call.node, lambda: _PURE[name](*args, **keywords))


def binary(node: ast.BinOp, left: Value, right: Value) -> Value:
    """The value of an arithmetic expression."""
    if isinstance(node.op, (ast.Mod, ast.Add)) and RESULT in (left, right):
        return RESULT  # text that holds the results
    work = _BINARY.get(type(node.op))
    if not (isinstance(left, Known) and isinstance(right, Known) and work):
        return Unknown(node)
    one, other = left.value, right.value
    if isinstance(node.op, ast.Add) and type(one) is type(other) and isinstance(one, (str, list, tuple)):
        return attempt(node, lambda: work(one, other))
    if not (_number(one) and _number(other)) or (isinstance(node.op, ast.Pow) and abs(other) > 128):
        return Unknown(node)
    return attempt(node, lambda: work(one, other))


def unary(node: ast.UnaryOp, operand: Value) -> Value:
    """The value of `-x` or `not x`."""
    work = _UNARY.get(type(node.op))
    if isinstance(operand, Known) and work:
        return attempt(node, lambda: work(operand.value))
    return Unknown(node)


def compare(node: ast.Compare, values: list[Value]) -> Value:
    """The value of a comparison."""
    known = [value.value for value in values if isinstance(value, Known)]
    if len(known) != len(values):
        return Unknown(node)

    def work() -> bool:
        return all(_COMPARE[type(op)](known[n], known[n + 1]) for n, op in enumerate(node.ops))

    return attempt(node, work)


def attempt(node: ast.AST, work: Callable[[], Any]) -> Value:
    """What `work` gives; Unknown where the script itself would fail there, too."""
    try:
        return Known(work())
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError):
        return Unknown(node)


def elements(value: Value | None) -> Items | None:
    """What an iteration over `value` gives, where that is known."""
    if not isinstance(value, Known):
        return None
    items: object = value.value
    if isinstance(items, (list, tuple, range)):
        return cast(Items, items)
    if isinstance(items, (str, bytes, dict, set)):
        return list(cast("Iterable[Any]", items))
    return None


def mapping(value: Value) -> dict[str, Any] | None:
    """The keyword arguments in a known dict."""
    pairs: object = value.value if isinstance(value, Known) else None
    return cast("dict[str, Any]", pairs) if isinstance(pairs, dict) else None


def gathered(node: ast.AST, values: Iterable[Value], make: Callable[[list[Any]], Any]) -> Value:
    """A collection of values: known, or by what its members are."""
    members = list(values)
    known = [value.value for value in members if isinstance(value, Known)]
    if len(known) == len(members):
        return attempt(node, lambda: make(known))
    for kind, whole in ((RESULT, RESULT), (ITEM, RESULT), (HANDLES, HANDLES), (HANDLE, HANDLE)):
        if kind in members:
            return whole
    return Unknown(node)


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and abs(value) < _BIG


def _small(value: object, name: str) -> bool:
    if isinstance(value, range):
        return name in ("list", "tuple", "len", "reversed") or len(value) <= MANY
    return not isinstance(value, (str, bytes)) or len(value) < 4000
