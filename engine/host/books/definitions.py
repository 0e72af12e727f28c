"""What a notebook defines, as a module: functions, classes, imports, and what these need from the rest."""

from __future__ import annotations
import __future__

import ast
import asyncio
import inspect
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple, cast

from .book import Book, Cell

ALWAYS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
SCOPES = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp,
    ast.GeneratorExp,
)  # fmt: skip
WORKERS = ("Pool", "PoolExecutor", "Process", "Parallel", "Manager")
"""Suffixes of names that create processes."""
IDLE = ("multiprocessing", "concurrent", "threading", "subprocess", "time", "os", "asyncio")
"""Modules in which a bare call does something, rather than setting something up."""
SURROUNDINGS = ("sys.path", "os.environ", "os.chdir")
"""Statements that name these are run, since an import may depend on them."""
FUTURE: int = sum({getattr(__future__, name).compiler_flag for name in __future__.all_feature_names})
AWAITS: int = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


class Statement(NamedTuple):
    """A statement at the top level of a cell."""

    cell: Cell
    node: ast.stmt


class Position(NamedTuple):
    """The current position in a running notebook: nothing after it is defined yet."""

    cell: int
    line: int

    def is_behind(self, statement: Statement) -> bool:
        """Whether a statement has begun."""
        return (statement.cell.number, statement.node.lineno) <= self


def parsed(cell: Cell, path: str) -> ast.Module:
    """The syntax tree of a cell. Raises `SyntaxError`, which names the cell as its file."""
    tree = compile(cell.code, cell.file(path), "exec", ast.PyCF_ONLY_AST | AWAITS, dont_inherit=True)
    return cast("ast.Module", tree)


def definitions(book: Book, wanted: Iterable[str] = (), until: Position | None = None) -> list[Statement]:
    """The statements that define something, and those that create what their functions and `wanted` use.

    Raises `SyntaxError`.
    """
    found = [
        statement
        for cell in book.cells
        if until is None or cell.number <= until.cell
        for statement in (Statement(cell, node) for node in parsed(cell, book.path).body)
        if until is None or until.is_behind(statement)
    ]
    modules = {
        (alias.asname or alias.name).partition(".")[0]: getattr(node, "module", None) or alias.name
        for _, node in found
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }
    chosen = {at for at, statement in enumerate(found) if _defines(statement.node)}
    needed = {name.partition(".")[0] for name in wanted}
    for at in chosen:
        needed |= _loaded(found[at].node)
    grows = True
    while grows:
        grows = False
        for at, statement in enumerate(found):
            if at not in chosen and not needed.isdisjoint(_touched(statement.node, modules)):
                chosen.add(at)
                needed |= _loaded(statement.node)
                grows = True
    return [found[at] for at in sorted(chosen)]


def _defines(node: ast.stmt) -> bool:
    if isinstance(node, ALWAYS):
        return True
    if isinstance(node, (ast.If, ast.Try)):
        return all(isinstance(part, (*ALWAYS, ast.Assign, ast.Pass)) for part in _blocks(node))
    return any(name in _words(node) for name in SURROUNDINGS)


def _words(node: ast.stmt) -> str:
    return ast.unparse(node) if isinstance(node, (ast.Expr, ast.Assign, ast.If)) else ""


def _blocks(node: ast.stmt) -> Iterator[ast.stmt]:
    for block in ("body", "orelse", "finalbody", "handlers"):
        for part in cast("list[Any]", getattr(node, block, [])):
            if isinstance(part, ast.ExceptHandler):
                yield from part.body
            else:
                yield part


def _loaded(node: ast.AST) -> set[str]:
    """The names of the notebook that a statement reads, now or when one of its functions is called."""
    if isinstance(node, SCOPES):
        inner: set[str] = set()
        for part in ast.iter_child_nodes(node):
            inner |= _loaded(part)
        return inner - _own(node)
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Load) else set()
    found: set[str] = set()
    for part in ast.iter_child_nodes(node):
        found |= _loaded(part)
    return found


def _own(scope: ast.AST) -> set[str]:
    """The local names of a function."""
    own: set[str] = set()
    shared: set[str] = set()
    todo = list(ast.iter_child_nodes(scope))
    while todo:
        part = todo.pop()
        if isinstance(part, ast.arg):
            own.add(part.arg)
        elif isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
            own.add(part.id)
        elif isinstance(part, (ast.Global, ast.Nonlocal)):
            shared.update(part.names)
        elif isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            own.add(part.name)
            continue
        if not isinstance(part, SCOPES):
            todo += ast.iter_child_nodes(part)
    return own - shared


def _makes_workers(node: ast.stmt) -> bool:
    """Whether a statement creates a pool or a process, judging by its names."""
    for part in ast.walk(node):
        called = part.func if isinstance(part, ast.Call) else None
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if str(name).endswith(WORKERS):
            return True
    return False


def _touched(node: ast.stmt, modules: dict[str, str]) -> set[str]:
    """The names that a statement binds, or whose value it may change.

    In one of `modules`, only a bare call counts, since it sets something up there.
    """
    names: set[str] = set()
    alone = node.value if isinstance(node, ast.Expr) else None
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
            names.add(part.id)
        elif isinstance(part, (ast.Attribute, ast.Subscript)) and not isinstance(part.ctx, ast.Load):
            names |= _root(part)
        elif isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
            for name in _root(part.func):
                own = modules.get(name, "")
                if not own or (part is alone and own.partition(".")[0] not in IDLE):
                    names.add(name)
        elif isinstance(part, ast.ExceptHandler) and part.name:
            names.add(part.name)
    return names


def _root(node: ast.expr) -> set[str]:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def execute(
    statements: Iterable[Statement], path: str, namespace: dict[str, Any], forgiving: bool = False
) -> None:
    """Run statements. Their exceptions pass through, unless it is `forgiving`: then their names are missing,

    and they create no pools or processes.
    """
    flags = AWAITS
    for cell, node in statements:
        tree = ast.Module([node], [])
        code = compile(tree, cell.file(path), "exec", flags, dont_inherit=True)
        flags |= code.co_flags & FUTURE
        if not forgiving:
            run_code(code, namespace)
        elif isinstance(node, ALWAYS) or not _makes_workers(node):
            with suppress(Exception):
                run_code(code, namespace)


def run_code(code: Any, namespace: dict[str, Any]) -> None:
    """Run the code of a cell, which may use await."""
    if code.co_flags & inspect.CO_COROUTINE:
        asyncio.run(_awaited(code, namespace))
    else:
        exec(code, namespace)


async def _awaited(code: Any, namespace: dict[str, Any]) -> None:
    await eval(code, namespace)


def place_of(error: BaseException, path: str) -> str:
    """The cell and line of a notebook where something was raised; empty if it was elsewhere."""
    if isinstance(error, SyntaxError) and str(error.filename).startswith(f"{path}, cell "):
        return f"{str(error.filename)[len(path) + 2 :]}, line {error.lineno}"
    trace, found = error.__traceback__, ""
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name.startswith(f"{path}, cell "):
            found = f"{name[len(path) + 2 :]}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return found


def position(path: str) -> Position | None:
    """The position of this thread in a notebook; None if it is outside."""
    frame, found = sys._getframe(1), None  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    while frame is not None:
        head, _, number = frame.f_code.co_filename.rpartition(", cell ")
        if head == path and frame.f_code.co_name == "<module>":
            found = Position(int(number), frame.f_lineno)
        frame = frame.f_back
    return found
