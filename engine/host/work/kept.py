"""The user's own modules as they were when the run began, for workers that start after an edit."""

from __future__ import annotations

import importlib.util
import linecache
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import ModuleType

from ..books import ENDING
from ..record.code import MOST_FILES, Kept, read_copy, read_index
from ..typed import Any

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NOT_OWN = ("site-packages", "dist-packages")
"""Folders of installed packages."""
MAIN = ("__main__", "__mp_main__")


class KeptCode:
    """Finds modules whose file has changed since the run began; first on `sys.meta_path`."""

    def __init__(self, run_folder: str) -> None:
        self._run_folder = run_folder
        self._remembered: set[str] = set()
        self._read()

    def _read(self) -> None:
        self.complete, modules = read_index(self._run_folder)
        self._by_name = {kept.name: kept for kept in modules if kept.name}
        self._by_path = {kept.path: kept for kept in modules}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return self._spec(fullname, self._by_name.get(fullname))

    def spec_of(self, name: str, path: str) -> ModuleSpec | None:
        """How to load the file `path` under a name; None if it is unchanged."""
        return self._spec(name, self._by_path.get(path))

    def source_of(self, path: str) -> bytes | None:
        """The original content of a file; None if it is unchanged."""
        kept = self._by_path.get(path)
        return None if kept is None or kept.is_in_place() else read_copy(self._run_folder, kept)

    def _spec(self, name: str, kept: Kept | None) -> ModuleSpec | None:
        if kept is None or kept.is_in_place():
            return None
        loader = _KeptLoader(name, kept, self._run_folder)
        within = [os.path.dirname(kept.path)] if os.path.basename(kept.path) == "__init__.py" else None
        return importlib.util.spec_from_file_location(
            name, kept.path, loader=loader, submodule_search_locations=within
        )

    def remember_lines(self) -> None:
        """Make tracebacks show the lines that run here, whatever is in the files now."""
        if not self.complete:  # there may be more by now
            self._read()
        for path in self._by_path.keys() - self._remembered:
            self._remembered.add(path)
            with suppress(OSError, SyntaxError, UnicodeDecodeError):
                _remember(path, read_copy(self._run_folder, self._by_path[path]))


class _KeptLoader(SourceFileLoader):
    """Compiles the copy without writing bytecode, which would belong to another source."""

    def __init__(self, name: str, kept: Kept, run_folder: str) -> None:
        super().__init__(name, kept.path)
        self._kept = kept
        self._run_folder = run_folder

    def path_stats(self, path: Any) -> Any:
        raise OSError("the bytecode may be that of another source")

    def get_data(self, path: Any) -> bytes:
        if path != self._kept.path:
            return super().get_data(path)
        data = read_copy(self._run_folder, self._kept)
        _remember(path, data)
        return data


def _remember(path: str, source: bytes) -> None:
    lines = importlib.util.decode_source(source).splitlines(True)
    linecache.cache[path] = (len(source), None, lines, path)


code: KeptCode | None = None
"""That of the run, once it is in use."""


def use(run_folder: str) -> None:
    """From now on, load changed files as they were."""
    global code  # noqa: PLW0603 - there is one import system in a process
    code = KeptCode(run_folder)
    sys.meta_path.insert(0, code)


def own_modules() -> list[tuple[str, str]]:
    """Names and paths of the loaded modules that are neither Python's, nor installed, nor ours."""
    library = os.path.dirname(os.path.abspath(os.__file__)) + os.sep
    found: list[tuple[str, str]] = []
    loaded: list[tuple[str, object]] = list(sys.modules.items())
    for name, module in loaded:
        if name in MAIN or not issubclass(type(module), ModuleType):
            continue
        path = object.__getattribute__(module, "__dict__").get("__file__")
        if type(path) is str and type(name) is str and path.endswith((".py", ENDING)) and os.path.isabs(path):
            installed = any(os.sep + folder + os.sep in path for folder in NOT_OWN)
            if not installed and not path.startswith((library, HERE + os.sep)):
                found.append((name, path))
    return found[:MOST_FILES]
