"""The loops of a script that is followed, and where in them a call stands."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.source.values import Items

TURNS = 2_000
"""A loop that runs more often is followed once only."""
MUTATORS = ("append", "extend", "insert", "add", "update", "remove", "pop", "clear", "sort", "reverse")


@dataclass(eq=False)
class Loop:
    """A loop that is being followed; `items` is None where what it runs over is not known."""

    node: ast.AST
    target: ast.expr | None
    items: Items | None
    doubt: int
    """Unknown conditions around the loop."""
    item: object = None
    """That of the present turn."""
    partial: bool = False
    """Not every turn was followed."""
    unsure: bool = False
    """Some turns may do something else than is followed."""

    @property
    def whole(self) -> bool:
        """Was it followed as it runs, turn by turn?"""
        return self.items is not None and not self.partial and not self.unsure


@dataclass(frozen=True)
class Here:
    """Where a call stands: the loops around it, outermost first; under the main guard; under a condition that
    is not known."""

    loops: list[Loop]
    guarded: bool
    doubtful: bool


def names_in(node: ast.expr) -> list[str]:
    """The names in an expression."""
    return [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]


def touched(body: Iterable[ast.stmt]) -> Iterator[tuple[str, ast.AST]]:
    """The names that statements bind or whose value they may change, with the place."""
    for node in (part for statement in body for part in ast.walk(statement)):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name, node
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attr)) if attr in MUTATORS:
                yield name, node
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
                yield name, node
            case _:
                pass
