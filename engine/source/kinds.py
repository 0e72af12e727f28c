"""What a parameter accepts, by its annotation and its default; nothing is imported or run."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from engine.syntax import parse
from engine.syntax.functions import Param

PLAIN = {"int": "int", "float": "float", "bool": "bool", "str": "text", "date": "date", "Path": "path"}
"""Annotations by the last part of their name, and the kind that each means."""


@dataclass(frozen=True)
class Kind:
    """`int`, `float`, `bool`, `text`, `path`, `date`, `choice`, `enum`, or `any`: a Python literal."""

    name: str = "any"
    optional: bool = False
    """Whether None is accepted too."""
    choices: tuple[Any, ...] = ()
    """For a `choice` the values, for an `enum` the names of its members, such as Color.RED."""


def kinds_in(text: str, params: Iterable[Param]) -> dict[str, Kind]:
    """The kinds of a function's parameters in the module `text`. Raises SyntaxError."""
    tree = parse(text)
    return {param.name: kind_of(param, tree) for param in params}


def kind_of(param: Param, tree: ast.Module | None = None) -> Kind:
    """The kind of a parameter; enums are looked up in `tree`, its module."""
    if param.annotation:
        try:
            annotation = ast.parse(param.annotation, mode="eval").body
        except SyntaxError:  # a text that is not Python
            return Kind()
        found = _annotated(annotation, tree)
        if found.name != "any" or found.optional:
            return found
    return Kind(_of_default(param.default))


def _annotated(node: ast.expr, tree: ast.Module | None) -> Kind:
    match node:
        case ast.Constant(value=str(text)):  # a forward reference
            return kind_of(Param("", "", text), tree)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _either([left, right], tree)
        case ast.Subscript(value=of, slice=inner):
            parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            name = ast.unparse(of).rpartition(".")[2]
            if name == "Optional":
                return _either([*parts, ast.Constant(None)], tree)
            if name == "Union":
                return _either(parts, tree)
            if name == "Annotated":
                return _annotated(parts[0], tree)
            return _literal(parts) if name == "Literal" else Kind()
        case ast.Name() | ast.Attribute():
            name = ast.unparse(node)
            members = _members(name, tree) if tree else ()
            return (
                Kind("enum", choices=members) if members else Kind(PLAIN.get(name.rpartition(".")[2], "any"))
            )
        case _:
            return Kind()


def _either(parts: list[ast.expr], tree: ast.Module | None) -> Kind:
    some = [part for part in parts if not (isinstance(part, ast.Constant) and part.value is None)]
    optional = len(some) < len(parts)
    kinds = [_annotated(part, tree) for part in some]
    if len(kinds) == 1:
        return Kind(kinds[0].name, optional or kinds[0].optional, kinds[0].choices)
    names = {kind.name for kind in kinds}
    return Kind("float" if names == {"int", "float"} else "any", optional)


def _literal(parts: list[ast.expr]) -> Kind:
    try:
        values = tuple(ast.literal_eval(part) for part in parts)
    except ValueError:
        return Kind()
    return Kind("choice", None in values, tuple(value for value in values if value is not None))


def _members(name: str, tree: ast.Module) -> tuple[str, ...]:
    """The members of an enum defined in the module, such as Color.RED."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            bases = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
            if any(base.endswith(("Enum", "Flag")) for base in bases):
                targets = [t for inner in node.body if isinstance(inner, ast.Assign) for t in inner.targets]
                names = [t.id for t in targets if isinstance(t, ast.Name) and not t.id.startswith("_")]
                return tuple(f"{name}.{member}" for member in names)
    return ()


def _of_default(default: str | None) -> str:
    if default is None:
        return "any"
    try:
        value: object = ast.literal_eval(default)
    except (ValueError, SyntaxError):
        return "path" if default.startswith(("Path(", "pathlib.Path(")) else "any"
    names = {"bool": "bool", "int": "int", "float": "float", "str": "text"}
    return names.get(type(value).__name__, "any")
