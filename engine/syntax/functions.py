"""The functions of a Python file, read from its syntax tree; nothing is imported or run."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from engine.syntax.text import is_main_guard, parse

FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
AnyFunction: TypeAlias = FunctionNode | ast.Lambda


@dataclass(frozen=True)
class Param:
    """One parameter. `kind` is positional-only, positional, var-positional, keyword-only or var-keyword."""

    name: str
    kind: str
    annotation: str = ""
    default: str | None = None

    def __str__(self) -> str:
        stars = {"var-positional": "*", "var-keyword": "**"}.get(self.kind, "")
        note = f": {self.annotation}" if self.annotation else ""
        equals = " = " if self.annotation else "="
        return f"{stars}{self.name}{note}" + (f"{equals}{self.default}" if self.default is not None else "")


@dataclass(frozen=True)
class FunctionInfo:
    """A function that can be called without an instance, and what its text says about it."""

    name: str
    signature: str
    doc: str
    """The first paragraph of the docstring, on one line."""
    line: int
    required: int
    """Positional parameters without a default."""
    is_async: bool
    params: list[Param]


@dataclass
class Names:
    """What a module's top level defines."""

    functions: list[FunctionInfo] = field(default_factory=list[FunctionInfo])
    bound: set[str] = field(default_factory=set[str])
    """Every name bound at the top level, functions or not."""
    guarded: set[str] = field(default_factory=set[str])
    """Names bound only under the main guard, so not in workers."""
    open: bool = False
    """Names can come from elsewhere: a star import, `exec`, `globals()` or a module's `__getattr__`."""

    def may_have(self, name: str) -> bool:
        """Whether the module can have a function called `name`, as far as its text shows."""
        known = self.bound | {info.name for info in self.functions}
        return self.open or name in known or name.split(".", maxsplit=1)[0] in known


def last_defined(functions: Sequence[FunctionInfo]) -> FunctionInfo | None:
    """The function meant if no name is given: the last one that is not a method."""
    return next((info for info in reversed(functions) if "." not in info.name), None)


def functions(text: str) -> list[FunctionInfo]:
    """The functions in the text of a Python file, in its order; SyntaxError if it is not Python."""
    return names(parse(text)).functions


def names(tree: ast.Module) -> Names:
    """What the top level of a module defines."""
    found = Names()
    by_name: dict[str, FunctionInfo] = {}
    makers: dict[str, FunctionNode] = {}
    for node in _top_level(tree.body):
        if isinstance(node, ast.FunctionDef):
            makers[node.name] = node
        for info in (*_functions_of(node, ""), *_made(node, by_name, makers)):
            by_name.pop(info.name, None)  # the last definition counts
            by_name[info.name] = info
        found.bound |= _bound_by(node)
        found.open = found.open or _is_open(node)
    for node in tree.body:
        if is_main_guard(node) and isinstance(node, ast.If):
            for inner in _top_level(node.body):
                found.guarded |= _bound_by(inner)
    found.guarded -= found.bound
    found.functions = list(by_name.values())
    return found


def _top_level(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run when the module is imported, including those in blocks."""
    for node in body:
        yield node
        match node:
            case ast.If():
                if not is_main_guard(node):
                    yield from _top_level(node.body)
                yield from _top_level(node.orelse)
            case ast.For() | ast.While():
                yield from _top_level(node.body + node.orelse)
            case ast.With():
                yield from _top_level(node.body)
            case ast.Try() | ast.TryStar():
                yield from _top_level(node.body + node.orelse + node.finalbody)
                for handler in node.handlers:
                    yield from _top_level(handler.body)
            case ast.Match():
                for case in node.cases:
                    yield from _top_level(case.body)
            case _:
                pass


def _functions_of(node: ast.stmt, prefix: str) -> Iterator[FunctionInfo]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield _info(prefix + node.name, node)
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda() as function):
            yield _info(prefix + name, function)
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.Lambda() as function):
            yield _info(prefix + name, function)
        case ast.ClassDef():
            for inner in node.body:
                yield from _methods_of(inner, f"{prefix}{node.name}.")
        case _:
            pass


def _made(
    node: ast.stmt, known: dict[str, FunctionInfo], makers: dict[str, FunctionNode]
) -> Iterator[FunctionInfo]:
    """A function created by a call: a partial one, or one that a function of the file returns."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call):
            pass
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.Call() as call):
            pass
        case _:
            return
    maker = ast.unparse(call.func)
    if maker in ("partial", "functools.partial") and call.args:
        yield _partial(name, node.lineno, known.get(ast.unparse(call.args[0])), call)
    elif maker in makers and (inner := _returned(makers[maker])):
        yield replace(_info(name, inner), line=node.lineno)


def _returned(maker: FunctionNode) -> AnyFunction | None:
    """The function that `maker` defines and returns."""
    inner = {node.name: node for node in maker.body if isinstance(node, FunctionNode)}
    match maker.body[-1]:
        case ast.Return(value=ast.Name(id=name)):
            return inner.get(name)
        case ast.Return(value=ast.Lambda() as function):
            return function
        case _:
            return None


def _partial(name: str, line: int, whole: FunctionInfo | None, call: ast.Call) -> FunctionInfo:
    """`whole` without the arguments that the call of `partial` supplies."""
    given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    if whole is None or None in given or any(isinstance(arg, ast.Starred) for arg in call.args):
        params, doc, is_async = [Param("args", "var-positional"), Param("kwargs", "var-keyword")], "", False
    else:
        params, doc, is_async = _left_open(whole.params, len(call.args) - 1, given), whole.doc, whole.is_async
    return FunctionInfo(
        name=name,
        signature=f"{name}({', '.join(_listed(params))})",
        doc=doc,
        line=line,
        required=_required(params),
        is_async=is_async,
        params=params,
    )


