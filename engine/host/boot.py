"""The file that the user's interpreter starts with: gives the engine its private name, and starts the host.

`multiprocessing` runs this file again in the processes it spawns, so that they know the private name too.
"""

from __future__ import annotations

import os
import sys
from _frozen_importlib_external import (
    FileFinder,
    SourceFileLoader,
    cache_from_source,
    spec_from_file_location,
)

TYPE_CHECKING = False  # typing is slow to import, and each spawned worker passes here
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType
    from typing import Any

LOADED = frozenset(sys.modules)
"""What was there before us: the imports above load nothing."""
PRIVATE = "_poolhouse"
SCRIPT = "--be-a-script"
"""The argument of the main process of a script,"""
STATION = "--be-a-station"
"""of a process with workers on a machine of a cluster,"""
DEBUG = "--debug-a-task"
"""and of a host that runs one task under the debugger; the next argument is the file that names it."""
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
            return spec_from_file_location(
                PRIVATE, os.path.join(HERE, "__init__.py"), submodule_search_locations=[HERE]
            )
        if path and fullname.startswith(PRIVATE + "."):
            folder = path[0]
            if folder not in self._finders:
                self._finders[folder] = FileFinder(folder, (self._loader, [".py"]))  # pyright: ignore[reportArgumentType]
            return self._finders[folder].find_spec(fullname)
        return None

    def _loader(self, fullname: str, path: str) -> Loader:
        loader = Loader(fullname, path)
        loader.builtins, loader.keeps_bytecode = self.builtins, self._keeps_bytecode
        return loader


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


def keep_apart() -> None:
    """Keep what the engine imports apart from what a script has."""
    from _poolhouse.apart import Apart  # pyright: ignore[reportMissingImports, reportUnknownVariableType]

    finder: Any = next(finder for finder in sys.meta_path if type(finder).__name__ == "PrivateName")
    finder.builtins = Apart(LOADED).builtins  # pyright: ignore[reportUnknownMemberType]


def start(handle: int) -> None:
    """Be the host with the app's pipe `handle`, until its end."""
    from _poolhouse.entry import be_host  # pyright: ignore[reportMissingImports, reportUnknownVariableType]

    be_host(handle)


def run_script() -> None:
    """Be the main process of a script, until its end."""
    keep_apart()
    from _poolhouse.script.inside.main import main  # pyright: ignore[reportMissingImports, reportUnknownVariableType]

    main()


def debug_task(path: str) -> None:
    """Run the task that a file describes under the debugger."""
    from _poolhouse.debug import main  # pyright: ignore[reportMissingImports, reportUnknownVariableType]

    main(path)


def run_station() -> None:
    """Have the workers of a run on this machine, until its end."""
    from _poolhouse.cluster.station import main  # pyright: ignore[reportMissingImports, reportUnknownVariableType]

    main()


install()

if __name__ == "__main__":
    if sys.argv[1] == SCRIPT:
        run_script()
    elif sys.argv[1] == DEBUG:
        debug_task(sys.argv[2])
    elif sys.argv[1] == STATION:
        run_station()
    else:
        start(int(sys.argv[1]))
