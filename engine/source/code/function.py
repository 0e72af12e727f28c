"""How a script comes by the job's function."""

from __future__ import annotations

import ast
import keyword
import sys
from dataclasses import dataclass
from pathlib import Path

from engine.job.model import Job
from engine.source.code.values import text
from engine.source.functions import Names, names
from engine.syntax import parse, place, read_source

ALIAS = "function"
"""What a function is called in the script where its own name is taken."""


class CannotWrite(Exception):
    """A job that no script can stand for. `key` is the field at fault."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(reason)
        self.key = key
        self.reason = reason


@dataclass(frozen=True)
class Origin:
    """The function in the script."""

    callee: str
    """The expression that is called."""
    paths: tuple[str, ...] = ()
    """Folders that go in front of `sys.path`, the job's own aside."""
    imports: str = ""
    source: str = ""
    """Source that defines it."""
    is_async: bool = False
    modules: tuple[str, ...] = ()
    """Modules of the standard library that `imports` uses."""


def origin(job: Job, taken: frozenset[str]) -> Origin:
    """Where the script has the job's function from; `taken` are names that the script needs. CannotWrite."""
    function = job.function
    if function.source:
        return _typed(function.source, function.name, taken)
    if function.import_path:
        module, _, name = function.import_path.partition(":")
        top = module.partition(".")[0]
        if top in taken and top not in sys.stdlib_module_names:
            return Origin(f"{ALIAS}.{name}", imports=f"import {module} as {ALIAS}")
        return Origin(f"{module}.{name}", imports=f"import {module}")
    return _from_file(job.resolve(function.file), function.name, job.folder.absolute(), taken)


def last_defined(source: str) -> str:
    """The function that typed source means where none is named. CannotWrite where there is none."""
    found = names(_parsed(source)).functions
    if not found:
        raise CannotWrite("function.source", "The source defines no function: write one, such as def f(x).")
    return found[-1].name


def _parsed(source: str) -> ast.Module:
    try:
        return parse(source)
    except SyntaxError as error:
        reason = f"The source is not valid Python: {place(error)}."
        raise CannotWrite("function.source", reason) from None


def _typed(source: str, name: str, taken: frozenset[str]) -> Origin:
    key = "function.source"
    tree = _parsed(source)
    found = names(tree)
    clash = sorted((found.bound - _imported(tree)) & taken)
    if clash:
        raise CannotWrite(key, f"The source defines {clash[0]}, which a script needs itself: rename it.")
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            raise CannotWrite(key, "An import from __future__ has to stand first in a script: take it out.")
        if isinstance(node, ast.Name) and node.id == "__name__":
            raise CannotWrite(key, "The source asks for __name__, which is another in a script: take it out.")
    return Origin(name, source=source.strip("\n"), is_async=_is_async(found, name))


def _imported(tree: ast.Module) -> set[str]:
    """Modules that the source imports under their own names, as a script may do once more."""
    found = (node for node in tree.body if isinstance(node, ast.Import))
    return {alias.name for node in found for alias in node.names if alias.asname is None}


def _from_file(path: Path, name: str, folder: Path, taken: frozenset[str]) -> Origin:
    try:
        known = names(parse(read_source(path)))
    except (OSError, SyntaxError, ValueError) as error:
        raise CannotWrite("function.file", f"{path} cannot be read: {error}.") from None
    root, module = _module(path)
    first, dot, rest = name.partition(".")
    is_async = _is_async(known, name)
    if not _importable(module):
        own = f"{path.stem}_" if path.stem.isidentifier() else "loaded"
        return Origin(
            f"{own}.{name}", imports=_by_path(own, path), is_async=is_async, modules=("importlib.util",)
        )
    shown = ALIAS if first in taken else first
    imports = f"from {module} import {first}" + (f" as {ALIAS}" if shown != first else "")
    paths = () if root == folder else (str(root),)
    return Origin(f"{shown}{dot}{rest}", paths, imports, is_async=is_async)


def _module(path: Path) -> tuple[Path, str]:
    """The folder that a file is imported from, and its name from there, with its packages."""
    root, parts = path.parent, [path.stem]
    while (root / "__init__.py").is_file() and root != root.parent:
        parts.insert(0, root.name)
        root = root.parent
    return root, ".".join(parts)


def _importable(module: str) -> bool:
    """Whether an import of `module` finds the person's file, and not a module of Python's own."""
    parts = module.split(".")
    fit = all(part.isidentifier() and not keyword.iskeyword(part) for part in parts)
    return fit and parts[0] not in sys.stdlib_module_names


def shadows(folder: Path) -> bool:
    """Whether a module in `folder` has the name of one of Python's own: then that must come first."""
    try:
        found = [path for path in folder.iterdir() if path.stem in sys.stdlib_module_names]
    except OSError:
        return False
    return any(path.suffix == ".py" or (path / "__init__.py").is_file() for path in found)


def _by_path(name: str, path: Path) -> str:
    return (
        f"spec = importlib.util.spec_from_file_location({text(name)}, {text(str(path))})\n"
        f"{name} = sys.modules[{text(name)}] = importlib.util.module_from_spec(spec)\n"
        f"spec.loader.exec_module({name})"
    )


def _is_async(found: Names, name: str) -> bool:
    return any(info.is_async for info in found.functions if info.name == name)