def _left_open(params: list[Param], count: int, given: dict[str | None, str]) -> list[Param]:
    """Parameters after the first `count` positional ones; after one that is given by name, all must be."""
    left: list[Param] = []
    by_name = False
    for param in params:
        if param.kind in ("positional-only", "positional") and count:
            count -= 1
            continue
        by_name = by_name or param.name in given
        kind = "keyword-only" if by_name and param.kind == "positional" else param.kind
        if not (by_name and kind == "var-positional"):
            left.append(replace(param, kind=kind, default=given.get(param.name, param.default)))
    return left


def _methods_of(node: ast.stmt, prefix: str) -> Iterator[FunctionInfo]:
    """The methods that need no instance."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            marks = {ast.unparse(mark) for mark in node.decorator_list}
            if marks & {"staticmethod", "classmethod"}:
                yield _info(prefix + node.name, node, skip_first="classmethod" in marks)
        case ast.ClassDef():
            yield from _functions_of(node, prefix)
        case _:
            pass


def _info(name: str, node: AnyFunction, skip_first: bool = False) -> FunctionInfo:
    params = _params(node.args)[1 if skip_first else 0 :]
    doc, returns = "", ""
    if not isinstance(node, ast.Lambda):
        paragraph = (ast.get_docstring(node) or "").split("\n\n")[0]
        doc = " ".join(paragraph.split())
        returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return FunctionInfo(
        name=name,
        signature=f"{name}({', '.join(_listed(params))}){returns}",
        doc=doc,
        line=node.lineno,
        required=_required(params),
        is_async=isinstance(node, ast.AsyncFunctionDef),
        params=params,
    )


def _required(params: list[Param]) -> int:
    return sum(p.kind in ("positional-only", "positional") and p.default is None for p in params)


def _params(args: ast.arguments) -> list[Param]:
    plain = [(arg, "positional-only") for arg in args.posonlyargs] + [
        (arg, "positional") for arg in args.args
    ]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(args.defaults))
    found = [
        _param(arg, kind, value) for (arg, kind), value in zip(plain, defaults + args.defaults, strict=True)
    ]
    if args.vararg:
        found.append(_param(args.vararg, "var-positional", None))
    for arg, value in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        found.append(_param(arg, "keyword-only", value))
    if args.kwarg:
        found.append(_param(args.kwarg, "var-keyword", None))
    return found


def _param(arg: ast.arg, kind: str, default: ast.expr | None) -> Param:
    annotation = ast.unparse(arg.annotation) if arg.annotation else ""
    return Param(arg.arg, kind, annotation, ast.unparse(default) if default else None)


def _listed(params: list[Param]) -> Iterator[str]:
    """The parameters as in a signature, with its `/` and `*`."""
    before = ""
    for param in params:
        if before == "positional-only" != param.kind:
            yield "/"
        if param.kind == "keyword-only" and before not in ("keyword-only", "var-positional"):
            yield "*"
        yield str(param)
        before = param.kind
    if before == "positional-only":
        yield "/"


def _bound_by(node: ast.stmt) -> set[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return {node.name}
        case ast.Import():
            return {alias.asname or alias.name.split(".")[0] for alias in node.names}
        case ast.ImportFrom():
            return {alias.asname or alias.name for alias in node.names}
        case ast.Assign():
            return {name for target in node.targets for name in _target_names(target)}
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target) | ast.For(target=target):
            return _target_names(target)
        case ast.With():
            return {n for item in node.items if item.optional_vars for n in _target_names(item.optional_vars)}
        case _:
            return set()


def _target_names(target: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(target) if isinstance(node, ast.Name)}


def _is_open(node: ast.stmt) -> bool:
    match node:
        case ast.ImportFrom(names=[ast.alias(name="*")]):
            return True
        case ast.FunctionDef(name="__getattr__"):
            return True
        case ast.Expr() | ast.Assign() | ast.AugAssign():
            calls = (n.func for n in ast.walk(node) if isinstance(n, ast.Call))
            return any(
                isinstance(f, ast.Name) and f.id in ("exec", "globals", "vars", "setattr") for f in calls
            )
        case _:
            return False


def is_certain(tree: ast.Module, name: str) -> bool:
    """Whether a name certainly means one plain function of a module, so that its signature is as written."""
    found = [node for node in ast.walk(tree) if _may_change(node, name)]
    match found:
        case [ast.FunctionDef(decorator_list=[]) | ast.AsyncFunctionDef(decorator_list=[]) as function]:
            return function in tree.body
        case _:
            return False


def _may_change(node: ast.AST, name: str) -> bool:
    """Whether a node anywhere may define `name`, or change what it means."""
    match node:
        case (
            ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.ExceptHandler() | ast.MatchAs()
        ):
            return node.name == name
        case ast.Name(ctx=ast.Store() | ast.Del()):
            return node.id == name
        case ast.Attribute(value=ast.Name(id=owner), ctx=ast.Store() | ast.Del()):  # f.__defaults__ = ...
            return owner == name
        case ast.alias():
            return (node.asname or node.name.split(".")[0]) == name
        case ast.Global():
            return name in node.names
        case _:
            return False


def is_builtin(name: str) -> bool:
    """Whether every module has this name, like `abs`."""
    return hasattr(builtins, name)
