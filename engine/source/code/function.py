"""How a script gets the job's function."""

from __future__ import annotations

import ast
import keyword
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from engine.host.books import is_book
from engine.host.work.place import module_path, place
from engine.job.model import Job
from engine.source.code.values import text
from engine.syntax import parse, read_source
from engine.syntax import place as place_of
from engine.syntax.functions import Names, names

ALIAS = "function"
"""The function's name in the script if its own is taken."""


class CannotWrite(Exception):
    """A job that cannot be written as a script. `key` is the faulty field."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(reason)
        self.key = key
        self.reason = reason


@dataclass(frozen=True)
class Origin:
    """The function in the script."""

    callee: str
    """The expression that is called."""
    front: tuple[str, ...] = ()
    """Folders to put in front of `sys.path`,"""
    back: tuple[str, ...] = ()
    """and at its end."""
    imports: str = ""
    source: str = ""
    """Source that defines it."""
    prefix: str = ""
    """The prefix for names that are defined beside it."""
    taken: frozenset[str] = frozenset()
    """Names that the script needs, if those beside it are imported by name."""
    is_async: bool = False
    unnamed: frozenset[str] = frozenset()
    """Positional-only parameters."""
    known: Names | None = None
    """What is defined beside it, if that is known."""
    modules: tuple[str, ...] = ()
    """Modules of the standard library that `imports` uses."""

    def beside(self, dotted: str) -> str:
        """The expression for `dotted`, which is defined beside the function. CannotWrite."""
        first = dotted.partition(".")[0]
        if first in self.taken:
            raise CannotWrite("function.name", f"The script uses the name {first} itself: rename yours.")
        return self.prefix + dotted


def origin(job: Job, taken: frozenset[str]) -> Origin:
    """Where the script gets the job's function from; `taken` are names that the script needs. CannotWrite."""
    function, folder = job.function, str(job.folder.absolute())
    if function.source:
        return _typed(function.source, function.name, folder, taken)
    if function.import_path:
        module, _, name = function.import_path.partition(":")
        top = module.partition(".")[0]
        alias = top in taken and top not in sys.stdlib_module_names
        prefix = f"{ALIAS if alias else module}."
        imports = f"import {module} as {ALIAS}" if alias else f"import {module}"
        return Origin(f"{prefix}{name}", (folder,), imports=imports, prefix=prefix)
    return _from_file(job, folder, taken)


def last_defined(source: str) -> str:
    """The function that typed source means if none is named. CannotWrite if there is none."""
    found = names(_parsed(source)).functions
    if not found:
        raise CannotWrite("function.source", "The source defines no function: write one, such as def f(x).")
    return found[-1].name


def _parsed(source: str) -> ast.Module:
    try:
        return parse(source)
    except SyntaxError as error:
        reason = f"The source is not valid Python: {place_of(error)}."
        raise CannotWrite("function.source", reason) from None


def _typed(source: str, name: str, folder: str, taken: frozenset[str]) -> Origin:
    key = "function.source"
    tree = _parsed(source)
    found = names(tree)
    clash = sorted((found.bound - _imported(tree)) & taken)
    if clash:
        raise CannotWrite(key, f"The source defines {clash[0]}, which the script uses itself: rename it.")
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            raise CannotWrite(key, "An import from __future__ must come first in a script: remove it.")
        if isinstance(node, ast.Name) and node.id == "__name__":
            raise CannotWrite(key, "The source asks for __name__, which differs in a script: remove it.")
    is_async, unnamed = _kind(found, name)
    own = source.strip("\n")
    return Origin(name, (folder,), source=own, is_async=is_async, unnamed=unnamed, known=found)


def _imported(tree: ast.Module) -> set[str]:
    """Modules that the source imports under their own names, which the script may import again."""
    found = (node for node in tree.body if isinstance(node, ast.Import))
    return {alias.name for node in found for alias in node.names if alias.asname is None}


def _from_file(job: Job, folder: str, taken: frozenset[str]) -> Origin:
    path, name = job.resolve(job.function.file), job.function.name
    if is_book(str(path)):
        raise CannotWrite("function.file", "A script cannot import from a notebook: choose a .py file.")
    try:
        known = names(parse(read_source(path)))
    except (OSError, SyntaxError, ValueError) as error:
        raise CannotWrite("function.file", f"{path} cannot be read: {error}.") from None
    module = place(str(path)).name
    front, back = module_path(str(path), folder)
    is_async, unnamed = _kind(known, name)
    found = Origin(
        name,
        tuple(dict.fromkeys(front)),
        tuple(back),
        is_async=is_async,
        unnamed=unnamed,
        known=known,
    )
    if not _importable(module):
        own = f"{path.stem}_" if path.stem.isidentifier() else "loaded"
        imports, modules = _by_path(own, path), ("importlib.util",)
        return replace(found, callee=f"{own}.{name}", prefix=f"{own}.", imports=imports, modules=modules)
    first, dot, rest = name.partition(".")
    shown = ALIAS if first in taken else first
    beside = dict.fromkeys(other.partition(".")[0] for other in _beside(job))
    listed = [
        f"{first} as {ALIAS}" if shown != first else first,
        *(other for other in beside if other != first),
    ]
    imports = f"from {module} import {', '.join(listed)}"
    return replace(found, callee=f"{shown}{dot}{rest}", imports=imports, taken=taken)


def _beside(job: Job) -> list[str]:
    """What the script needs from beside the function."""
    given = [*job.parameters.values(), *job.setup.values()]
    wanted = [source.value for source in given if source.form == "enum"]
    wanted += [job.function.setup] if job.function.setup else []
    return [job.inputs.generator, *wanted] if job.inputs.kind == "generator" else wanted


def _importable(module: str) -> bool:
    """Whether importing `module` finds the user's file, not one of Python's own modules."""
    parts = module.split(".")
    fit = all(part.isidentifier() and not keyword.iskeyword(part) for part in parts)
    return fit and parts[0] not in sys.stdlib_module_names


def shadows(folder: Path) -> bool:
    """Whether a module in `folder` has the name of one of Python's own, whose folder must come first then."""
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


def _kind(found: Names, name: str) -> tuple[bool, frozenset[str]]:
    """Whether the function is async, and its positional-only parameters."""
    info = next((info for info in found.functions if info.name == name), None)
    if info is None:
        return False, frozenset()
    return info.is_async, frozenset(p.name for p in info.params if p.kind == "positional-only")
