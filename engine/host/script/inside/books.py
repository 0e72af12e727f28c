"""A notebook as the main process of a script: its cells one after the other, as Jupyter runs them."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import ast
import builtins
import inspect
from collections.abc import Callable
from contextlib import suppress
from types import ModuleType

from ...books.book import Book, Cell, read_book
from ...books.definitions import AWAITS, FUTURE, Position, compiled, definitions, parsed, position, run_code
from ...books.jupyter import PATCHES, Underscores, furnish
from ...books.pictures import PYPLOT, Pictures
from ...typed import Any
from . import state, values

_running: list[Book] = []
"""The notebook of this process, as it was when the run began."""
_until: list[Position | None] = []
"""In a spawned process: up to where the notebook is defined here."""


def run(path: str, main: ModuleType, watch: Callable[[str, Callable[[ModuleType], None]], None]) -> None:
    """Run the cells of a notebook in the module `main`. Exceptions of cells pass through.

    `watch` arranges for a module to be patched when it is imported.
    """
    book = read_book(path)
    _running[:] = [book]
    book.remember_lines()
    pictures = Pictures(state.host().folder)
    for name, patch in {PYPLOT: pictures.patch, **PATCHES}.items():
        watch(name, patch)
    furnish(vars(main), pictures.show)
    runner = _Runner(book.path, vars(main), pictures)
    for cell in book.cells:
        pictures.cell = cell.number
        try:
            runner.run(cell)
        finally:
            pictures.keep()


class _Runner:
    """Runs cells. They share an event loop, and what is imported from `__future__`."""

    def __init__(self, path: str, namespace: dict[str, Any], pictures: Pictures) -> None:
        self._path = path
        self._namespace = namespace
        self._pictures = pictures
        self._underscores = Underscores(namespace)
        self._flags = AWAITS
        self._loop: Any = None

    def run(self, cell: Cell) -> None:
        tree = parsed(cell, self._path)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        code = self._compiled(tree, cell, "exec")
        if not isinstance(last, ast.Expr):
            self._execute(code)
            return
        value = self._compiled(ast.Expression(last.value), cell, "eval")
        self._execute(code)
        result = self._execute(value)
        if not cell.code.rstrip().endswith(";"):
            self._underscores.take(result)
            self._pictures.take(result)

    def _compiled(self, tree: ast.Module | ast.Expression, cell: Cell, mode: str) -> Any:
        code = compile(tree, cell.file(self._path), mode, self._flags, dont_inherit=True)
        self._flags |= code.co_flags & FUTURE
        return code

    def _execute(self, code: Any) -> Any:
        if not code.co_flags & inspect.CO_COROUTINE:
            return eval(code, self._namespace)
        if self._loop is None:
            import asyncio

            self._loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self._loop)
        return self._loop.run_until_complete(eval(code, self._namespace))


class Told:
    """What spawned processes must know about the notebook, as it is when the first of them is pickled."""

    def __init__(self) -> None:
        self._until: Position | None = None
        self._wanted: list[str] | None = None
        self._kept: dict[str, bytes] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        book = _running[0]
        if self._wanted is None:
            self._until = _until[0] if _until else position(book.path)
            self._wanted = values.defined()
        sent = values.Sent(self._kept)
        definitions(book, self._wanted, self._until, sent)  # asks for the values that are needed
        self._kept = sent.kept
        told: dict[str, Any] = {
            "path": book.path,
            "cells": [(cell.number, cell.code) for cell in book.cells],
            "until": self._until and tuple(self._until),
            "wanted": self._wanted,
            "values": sent.pickles,
        }
        return dict, (told,)


def define(told: dict[str, Any]) -> None:
    """Define the notebook's functions in a spawned process, as a script's child imports main."""
    book = Book(told["path"], [Cell(number, code, []) for number, code in told["cells"]])
    until = None if told["until"] is None else Position(*told["until"])
    _running[:], _until[:] = [book], [until]
    main = ModuleType("__main__")
    sys.modules["__main__"] = sys.modules["__mp_main__"] = main
    book.remember_lines()
    vars(main).update(__builtins__=builtins)  # not those of our own modules
    furnish(vars(main))
    sent: dict[str, bytes] = told["values"]
    arrived = values.Arrived(sent, vars(main))
    with state.defining():
        for code in compiled(definitions(book, told["wanted"], until, sent), book.path):
            arrived.load()
            with suppress(Exception):  # what it defines is missing, which is said where that is used
                run_code(code, vars(main))
        arrived.load()
    arrived.keep()
