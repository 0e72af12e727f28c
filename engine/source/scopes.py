"""The names and loops of a script that is followed: what is known where."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, TypeAlias

from engine.source.library import Library
from engine.source.loops import TURNS, Here, Loop, names_in, touched
from engine.source.values import ITEM, RESULT, Known, Mark, Unknown, Value, binary, elements

STEPS = 300_000
STEPS_IN_LOOP = 10_000
"""What is followed of a loop, so that a script that computes a lot is read as quickly."""

Scope: TypeAlias = dict[str, Value]


class TooLong(Exception):
    """The script does more than can be followed; `node` is where that was given up."""

    def __init__(self, node: ast.AST) -> None:
        super().__init__()
        self.node = node


class Scopes(ABC):
    """Keeps names and loops while statements and expressions are followed."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.top: Scope = {"__name__": Known("__main__")}
        self.scope: Scope = self.top
        self.loops: list[Loop] = []
        self.guarded: bool = False
        """Under the main guard."""
        self.entered: list[ast.AST] = []
        self.doubt: int = 0
        """Unknown conditions around what is followed."""
        self._steps = 0
        self._returned: list[Value] = []

    @abstractmethod
    def expr(self, node: ast.expr) -> Value:
        """The value of an expression; what it calls is told to the library."""

    @abstractmethod
    def run(self, body: list[ast.stmt]) -> str:
        """Follow statements; how they end: empty, break, continue or return."""

    def _step(self, node: ast.AST) -> None:
        self._steps += 1
        if self._steps > STEPS:
            raise TooLong(node)

    def _here(self) -> Here:
        doubtful = bool(self.loops) and self.doubt > self.loops[-1].doubt
        return Here(list(self.loops), self.guarded, doubtful)

    # Loops

    def _iterate(
        self, target: ast.expr, over: ast.expr, body: list[ast.stmt], turn: Callable[[], str]
    ) -> str:
        """Follow a loop turn by turn, or once where it is too long or what it runs over is not known."""
        value = self.expr(over)
        items = elements(value)
        loop = Loop(over, target, items, self.doubt)
        if items is None:
            self._bind(target, self._element(value, over))
            self._once(loop, body, turn)
            return ""
        if len(items) > TURNS:
            loop.partial = True
            loop.item = items[0]
            self._bind(target, Known(loop.item))
            self._once(loop, body, turn)
            return ""
        self.loops.append(loop)
        end = self._turns(loop, target, list(items), turn)
        self.loops.pop()
        if loop.partial:
            self._forget(body)
        return end

    def _turns(self, loop: Loop, target: ast.expr, items: list[Any], turn: Callable[[], str]) -> str:
        start = self._steps
        for number, loop.item in enumerate(items, 1):
            self._bind(target, Known(loop.item))
            end = turn()
            if end == "return":
                return end
            if end == "break":
                return ""
            if self._steps - start > STEPS_IN_LOOP:
                loop.partial = number < len(items)
                return ""
        return ""

    def _once(self, loop: Loop, body: list[ast.stmt], turn: Callable[[], str]) -> None:
        kept = dict(self.scope)
        self._forget(body)
        if loop.target is not None:
            for name in names_in(loop.target):
                self.scope[name] = kept[name]
        self.loops.append(loop)
        try:
            if turn():
                loop.unsure = True
        finally:
            self.loops.pop()
        self._forget(body)

    def _element(self, value: Value, node: ast.expr) -> Value:
        if value == RESULT:
            return ITEM
        return value if isinstance(value, Mark) else Unknown(node)

    def _forget(self, body: list[ast.stmt]) -> None:
        """Known values that `body` may change are known no more."""
        for name, node in touched(body):
            if isinstance(self.scope.get(name), Known):
                self.scope[name] = Unknown(node)

    # Names

    def _bind(self, target: ast.expr, value: Value) -> None:
        match target:
            case ast.Name(id=name):
                self._bind_name(name, value)
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                items = elements(value)
                fits = items is not None and len(items) == len(targets)
                for place, part in enumerate(targets):
                    known = (
                        Known(items[place]) if items is not None and fits else self._element(value, target)
                    )
                    self._bind(part, known)
            case ast.Subscript(value=owner) | ast.Attribute(value=owner) | ast.Starred(value=owner):
                for name in names_in(owner):
                    if isinstance(self.lookup(name), Known):
                        self._bind_name(name, Unknown(target))
            case _:
                pass

    def _bind_name(self, name: str, value: Value) -> None:
        self.scope[name] = value

    def _augment(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            left = self.lookup(node.target.id) or Unknown(node)
            self.scope[node.target.id] = binary(
                ast.copy_location(ast.BinOp(node.target, node.op, node.value), node),
                left,
                self.expr(node.value),
            )
        else:
            self._bind(node.target, Unknown(node))

    def lookup(self, name: str) -> Value | None:
        return self.scope.get(name) or self.top.get(name)
