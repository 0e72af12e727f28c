"""The names of a script: where each is bound, which binding a use means, and what was imported."""

from __future__ import annotations

import ast
import builtins
from collections import defaultdict
from collections.abc import Iterator

from engine.source.notes import NotCertain, seen

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_SCOPES = (*_FUNCTIONS, ast.Lambda, ast.Module)


class Names:
    """All names of a script."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.parents: dict[ast.AST, ast.AST] = {}
        self.loads: dict[str, list[ast.Name]] = defaultdict(list)
        self.bound: dict[ast.AST, dict[str, list[ast.AST]]] = defaultdict(lambda: defaultdict(list))
        self._paths: dict[tuple[ast.AST, str], set[str]] = defaultdict(set)
        self.declared: set[str] = set()
        """Names that a function declares global or nonlocal: they may be bound elsewhere."""
        self.modules: dict[str, ast.AST] = {}
        """Modules that are imported, or from which something is."""
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
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                self.declared.update(names)
            case ast.Import(names=imported):
                self.modules.update({alias.name: node for alias in imported})
            case ast.ImportFrom(module=str() as module, level=0):
                self.modules[module] = node
            case ast.alias(name=name, asname=other):
                self._bind(other or name.split(".")[0], node)
            case ast.arg(arg=name) | ast.MatchMapping(rest=str() as name):
                self._bind(name, node)
            case _ if isinstance(
                name := getattr(node, "name", None), str
            ):  # of a function, class, exception...
                self._bind(name, node)
            case _:
                pass

    def _bind(self, name: str, node: ast.AST) -> None:
        """Add a binding. The variables of a comprehension are its own, except for `:=`."""
        walrus = isinstance(self.parents[node], ast.NamedExpr)
        scope = next(at for at in self._around(node) if not (walrus and isinstance(at, _COMPREHENSIONS)))
        self.bound[scope][name].append(node)
        self._paths[scope, name].add(self._imported(node))

    def _around(self, node: ast.AST) -> Iterator[ast.AST]:
        """The scopes that a node is in, from the inside out."""
        is_parameter = isinstance(node, ast.arg)
        while (at := self.parents.get(node)) is not None:
            if isinstance(at, (*_SCOPES, *_COMPREHENSIONS)):
                beside = isinstance(at, _FUNCTIONS) and not isinstance(node, ast.stmt)  # like a default
                if is_parameter or not (beside or isinstance(node, ast.arguments)):
                    yield at
            node = at

    def function_of(self, node: ast.AST) -> ast.AST:
        """The function, class or module that contains a node."""
        return next(at for at in self._around(node) if isinstance(at, _SCOPES))

    def scope_of(self, name: str, node: ast.AST) -> ast.AST | None:
        """The scope of what `name` means at `node`; None if the script does not bind it."""
        for place, at in enumerate(self._around(node)):
            if name in self.bound[at] and (place == 0 or not isinstance(at, ast.ClassDef)):
                return at
        return None

    def binding(self, name: ast.Name) -> ast.AST | None:
        """The one binding that a name can mean; None for a builtin. Raises `NotCertain` for several."""
        scope = self.scope_of(name.id, name)
        if scope is None:
            return None
        found = self.bound[scope][name.id]
        if len(found) > 1 or name.id in self.declared:
            raise NotCertain(f"{name.id} is set in more than one place", found[-1])
        return found[0]

    def assigned(self, node: ast.expr) -> ast.expr:
        """What a name is set to, if that is in one place; else the expression itself."""
        name = node.id if isinstance(node, ast.Name) else ""
        match [self.parents[bound] for bound in self.bound[self.scope_of(name, node) or node][name]]:
            case [ast.Assign(targets=[ast.Name()], value=value) | ast.AnnAssign(value=ast.expr() as value)]:
                return value
            case _:
                return node

    def is_builtin(self, node: ast.expr) -> str:
        """The name of the builtin that an expression means, or an empty text."""
        head, _, name = self.path(node).rpartition(".")
        return name if head == "builtins" else ""

    def path(self, node: ast.expr) -> str:
        """The dotted path of what an expression means, if it is imported or a builtin; else empty."""
        match node:
            case ast.Name():
                paths = self.paths(node)
                return next(iter(paths)) if len(paths) == 1 else ""
            case ast.Attribute(value=owner, attr=attr) if path := self.path(owner):
                return f"{path}.{attr}"
            case _:
                return ""

    def paths(self, node: ast.Name) -> set[str]:
        """The paths of all that a name may mean; empty for what was not imported."""
        scope = self.scope_of(node.id, node)
        if scope is None:
            return {f"builtins.{node.id}"} if hasattr(builtins, node.id) else set()
        return self._paths[scope, node.id]

    def _imported(self, node: ast.AST) -> str:
        match self.parents[node], node:
            case ast.Import(), ast.alias(name=name, asname=other):
                return name if other else name.split(".", maxsplit=1)[0]
            case ast.ImportFrom(module=module, level=level), ast.alias(name=name):
                return f"{'.' * level}{module or ''}.{name}"
            case _:
                return ""

    def function(self, node: ast.expr, what: str) -> ast.FunctionDef:
        """The plain top-level function that a name means. Raises `NotCertain`."""
        found = self.binding(node) if isinstance(node, ast.Name) else None
        if not isinstance(found, ast.FunctionDef):
            raise NotCertain(f"{what} is {seen(node)}, not a function of the file", node)
        if not isinstance(self.parents[found], ast.Module):
            raise NotCertain(f"{what}, {found.name}, is not defined at the top level of the file", found)
        if found.decorator_list:
            raise NotCertain(f"{what}, {found.name}, is decorated", found)
        if any(isinstance(inner, ast.Yield | ast.YieldFrom) for inner in ast.walk(found)):
            raise NotCertain(f"{what}, {found.name}, is a generator", found)
        return found

    def uses(self, name: str, scope: ast.AST | None) -> list[ast.Name]:
        """Where a name of a scope is read."""
        return [use for use in self.loads[name] if self.scope_of(name, use) is scope]

    def statement(self, node: ast.AST) -> ast.stmt:
        """The statement that a node is part of."""
        while not isinstance(node, ast.stmt):
            node = self.parents[node]
        return node

    def require_set(self, scopes: list[ast.AST]) -> None:
        """Raise `NotCertain` for a name that is read in one of `scopes` before that scope has set it."""
        first: dict[tuple[ast.AST, str], tuple[int, int]] = {}
        for scope in scopes:
            for name, bound in self.bound[scope].items():
                first[scope, name] = min((it.lineno, it.col_offset) for it in map(self.statement, bound))
        for use in (use for loads in self.loads.values() for use in loads):
            inside, scope, statement = self.function_of(use), self.scope_of(use.id, use), self.statement(use)
            at = statement.lineno, statement.col_offset
            known = scope not in (None, inside) or hasattr(builtins, use.id) or use.id == "__file__"
            if inside in scopes and not known and first.get((inside, use.id), at) >= at:
                raise NotCertain(f"Whether {use.id} is set by then is not certain", use)
