"""A notebook as the main process of a script: its cells one after the other, as Jupyter runs them."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

from . import state

PYPLOT = "matplotlib.pyplot"


def run(path: str, main: ModuleType, watch: Callable[[str, Callable[[ModuleType], None]], None]) -> None:
    """Run the cells of a notebook in the module `main`. Exceptions of cells pass through.

    `watch` arranges for a module to be patched when it is imported.
    """
    from ...books.book import read_book
    from ...books.definitions import AWAITS, FUTURE
    from ...books.jupyter import furnish
    from ...books.pictures import Pictures

    book = read_book(path)
    book.remember_lines()
    furnish(vars(main))
    pictures = Pictures(state.host().folder)
    watch(PYPLOT, pictures.patch)
    flags = AWAITS
    loops: list[Any] = []
    for cell in book.cells:
        pictures.cell = cell.number
        code = compile(cell.code, cell.file(path), "exec", flags, dont_inherit=True)
        flags |= code.co_flags & FUTURE
        try:
            if code.co_flags & inspect.CO_COROUTINE:
                _loop(loops).run_until_complete(eval(code, vars(main)))
            else:
                exec(code, vars(main))
        finally:
            pictures.keep()


def _loop(made: list[Any]) -> Any:
    """The event loop of all cells, created for the first one that awaits."""
    if not made:
        import asyncio

        made.append(asyncio.new_event_loop())
        asyncio.set_event_loop(made[0])
    return made[0]


def told_to_children(path: str) -> dict[str, Any]:
    """What a spawned process must know about the notebook that runs here."""
    from ...books.definitions import position

    return {"path": path, "until": position(path)}


def define(told: dict[str, Any]) -> None:
    """Define the notebook's functions in a spawned process, as a script's child imports main."""
    from ...books.book import read_book
    from ...books.definitions import Position, definitions, execute
    from ...books.jupyter import furnish

    book = read_book(told["path"])
    book.remember_lines()
    main = ModuleType("__main__")
    sys.modules["__main__"] = sys.modules["__mp_main__"] = main
    furnish(vars(main))
    until = told["until"]
    statements = definitions(book, until=None if until is None else Position(*until))
    with state.defining():
        execute(statements, book.path, vars(main), forgiving=True)
