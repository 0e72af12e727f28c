"""Evaluates the expressions of a script as far as its text tells, calls and loops included."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, TypeAlias, cast

from engine.source.loops import MUTATORS, TURNS, Loop
from engine.source.scopes import Scope, Scopes
from engine.source.values import (
    RESULT,
    Call,
    Defined,
    Known,
    Mark,
    Method,
    Thing,
    Unknown,
    Value,
    attempt,
    binary,
    compare,
    elements,
    gathered,
    mapping,
    pure,
    unary,
)
from engine.syntax.functions import FunctionNode, is_builtin

DEPTH = 20

Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
_COPIES = ("items", "keys", "values", "split", "upper", "lower")


class Expressions(Scopes):
    """Evaluates expressions, and tells the library what they call."""

    def expr(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant():
                return Known(node.value)
            case ast.Name(id=name):
                return self.lookup(name) or (Thing(f"builtins.{name}") if is_builtin(name) else Unknown(node))
            case ast.Call():
                return self._call(node)
            case ast.Attribute():
                return self._attribute(node)
            case ast.List() | ast.Tuple() | ast.Set():
                make = {ast.List: list, ast.Tuple: tuple, ast.Set: set}[type(node)]
                return gathered(node, self._members(node.elts), make)
            case ast.Dict():
                return self._dict(node)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self._comprehension(node)
            case ast.NamedExpr():
                value = self.expr(node.value)
                self._bind(node.target, value)
                return value
            case ast.JoinedStr():
                return self._text(node)
            case ast.Await() | ast.Starred():
                return self.expr(node.value)
            case _:
                return self._operation(node)

    def _operation(self, node: ast.expr) -> Value:
        match node:
            case ast.BinOp():
                return binary(node, self.expr(node.left), self.expr(node.right))
            case ast.UnaryOp():
                return unary(node, self.expr(node.operand))
            case ast.Compare():
                return compare(node, [self.expr(part) for part in (node.left, *node.comparators)])
            case ast.BoolOp():
                return self._bool(node)
            case ast.IfExp():
                test = self.expr(node.test)
                if isinstance(test, Known):
                    return self.expr(node.body if test.value else node.orelse)
                return Unknown(node)
            case ast.Subscript():
                owner, key = self.expr(node.value), self.expr(node.slice)
                if isinstance(owner, Known) and isinstance(key, Known):
                    return attempt(node, lambda: owner.value[key.value])
                return Unknown(node)
            case _:
                return Unknown(node)

    def _bool(self, node: ast.BoolOp) -> Value:
        for part in node.values:
            value = self.expr(part)
            if not isinstance(value, Known):
                return value if isinstance(value, Mark) else Unknown(node)
            if bool(value.value) is isinstance(node.op, ast.Or):
                return value
        return value  # pyright: ignore[reportPossiblyUnboundVariable]

    def _attribute(self, node: ast.Attribute) -> Value:
        owner = self.expr(node.value)
        match owner:
            case Thing(path=path, method=method):
                return self.library.constant(f"{path}.{node.attr}", method)
            case Defined(node=ast.ClassDef() | None):
                return Defined(f"{owner.name}.{node.attr}", None, owner.where)
            case _:
                return Method(owner, node.attr)

    def _members(self, nodes: list[ast.expr]) -> Iterator[Value]:
        for node in nodes:
            if not isinstance(node, ast.Starred):
                yield self.expr(node)
                continue
            items = elements(self.expr(node.value))
            if items is None or len(items) > TURNS:
                yield Unknown(node)
            else:
                yield from (Known(item) for item in items)

    def _dict(self, node: ast.Dict) -> Value:
        keys = [self.expr(key) if key else Unknown(node) for key in node.keys]
        values = [self.expr(value) for value in node.values]
        return gathered(
            node, keys + values, lambda all_: dict(zip(all_[: len(keys)], all_[len(keys) :], strict=True))
        )

    def _text(self, node: ast.JoinedStr) -> Value:
        parts: list[Value] = []
        for part in node.values:
            value = self.expr(part.value if isinstance(part, ast.FormattedValue) else part)
            plain = not isinstance(part, ast.FormattedValue) or (
                part.conversion == -1 and not part.format_spec
            )
            parts.append(value if plain or value == RESULT else Unknown(part))
        return gathered(node, parts, lambda texts: "".join(map(str, texts)))

    def _comprehension(self, node: Comprehension) -> Value:
        found: list[Value] = []
        scope, self.scope = self.scope, dict(self.scope)
        made = node.key if isinstance(node, ast.DictComp) else node.elt
        loops: list[Loop] = []

        def level(depth: int) -> str:
            self._step(node)
            if depth == len(node.generators):
                found.append(self.expr(made))
                if isinstance(node, ast.DictComp):
                    found.append(self.expr(node.value))
                return ""
            part = node.generators[depth]

            def turn() -> str:
                loops.append(self.loops[-1])
                tests = [self.expr(test) for test in part.ifs]
                self.loops[-1].unsure |= bool(tests) and self.loops[-1].partial
                if any(isinstance(test, Known) and not test.value for test in tests):
                    return ""
                if any(not isinstance(test, Known) for test in tests):
                    self.loops[-1].unsure = True
                    found.append(Unknown(node))
                return level(depth + 1)

            return self._iterate(part.target, part.iter, [], turn)

        try:
            level(0)
        finally:
            self.scope = scope
        if not all(loop.whole for loop in loops):
            found.append(Unknown(node))
        if isinstance(node, ast.DictComp):
            return gathered(node, found, lambda flat: dict(zip(flat[::2], flat[1::2], strict=True)))
        return gathered(node, found, set if isinstance(node, ast.SetComp) else list)

    # Calls

    def _call(self, node: ast.Call) -> Value:
        callee = self.expr(node.func)
        call = Call(node)
        for arg in node.args:
            if isinstance(arg, ast.Starred) and elements(self.expr(arg.value)) is None:
                call.open = True
            else:
                call.args += self._members([arg])
        for keyword in node.keywords:
            value = self.expr(keyword.value)
            if keyword.arg:
                call.keywords[keyword.arg] = value
            elif (pairs := mapping(value)) is not None:
                call.keywords |= {key: Known(item) for key, item in pairs.items()}
            else:
                call.open = True
        match callee:
            case Thing(path=path) if path.startswith("builtins."):
                return pure(path.removeprefix("builtins."), call)
            case Thing():
                found = self.library.call(callee, call, self._here())
                if found is not None:
                    return found
            case Defined(node=ast.FunctionDef() | ast.AsyncFunctionDef() as function):
                return self._enter(function, call)
            case Method(owner=owner, name=name):
                return self._method(owner, name, call)
            case _:
                pass
        self._let_go(node)
        return Unknown(node)

    def _let_go(self, node: ast.Call) -> None:
        """Lists handed to unknown code may come back changed."""
        for arg in node.args:
            if isinstance(arg, ast.Name):
                value = self.lookup(arg.id)
                if isinstance(value, Known) and isinstance(value.value, (list, dict, set)):
                    self._bind_name(arg.id, Unknown(node))

    def _method(self, owner: Value, name: str, call: Call) -> Value:
        if isinstance(owner, Known):
            return self._known_method(owner.value, name, call)
        if isinstance(owner, Unknown):
            if name in MUTATORS:
                self._collect(call)
            self._let_go(call.node)
            return Unknown(call.node)
        return self.library.method(owner, name, call, self._here()) or Unknown(call.node)

    def _known_method(self, owner: Any, name: str, call: Call) -> Value:
        args = [arg.value for arg in call.args if isinstance(arg, Known)]
        known = len(args) == len(call.args) and not call.keywords and not call.open
        if name in MUTATORS and isinstance(owner, (list, dict, set)):
            if known and not self.doubt and not self._partial():
                return attempt(call.node, lambda: getattr(cast(Any, owner), name)(*args))
            self._collect(call)
        elif isinstance(owner, str) and RESULT in [*call.args, *call.keywords.values()]:
            return RESULT  # "...".format(results), ", ".join(results)
        elif isinstance(owner, (dict, str)) and name in _COPIES and known:
            found = attempt(call.node, lambda: getattr(cast(Any, owner), name)(*args))
            return (
                gathered(call.node, [found], lambda known: list(known[0]))
                if isinstance(owner, dict)
                else found
            )
        return Unknown(call.node)

    def _partial(self) -> bool:
        return any(not loop.whole for loop in self.loops)

    def _collect(self, call: Call) -> None:
        """`handles.append(handle)`: the list is now one of handles; with anything unknown it is unknown."""
        owner = call.node.func.value if isinstance(call.node.func, ast.Attribute) else None
        if isinstance(owner, ast.Name):
            added = gathered(call.node, call.args, list)
            self._bind_name(owner.id, added if isinstance(added, Mark) else Unknown(call.node))

    def _enter(self, function: FunctionNode, call: Call) -> Value:
        """Follow a call of one of the script's own functions."""
        if function in self.entered or len(self.entered) >= DEPTH:
            return Unknown(call.node)
        scope = self._arguments(function, call)
        outer, self.scope = self.scope, scope
        returned, self._returned = self._returned, []
        self.entered.append(function)
        try:
            self.run(function.body)
            values = self._returned
        finally:
            self.entered.pop()
            self.scope, self._returned = outer, returned
        return values[0] if len(values) == 1 else Unknown(call.node) if values else Known(None)

    def _arguments(self, function: FunctionNode, call: Call) -> Scope:
        """What a function's parameters are in a call of it."""
        plain = function.args.posonlyargs + function.args.args
        names = [arg.arg for arg in plain + function.args.kwonlyargs]
        scope: Scope = {name: Unknown(call.node) for name in names}
        if not call.open:
            for arg, default in zip(reversed(plain), reversed(function.args.defaults), strict=False):
                scope[arg.arg] = self.expr(default)
            for arg, default in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True):
                if default:
                    scope[arg.arg] = self.expr(default)
        for arg, value in zip(plain, call.args, strict=False):
            scope[arg.arg] = value
        for name, value in call.keywords.items():
            if name in names:
                scope[name] = value
        for rest in (function.args.vararg, function.args.kwarg):
            if rest:
                scope[rest.arg] = Unknown(call.node)
        return scope
