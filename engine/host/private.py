"""The engine's private name in the user's interpreter, and where its bytecode is kept.

`boot` loads this file by its path. Imports next to nothing: each worker that is spawned passes here.
"""

from __future__ import annotations

import os
import sys
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import FileFinder, SourceFileLoader, cache_from_source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import CodeType, ModuleType
    from typing import Any

PRIVATE = "_poolhouse"
HERE = os.path.dirname(os.path.abspath(__file__))


class PrivateName:
    """Finds this folder as the package `_poolhouse`, whatever `engine` means to the user's code."""

    def __init__(self) -> None:
        writable = os.access(HERE, os.W_OK) and not sys.dont_write_bytecode
        self._keeps_bytecode = not writable and os.path.isabs(_cache())  # an unknown home stays "~"
        self._finders: dict[str, FileFinder] = {}
        self.builtins: dict[str, Any] = {}
        """The builtins of the engine's modules, if they are not the usual ones."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: object = None
    ) -> ModuleSpec | None:
        if fullname == PRIVATE:
            return _package()
        if path and (self._keeps_bytecode or self.builtins) and fullname.startswith(PRIVATE + "."):
            folder = path[0]
            if folder not in self._finders:
                self._finders[folder] = FileFinder(folder, (self._loader, [".py"]))  # pyright: ignore[reportArgumentType]
            return self._finders[folder].find_spec(fullname)
        return None

    def _loader(self, fullname: str, path: str) -> Loader:
        loader = Loader(fullname, path)
        loader.builtins, loader.keeps_bytecode = self.builtins, self._keeps_bytecode
        return loader


def _package() -> ModuleSpec:
    """What `importlib.util.spec_from_file_location` would return; that takes long to import on Python 3.9."""
    path = os.path.join(HERE, "__init__.py")
    spec = ModuleSpec(PRIVATE, SourceFileLoader(PRIVATE, path), origin=path, is_package=True)
    spec.submodule_search_locations = [HERE]
    spec.has_location = True
    return spec


class Loader(SourceFileLoader):
    """Loads the engine's modules, and stores their bytecode in the user's cache if it cannot be beside them.

    Compiling the engine takes longer than everything else that a host does before its first task.
    """

    builtins: dict[str, Any]
    keeps_bytecode: bool

    def exec_module(self, module: ModuleType) -> None:
        if self.builtins:
            vars(module)["__builtins__"] = self.builtins
        super().exec_module(module)

    def get_code(self, fullname: str) -> CodeType | None:
        if not self.keeps_bytecode or _is_compiled(self.path):
            return super().get_code(fullname)
        before = sys.pycache_prefix, sys.dont_write_bytecode
        sys.pycache_prefix, sys.dont_write_bytecode = _cache(), False
        try:
            return super().get_code(fullname)
        finally:
            sys.pycache_prefix, sys.dont_write_bytecode = before  # the user's own modules are loaded as usual


def _is_compiled(path: str) -> bool:
    """Whether there is up-to-date bytecode beside a source."""
    try:
        return os.stat(cache_from_source(path)).st_mtime >= os.stat(path).st_mtime
    except OSError:
        return False


def _cache() -> str:
    if sys.platform == "win32":
        folder = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~")
    elif sys.platform == "darwin":
        folder = os.path.expanduser("~/Library/Caches")
    else:
        folder = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(folder, "poolhouse", "bytecode")


def install() -> None:
    """Give the engine its private name, and take its folders off the user's module path."""
    if not any(type(finder).__name__ == "PrivateName" for finder in sys.meta_path):
        sys.meta_path.insert(0, PrivateName())
    root = os.path.dirname(os.path.dirname(HERE))
    if os.path.basename(root) in ("site-packages", "dist-packages"):
        root = ""
    sys.path[:] = [p for p in sys.path if not p or os.path.abspath(p) not in (HERE, root)]
