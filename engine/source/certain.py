"""Values that the text of a script determines: literals, ranges, plain arithmetic on them."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias, cast

from engine.source.line import Line
from engine.source.names import Names
from engine.source.notes import NotCertain, seen

Local: TypeAlias = Mapping[str, Any]
MOST = 100_000
"""The most values that are computed while reading; a range stays a range."""
_BIG = 1 << 256
_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Pow: operator.pow,  # pyright: ignore[reportUnknownMemberType]
    ast.Div: operator.truediv, ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,  # pyright: ignore[reportUnknownMemberType]
}  # fmt: skip
_MAKERS: dict[str, Callable[..., Any]] = {
    "len": len, "list": list, "tuple": tuple, "zip": zip, "enumerate": enumerate,
}  # fmt: skip
"""Builtins that take what can be iterated over."""
_READERS = frozenset({"len", "print", "sum", "min", "max", "str", "repr", "bool", "any", "all"})
"""Builtins that do not change their arguments,"""
_PASSING = frozenset({"zip", "enumerate", "sorted", "list", "tuple", "set"})
"""and those that do not as long as the elements cannot be changed."""


class Certain:
    """Evaluates expressions in a script whose main process follows `line`."""

    def __init__(self, names: Names, line: Line) -> None:
        self._names = names
        self._line = line
        self._steps = set(line.steps)
        self._known: dict[ast.expr, Any] = {}
        """The values of what names are set to."""
        self._left = MOST
        """How much may still be computed. It bounds time and memory, whatever the script says."""

    def value(self, node: ast.expr, local: Local | None = None) -> Any:
        """The value of an expression; `local` has the variables of loops. Raises `NotCertain`."""
        try:
            return self._value(node, local or {})
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise NotCertain(f"{seen(node)} fails: {error}", node) from None

    def items(self, node: ast.expr, local: Local | None = None) -> list[Any]:
        """What an iteration over an expression yields."""
        value = self.value(node, local)
        if not isinstance(value, (list, tuple, range, str, Iterator)):
            raise self._unknown(node)
        self._spend(0 if isinstance(value, Iterator) else len(cast("list[Any]", value)), node)
        return list(cast("Iterable[Any]", value))

    def range_of(self, node: ast.expr) -> range | None:
        """The range that an expression iterates over; None if it is another value."""
        if isinstance(node, ast.Call) and self._names.is_builtin(node.func) == "list" and node.args:
            node = node.args[0]
        value = self.value(node)
        return value if isinstance(value, range) else None

    def _spend(self, count: int, node: ast.expr) -> None:
        self._left -= count
        if self._left < 0:
            raise NotCertain(f"{seen(node)} makes more values than reading allows", node)

    def _unknown(self, node: ast.expr) -> NotCertain:
        return NotCertain(f"What {seen(node)} gives is not certain before the script runs", node)

    def _value(self, node: ast.expr, local: Local) -> Any:
        self._spend(1, node)
        match node:
            case ast.Constant(value=value) if value is not ...:
                return value
            case ast.Name(id=name) if name in local and is_fixed(local[name]):
                return local[name]
            case ast.Name(id=name) if name not in local:
                return self._named(node, in_loop=bool(local))
            case ast.List(elts=parts):
                return [self._value(part, local) for part in parts]
            case ast.Tuple(elts=parts):
                return tuple(self._value(part, local) for part in parts)
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return -self._value(inner, local)
            case ast.BinOp():
                return self._binary(node, self._value(node.left, local), self._value(node.right, local))
            case _:
                return self._made(node, local)

    def _made(self, node: ast.expr, local: Local) -> Any:
        match node:
            case ast.Call(func=func, args=args, keywords=[]) if self._names.is_builtin(func) == "range":
                return range(*[self._value(arg, local) for arg in args])
            case ast.Call(func=func, args=args, keywords=[]) if self._names.is_builtin(func) in _MAKERS:
                return _MAKERS[self._names.is_builtin(func)](*[self.items(arg, local) for arg in args])
            case ast.ListComp(generators=[part]) | ast.GeneratorExp(generators=[part]) if not part.ifs:
                turns = [{**local, **spread(part.target, item)} for item in self.items(part.iter, local)]
                made: list[object] = [self._value(node.elt, turn) for turn in turns]
                return made if isinstance(node, ast.ListComp) else iter(made)
            case ast.JoinedStr(values=parts):
                return "".join([self._value(part, local) for part in parts])
            case ast.FormattedValue(value=inner, conversion=-1, format_spec=None):
                value = self._value(inner, local)
                if type(value) in (str, int, float, bool):
                    return str(value)
                raise self._unknown(inner)
            case _:
                raise self._unknown(node)

    def _named(self, node: ast.Name, *, in_loop: bool) -> Any:
        binding = self._names.binding(node)
        given = self._line.given.get(binding) if binding is not None else None
        made = given or self._names.assigned(node)
        if given is None and (made is node or self._names.parents[made] not in self._steps):
            raise self._unknown(node)
        value: Any = self._known[made] if made in self._known else self._value(made, {})
        if in_loop and not is_fixed(
            value
        ):  # the same object each time, which one task may change for another
            raise self._unknown(node)
        if not is_fixed(value) and made not in self._known:
            self._require_unchanged(node, value)
        if isinstance(value, Iterator):
            return cast("Any", value)
        self._known[made] = value
        return value

    def _require_unchanged(self, node: ast.Name, value: Any) -> None:
        """Check that the script only ever reads a list; whoever else has it may change it."""
        safe: frozenset[str] = frozenset()  # any use takes items from an iterator
        if not isinstance(value, Iterator):
            safe = _READERS | _PASSING if is_fixed(tuple(value)) else _READERS
        for other in self._names.uses(node.id, self._names.scope_of(node.id, node)):
            match self._names.parents[other]:
                case ast.Call(func=func) if self._names.is_builtin(func) in safe:
                    pass
                case ast.FormattedValue() | ast.Compare() if safe:
                    pass
                case ast.For() | ast.comprehension() | ast.Subscript(ctx=ast.Load()) if "list" in safe:
                    pass
                case _ if other is not node:
                    raise NotCertain(f"{node.id} may be changed here, so it is not certain", other)
                case _:
                    pass

    def _binary(self, node: ast.BinOp, one: Any, other: Any) -> Any:
        numbers, size = {type(one), type(other)} <= {int, float}, 0
        match node.op:
            case ast.Add() if type(one) is type(other) and type(one) in (str, list, tuple):
                size = len(one) + len(other)
            case ast.Mult() if type(other) is int and type(one) in (str, list) and is_fixed(tuple(one)):
                size = len(one) * max(0, other)
            case ast.Pow() if not numbers or abs(one) >= _BIG or not 0 <= other <= 256:
                raise self._unknown(node)
            case _ if not numbers or type(node.op) not in _OPERATORS:
                raise self._unknown(node)
            case _:
                pass
        self._spend(size, node)
        found = _OPERATORS[type(node.op)](one, other)
        if type(found) is int and abs(found) > _BIG:
            raise self._unknown(node)
        return found


def spread(target: ast.expr, item: Any) -> dict[str, Any]:
    """The variables of a loop in one iteration."""
    match target:
        case ast.Name(id=name):
            return {name: item}
        case ast.Tuple(elts=parts) if isinstance(item, (list, tuple)):
            pairs = zip(parts, cast("Iterable[Any]", item), strict=True)
            return {name: value for part, found in pairs for name, value in spread(part, found).items()}
        case _:
            raise NotCertain(f"{seen(target)} is not a plain name", target)


def is_fixed(value: Any) -> bool:
    """Whether it is immutable."""
    if isinstance(value, tuple):
        return all(map(is_fixed, cast("tuple[Any, ...]", value)))
    return not isinstance(value, list | Iterator)
