"""What a notebook defines, as a module: functions, classes, imports, and what these need from the rest."""

from __future__ import annotations
import __future__

import ast
import asyncio
import inspect
import sys
import threading
from collections.abc import Container, Iterable, Iterator
from types import FrameType

from ..typed import Any, NamedTuple, cast
from .book import Book, Cell

ALWAYS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
SCOPES = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp,
    ast.GeneratorExp,
)  # fmt: skip
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


def definitions(
    book: Book, wanted: Iterable[str] = (), until: Position | None = None, known: Container[str] = ()
) -> list[Statement]:
    """The statements that define something, and those that create what their functions and `wanted` use.

    The values of the names in `known` need not be created. Raises `SyntaxError`.
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
    own = {node.name for _, node in found if isinstance(node, NAMED)}
    modules.update((name, name) for name in own)
    chosen = {at for at, statement in enumerate(found) if _defines(statement.node)}
    needed = {name.partition(".")[0] for name in wanted}
    for at in chosen:
        needed |= _loaded(found[at].node)
    grows = True
    while grows:
        grows = False
        missing = {name for name in needed if name not in known}
        for at, (_, node) in enumerate(found):
            changes = _changes(node, own)
            if at not in chosen and (changes or not missing.isdisjoint(_touched(node, modules))):
                chosen.add(at)
                needed |= _loaded(node) - (own if changes else set())
                grows = True
    return [found[at] for at in sorted(chosen)]


def _defines(node: ast.stmt) -> bool:
    if isinstance(node, ALWAYS):
        return True
    if isinstance(node, (ast.If, ast.Try)):
        return all(isinstance(part, (*ALWAYS, ast.Assign, ast.Pass)) for part in _blocks(node))
    return any(name in _words(node) for name in SURROUNDINGS)


def _changes(node: ast.stmt, own: set[str]) -> bool:
    """Whether a statement makes another function or class of one in `own`, such as `f = cached(f)`."""
    if not isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
        return False
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    same = {target.id for target in targets if isinstance(target, ast.Name)} & _loaded(node)
    parts = {name for target in targets if not isinstance(target, ast.Name) for name in _root(target)}
    return not own.isdisjoint(same | parts)


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


def _touched(node: ast.stmt, modules: dict[str, str]) -> set[str]:
    """The names that a statement binds, or whose value it may change.

    In one of `modules`, only a bare call counts, since it sets something up there. The functions and classes
    of the notebook are among them.
    """
    names = _stored(node)
    alone = node.value if isinstance(node, ast.Expr) else None
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
            for name in _root(part.func):
                own = modules.get(name, "")
                if not own or (part is alone and own.partition(".")[0] not in IDLE):
                    names.add(name)
        elif isinstance(part, ast.ExceptHandler) and part.name:
            names.add(part.name)
    return names


def _stored(node: ast.stmt) -> set[str]:
    """The names that a statement assigns, or to a part of which it assigns."""
    names: set[str] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
            names.add(part.id)
        elif isinstance(part, (ast.Attribute, ast.Subscript)) and not isinstance(part.ctx, ast.Load):
            names |= _root(part)
    return names


def _root(node: ast.expr) -> set[str]:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def execute(statements: Iterable[Statement], path: str, namespace: dict[str, Any]) -> None:
    """Run statements. Their exceptions pass through."""
    for code in compiled(statements, path):
        run_code(code, namespace)


def compiled(statements: Iterable[Statement], path: str) -> Iterator[Any]:
    """The code of each statement. An import from `__future__` holds for all that follow."""
    flags = AWAITS
    for cell, node in statements:
        code = compile(ast.Module([node], []), cell.file(path), "exec", flags, dont_inherit=True)
        flags |= code.co_flags & FUTURE
        yield code


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
    """The position of this thread in a notebook, or else that of the main thread; None if outside."""
    here = _position(sys._getframe(1), path)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    if here is None:
        frames = sys._current_frames()  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        here = _position(frames.get(threading.main_thread().ident or 0), path)
    return here


def _position(frame: FrameType | None, path: str) -> Position | None:
    found = None
    while frame is not None:
        head, _, number = frame.f_code.co_filename.rpartition(", cell ")
        if head == path and frame.f_code.co_name == "<module>":
            found = Position(int(number), frame.f_lineno)
        frame = frame.f_back
    return found
