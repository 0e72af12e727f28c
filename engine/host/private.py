"""The engine's private name in the user's interpreter, and where its bytecode is kept.

`boot` loads this file by its path. Imports next to nothing: each worker that is spawned passes here.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import FileFinder, ModuleSpec, SourceFileLoader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import CodeType

PRIVATE = "_poolhouse"
HERE = os.path.dirname(os.path.abspath(__file__))


class PrivateName:
    """Finds this folder as the package `_poolhouse`, whatever `engine` means to the user's code."""

    def __init__(self) -> None:
        writable = os.access(HERE, os.W_OK) and not sys.dont_write_bytecode
        self._keeps_bytecode = not writable and os.path.isabs(_cache())  # an unknown home stays "~"
        self._finders: dict[str, FileFinder] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: object = None
    ) -> ModuleSpec | None:
        if fullname == PRIVATE:
            return _package()
        if path and self._keeps_bytecode and fullname.startswith(PRIVATE + "."):
            folder = path[0]
            if folder not in self._finders:
                self._finders[folder] = FileFinder(folder, (KeptLoader, [".py"]))
            return self._finders[folder].find_spec(fullname)
        return None


def _package() -> ModuleSpec:
    """What `importlib.util.spec_from_file_location` would return; that takes long to import on Python 3.9."""
    path = os.path.join(HERE, "__init__.py")
    spec = ModuleSpec(PRIVATE, SourceFileLoader(PRIVATE, path), origin=path, is_package=True)
    spec.submodule_search_locations = [HERE]
    spec.has_location = True
    return spec


class KeptLoader(SourceFileLoader):
    """Stores bytecode in the user's cache if it cannot be beside the sources.

    Compiling the engine takes longer than everything else that a host does before its first task.
    """

    def get_code(self, fullname: str) -> CodeType | None:
        if _is_compiled(self.path):
            return super().get_code(fullname)
        before = sys.pycache_prefix, sys.dont_write_bytecode
        sys.pycache_prefix, sys.dont_write_bytecode = _cache(), False
        try:
            return super().get_code(fullname)
        finally:
            sys.pycache_prefix, sys.dont_write_bytecode = before  # the user's own modules are loaded as usual


def _is_compiled(path: str) -> bool:
    """Whether there is up-to-date bytecode beside a source."""
    from importlib.util import cache_from_source

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
