"""The names of a script: where each is bound, which binding a use means, and what was imported."""

from __future__ import annotations

import ast
import builtins
from collections import defaultdict
from typing import TypeAlias

from engine.source.notes import NotCertain, seen
from engine.syntax.functions import FunctionNode

Scope: TypeAlias = ast.AST
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef, ast.Module)


class Names:
    """All names of a script."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.parents: dict[ast.AST, ast.AST] = {}
        self.loads: dict[str, list[ast.Name]] = defaultdict(list)
        self.bound: dict[Scope, dict[str, list[ast.AST]]] = defaultdict(lambda: defaultdict(list))
        self.declared: set[str] = set()
        """Names that a function declares global or nonlocal: they may be bound elsewhere."""
        self.modules: set[str] = set()
        """Modules that are imported by name."""
        self.starred: ast.AST | None = None
        """A star import: any name may come from it."""
        for node in ast.walk(tree):
            for child in ast.iter_child_nodes(node):
                self.parents[child] = node
        for node in ast.walk(tree):
            self._take(node)

    def _take(self, node: ast.AST) -> None:
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                self.loads[name].append(node)
            case ast.Name(id=name):
                self._bind(name, node)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self._bind(node.name, node)
            case ast.arg(arg=name):
                self._bind(name, node)
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                self.declared.update(names)
            case ast.Import() | ast.ImportFrom():
                self._take_import(node)
            case ast.ExceptHandler(name=str() as name) | ast.MatchAs(name=str() as name):
                self._bind(name, node)
            case ast.MatchStar(name=str() as name) | ast.MatchMapping(rest=str() as name):
                self._bind(name, node)
            case _:
                pass

    def _take_import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name == "*":
                self.starred = node
            elif isinstance(node, ast.Import):
                self.modules.add(alias.name)
            self._bind(alias.asname or alias.name.split(".", maxsplit=1)[0], alias)

    def _bind(self, name: str, node: ast.AST) -> None:
        self.bound[self._binding_scope(node)][name].append(node)

    def _binding_scope(self, node: ast.AST) -> Scope:
        """The scope of a binding. The variables of a comprehension are its own, except for `:=`."""
        parent = self.parents[node]
        walrus = isinstance(parent, ast.NamedExpr)
        while not isinstance(parent, _SCOPES) and (walrus or not isinstance(parent, Comprehension)):
            parent = self.parents[parent]
        return parent

    def function_of(self, node: ast.AST) -> ast.AST:
        """The function, class or module that contains a node."""
        node = self.parents[node]
        while not isinstance(node, _SCOPES):
            node = self.parents[node]
        return node

    def scope_of(self, name: str, node: ast.AST) -> Scope | None:
        """The scope of what `name` means at `node`; None if the script does not bind it."""
        at: ast.AST | None = self.parents.get(node)
        inner = True
        while at is not None:
            if isinstance(at, (*_SCOPES, *Comprehension.__args__)):
                visible = inner or not isinstance(at, ast.ClassDef)
                if visible and name in self.bound[at]:
                    return at
                inner = False
            at = self.parents.get(at)
        return None

    def binding(self, name: ast.Name) -> ast.AST | None:
        """The one binding that a name can mean; None if it is never bound, like builtins.

        Raises `NotCertain` if there may be several.
        """
        scope = self.scope_of(name.id, name)
        if scope is None:
            if self.starred is not None:
                raise NotCertain(f"{name.id} may be what this imports", self.starred)
            return None
        found = self.bound[scope][name.id]
        if len(found) > 1 or name.id in self.declared:
            raise NotCertain(f"{name.id} is set in more than one place", found[-1])
        return found[0]

    def is_builtin(self, node: ast.expr) -> str:
        """The name of the builtin that an expression means, or an empty text."""
        match node:
            case ast.Name(id=name) if hasattr(builtins, name) and self.starred is None:
                return name if self.scope_of(name, node) is None else ""
            case _:
                return ""

    def path(self, node: ast.expr) -> str:
        """The dotted path of what an expression means, if it is imported or a builtin; else empty."""
        match node:
            case ast.Name():
                if builtin := self.is_builtin(node):
                    return f"builtins.{builtin}"
                paths = self.paths(node)
                return paths.pop() if len(paths) == 1 else ""
            case ast.Attribute():
                owner = self.path(node.value)
                return f"{owner}.{node.attr}" if owner else ""
            case _:
                return ""

    def paths(self, node: ast.Name) -> set[str]:
        """The paths of all that a name may mean; empty for what was not imported."""
        scope = self.scope_of(node.id, node)
        bound = self.bound[scope][node.id] if scope is not None else []
        return {self._imported(found) for found in bound}

    def _imported(self, node: ast.AST) -> str:
        match self.parents[node], node:
            case ast.Import(), ast.alias(name=name, asname=other):
                return name if other else name.split(".", maxsplit=1)[0]
            case ast.ImportFrom(module=module, level=level), ast.alias(name=name):
                return f"{'.' * level}{module or ''}.{name}"
            case _:
                return ""

    def function(self, node: ast.expr, what: str) -> FunctionNode:
        """The plain top-level function that a name means. Raises `NotCertain`."""
        found = self.binding(node) if isinstance(node, ast.Name) else None
        match found:
            case ast.FunctionDef(decorator_list=[]) if isinstance(self.parents[found], ast.Module):
                return found
            case ast.FunctionDef() | ast.AsyncFunctionDef() if isinstance(self.parents[found], ast.Module):
                reason = "is decorated" if found.decorator_list else "is asynchronous"
                raise NotCertain(f"{what}, {found.name}, {reason}", found)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                raise NotCertain(f"{what}, {found.name}, is not defined at the top level of the file", found)
            case _:
                raise NotCertain(f"{what} is {seen(node)}, not a function of the file", node)
