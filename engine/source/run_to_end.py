"""Whether all tasks that a script submits run to their end."""

from __future__ import annotations

import ast

from engine.source.names import Names
from engine.source.notes import NotCertain, seen
from engine.source.pools import EXECUTOR, PROCESS, Work
from engine.syntax import is_main_guard

_WAITS = ("map", "starmap", "apply")
_TAKES_ALL = frozenset({"list", "tuple", "sorted", "sum", "set", "dict", "max", "min", "len"})
_CUTTING = frozenset({"terminate", "kill", "cancel", "alarm", "_exit", "abort"})
_BLOCKS = (
    ast.If, ast.While, ast.Lambda, ast.IfExp, ast.Match, ast.GeneratorExp, ast.AsyncFunctionDef, ast.ClassDef,
    ast.ExceptHandler,
)  # fmt: skip


def require_whole(work: Work, names: Names) -> None:
    """Raise `NotCertain` if some tasks may be cut off, or never begin."""
    for node in ast.walk(names.tree):
        if isinstance(node, ast.Attribute) and node.attr in _CUTTING:
            raise NotCertain(f"{seen(node)} may end tasks before their end", node)
    whole = _Whole(work, names)
    if work.use.kind == PROCESS:
        if not whole.each("start"):
            raise NotCertain(f"{seen(work.made)} is not started for certain", work.made)
    elif work.use.kind != EXECUTOR and work.name not in _WAITS:
        joined = whole.pool_is("close") and whole.pool_is("join")
        if not joined and not whole.is_consumed():
            what = f"Whether the script waits for all tasks of {seen(work.call)}"
            raise NotCertain(f"{what} is not certain", work.call)


class _Whole:
    """Follows what happens to the result of a call."""

    def __init__(self, work: Work, names: Names) -> None:
        self._work = work
        self._names = names

    def is_consumed(self) -> bool:
        """Whether the script takes all results."""
        if self._work.name.startswith("imap"):
            return self._is_iterated(self._work.call)
        return self.each("get") or self.each("wait")

    def pool_is(self, method: str) -> bool:
        """Whether a method of the pool is certainly called."""
        pool = self._work.pool
        return pool is not None and any(self._calls(use, method) for use in self._names.loads[pool.id])

    def each(self, method: str) -> bool:
        """Whether a method of each result is certainly called, without arguments."""
        if self._calls(self._work.call, method):
            return True
        kept = self._keeper(self._work.call)
        if kept is None:
            return False
        return self._called_by_name(kept, method) or self._called_in_loop(kept, method)

    def _keeper(self, node: ast.AST) -> ast.Name | None:
        """The variable that the value of a node is assigned to, or the list that it is appended to."""
        parent = self._names.parents[node]
        match parent:
            case ast.Assign(targets=[ast.Name() as name]):
                return name
            case ast.Call(func=ast.Attribute(value=ast.Name() as name, attr="append"), args=[ast.expr()]):
                return name
            case ast.ListComp() | ast.SetComp():
                return self._keeper(parent)
            case _:
                return None

    def _uses(self, name: ast.Name) -> list[ast.Name]:
        scope = self._names.scope_of(name.id, name)
        return [use for use in self._names.loads[name.id] if self._names.scope_of(name.id, use) is scope]

    def _called_by_name(self, name: ast.Name, method: str) -> bool:
        """Whether the method is called on the variable, in the block in which that is set."""
        block = self._names.parents[self._names.parents[name]]
        for use in self._uses(name):
            if self._calls(use, method):
                statement: ast.AST = use
                while not isinstance(statement, ast.stmt):
                    statement = self._names.parents[statement]
                around = self._names.parents[statement]
                while isinstance(around, ast.With | ast.Try) and statement in around.body:
                    statement, around = around, self._names.parents[around]
                if around is block:
                    return True
        return any(self._called_in_loop(other, method) for other in self._lists_with(name))

    def _lists_with(self, name: ast.Name) -> list[ast.Name]:
        """Lists to which a variable is appended."""
        found: list[ast.Name] = []
        for use in self._uses(name):
            kept = self._keeper(use)
            if kept is not None and not isinstance(self._names.parents[use], ast.Assign):
                found.append(kept)
        return found

    def _called_in_loop(self, name: ast.Name, method: str) -> bool:
        """Whether the method is called on each item of a list that has all the results."""
        found = False
        for use in self._uses(name):
            parent = self._names.parents[use]
            match parent:
                case ast.Attribute(attr="append"):
                    continue
                case ast.For(iter=over, target=ast.Name() as target) if over is use and not _leaves(
                    parent.body
                ):
                    found = found or self._called_of(target, parent, method)
                case ast.comprehension(iter=over, target=ast.Name() as target, ifs=[]) if over is use:
                    found = found or self._called_of(target, self._names.parents[parent], method)
                case _:
                    return False
        return found

    def _called_of(self, target: ast.Name, loop: ast.AST, method: str) -> bool:
        inside = set(ast.walk(loop))
        return any(self._calls(use, method) for use in self._names.loads[target.id] if use in inside)

    def _calls(self, node: ast.expr, method: str) -> bool:
        """Whether `node.method()` is the code there, and is certainly reached."""
        attribute = self._names.parents[node]
        call = self._names.parents[attribute]
        match attribute, call:
            case ast.Attribute(attr=attr), ast.Call(func=func, args=[], keywords=[]) if func is attribute:
                return attr == method and self._is_certain(call)
            case _:
                return False

    def _is_certain(self, node: ast.AST) -> bool:
        while not isinstance(node, ast.Module | ast.FunctionDef):
            node = self._names.parents[node]
            if isinstance(node, ast.stmt) and is_main_guard(node):
                continue
            if isinstance(node, _BLOCKS) or (isinstance(node, ast.For) and _leaves(node.body)):
                return False
        return True

    def _is_iterated(self, node: ast.expr) -> bool:
        parent = self._names.parents[node]
        match parent:
            case ast.Call(func=func) if self._names.is_builtin(func) in _TAKES_ALL:
                return True
            case ast.Call(func=func, args=[first, *_]) if first is node:
                path = self._names.path(func)
                passes = self._names.is_builtin(func) == "enumerate" or path.startswith("tqdm.")
                return passes and self._is_iterated(parent)
            case ast.For(iter=over, body=body) if over is node:
                return not _leaves(body)
            case ast.comprehension():
                return not isinstance(self._names.parents[parent], ast.GeneratorExp)
            case ast.Starred():
                return True
            case _:
                return False


def _leaves(body: list[ast.stmt]) -> bool:
    """Whether a loop may end before its last iteration."""
    inner = (node for statement in body for node in ast.walk(statement))
    return any(isinstance(node, ast.Break | ast.Return | ast.Raise) for node in inner)
