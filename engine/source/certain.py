"""Values that the text of a script determines: literals, ranges, plain arithmetic on them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias, cast

from engine.source.names import Names, Scope
from engine.source.notes import NotCertain, seen

Local: TypeAlias = Mapping[str, Any]
MOST = 100_000
"""The most values that are computed while reading; a range stays a range."""
_BIG = 1 << 256
_READERS = frozenset({"len", "print", "sum", "min", "max", "str", "repr", "bool", "any", "all"})
"""Builtins that do not change their arguments,"""
_PASSING = frozenset({"zip", "enumerate", "sorted", "iter", "reversed", "list", "tuple", "set", "dict"})
"""and those that do not as long as the elements cannot be changed."""


class Certain:
    """Evaluates expressions. `known` holds the values of names, by scope."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self.known: dict[tuple[Scope, str], Any] = {}
        self._left = MOST
        """How much may still be computed. It bounds time and memory, whatever the script says."""

    def keep(self, target: ast.Name, value: Any) -> None:
        """A name gets a value."""
        scope = self._names.scope_of(target.id, target)
        assert scope is not None
        self.known[scope, target.id] = value

    def value(self, node: ast.expr, local: Local | None = None) -> Any:
        """The value of an expression; `local` has the variables of loops. Raises `NotCertain`."""
        try:
            return self._value(node, local or {})
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise NotCertain(f"{seen(node)} fails: {error}", node) from None
        except RecursionError:
            raise NotCertain("This is nested too deeply to read", node) from None

    def _spend(self, count: int, node: ast.expr) -> None:
        self._left -= count
        if self._left < 0:
            raise NotCertain(f"{seen(node)} makes more values than reading allows", node)

    def _value(self, node: ast.expr, local: Local) -> Any:
        self._spend(1, node)
        match node:
            case ast.Constant(value=value) if value is not ...:
                return value
            case ast.Name(id=name):
                if name not in local:
                    return self._named(node, bool(local))
                if not _is_fixed(local[name]):
                    raise self._unknown(node)
                return local[name]
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                values = [self._value(part, local) for part in parts]
                return values if isinstance(node, ast.List) else tuple(values)
            case ast.Dict(keys=keys, values=values):
                return {self._key(key, node, local): self._value(v, local) for key, v in zip(keys, values)}  # noqa: B905
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=inner):
                number = self._number(inner, local)
                return -number if isinstance(node.op, ast.USub) else +number
            case ast.BinOp():
                return self._binary(node, self._value(node.left, local), self._value(node.right, local))
            case _:
                return self._made(node, local)

    def _made(self, node: ast.expr, local: Local) -> Any:
        match node:
            case ast.Subscript():
                return self._part(node, local)
            case ast.Call(keywords=[]):
                return self._call(node, local)
            case ast.ListComp() | ast.GeneratorExp():
                return self._comprehension(node, local)
            case ast.JoinedStr():
                return "".join(self._text(part, local) for part in node.values)
            case _:
                raise self._unknown(node)

    def _unknown(self, node: ast.expr) -> NotCertain:
        return NotCertain(f"What {seen(node)} gives is not certain before the script runs", node)

    def _named(self, node: ast.Name, in_loop: bool) -> Any:
        binding = self._names.binding(node)
        scope = self._names.scope_of(node.id, node)
        if binding is None or scope is None or (scope, node.id) not in self.known:
            raise self._unknown(node)
        value: Any = self.known[scope, node.id]
        if type(value) in (list, dict):
            if in_loop:  # the same object each time, which one task may change for another
                raise self._unknown(node)
            self._owned_by_one(node, value)
        return value

    def _owned_by_one(self, node: ast.Name, value: list[Any] | dict[Any, Any]) -> None:
        """Whether a list has only one owner: whoever shares it may change it."""
        fixed = all(_is_fixed(item) for item in value) and isinstance(value, list)
        for other in self._names.loads[node.id]:
            if other is not node and not self._only_reads(other, fixed):
                raise NotCertain(f"{node.id} may be changed here, so what is in it is not certain", other)

    def _only_reads(self, use: ast.Name, fixed: bool) -> bool:
        """Whether a use of a list leaves it unchanged; `fixed` is whether its elements cannot change."""
        parent = self._names.parents[use]
        match parent:
            case ast.Call(func=func) if use in parent.args:
                builtin = self._names.is_builtin(func)
                logs = self._names.path(func).startswith("logging.")
                return builtin in _READERS or logs or (fixed and builtin in _PASSING)
            case ast.FormattedValue() | ast.Compare():
                return True
            case ast.For(iter=over) | ast.comprehension(iter=over):
                return fixed and use is over
            case ast.Subscript(value=owner, ctx=ast.Load()):
                return fixed and use is owner
            case _:
                return False

    def _key(self, key: ast.expr | None, node: ast.expr, local: Local) -> Any:
        if key is None:
            raise self._unknown(node)
        return self._value(key, local)

    def _number(self, node: ast.expr, local: Local) -> int | float:
        value = self._value(node, local)
        if type(value) not in (int, float):
            raise self._unknown(node)
        return value

    def _binary(self, node: ast.BinOp, one: Any, other: Any) -> Any:
        kinds: set[type[Any]] = {type(one), type(other)}
        if kinds <= {int, float}:
            return self._arithmetic(node, one, other)
        match node.op:
            case ast.Add() if len(kinds) == 1 and kinds <= {str, list, tuple}:
                self._spend(len(one) + len(other), node)
                return one + other
            case ast.Mult() if kinds in ({int, str}, {int, list}, {int, tuple}):
                items, times = (other, one) if type(one) is int else (one, other)
                if not all(_is_fixed(item) for item in items):  # the same object many times
                    raise self._unknown(node)
                self._spend(len(items) * max(0, times), node)
                return items * times
            case _:
                raise self._unknown(node)

    def _arithmetic(self, node: ast.BinOp, one: Any, other: Any) -> Any:
        match node.op:
            case ast.Add():
                found = one + other
            case ast.Sub():
                found = one - other
            case ast.Mult():
                found = one * other
            case ast.Div():
                found = one / other
            case ast.FloorDiv():
                found = one // other
            case ast.Mod():
                found = one % other
            case ast.Pow() if abs(one) < _BIG and 0 <= other <= 256:
                found = one**other
            case _:
                raise self._unknown(node)
        if type(found) is int and abs(found) > _BIG:
            raise self._unknown(node)
        return found

    def _part(self, node: ast.Subscript, local: Local) -> Any:
        owner = self._value(node.value, local)
        if not isinstance(owner, (list, tuple, dict, str, range)):
            raise self._unknown(node)
        match node.slice:
            case ast.Slice(lower=lower, upper=upper, step=step):
                ends = [None if end is None else self._value(end, local) for end in (lower, upper, step)]
                found = cast("Any", owner)[slice(*ends)]
                self._spend(0 if isinstance(found, range) else len(found), node)
                return found
            case key:
                return cast("Any", owner)[self._value(key, local)]

    def _call(self, node: ast.Call, local: Local) -> Any:
        builtin = self._names.is_builtin(node.func)
        if builtin not in ("range", "list", "tuple", "len", "zip", "enumerate") or any(
            isinstance(arg, ast.Starred) for arg in node.args
        ):
            raise self._unknown(node)
        args = [self._value(arg, local) for arg in node.args]
        if builtin == "range":
            return range(*args)
        if builtin == "len":
            return len(args[0])
        if builtin == "enumerate":
            return list(enumerate(self.items(args[0], node), *args[1:]))
        columns = [self.items(arg, node) for arg in args]
        if builtin == "zip":
            return list(zip(*columns, strict=False))
        items = columns[0] if columns else []
        return items if builtin == "list" else tuple(items)

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp, local: Local) -> list[Any]:
        match node.generators:
            case [ast.comprehension(target=target, iter=over, ifs=[], is_async=0)]:
                items = self.items(self._value(over, local), node)
                return [self._value(node.elt, {**local, **spread(target, item)}) for item in items]
            case _:
                raise self._unknown(node)

    def _text(self, node: ast.expr, local: Local) -> str:
        match node:
            case ast.FormattedValue(value=inner, conversion=-1, format_spec=None):
                value = self._value(inner, local)
                if type(value) in (str, int, float, bool):
                    return str(value)
            case ast.Constant(value=str(text)):
                return text
            case _:
                pass
        raise self._unknown(node)

    def items(self, value: Any, node: ast.expr) -> list[Any]:
        """What an iteration over `value` yields."""
        if not isinstance(value, (list, tuple, range, str)):
            raise self._unknown(node)
        items = cast("list[Any] | tuple[Any, ...] | range | str", value)
        self._spend(len(items), node)
        return list(items)


def spread(target: ast.expr, item: Any) -> dict[str, Any]:
    """The variables of a loop in one iteration."""
    match target:
        case ast.Name(id=name):
            return {name: item}
        case ast.Tuple(elts=parts) if isinstance(item, (list, tuple)):
            found: dict[str, Any] = {}
            for part, value in zip(parts, cast("Iterable[Any]", item), strict=True):
                found |= spread(part, value)
            return found
        case _:
            raise NotCertain(f"{seen(target)} is not a plain name", target)


def _is_fixed(value: Any) -> bool:
    """Whether it is immutable."""
    if isinstance(value, tuple):
        return all(_is_fixed(item) for item in cast("tuple[Any, ...]", value))
    return not isinstance(value, (list, dict))
