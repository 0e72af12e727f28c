"""Imports of ours in a script's processes, which hide no module of the script's. Imports nothing itself.

A script may have a `mmap.py` of its own beside it. So the engine's modules have another `__import__`, which
looks only where Python's own modules are. What only they have imported is *lent*: it is not in `sys.modules`
until the script asks for it too, and finds the same.
"""

from __future__ import annotations

import _thread
import builtins
import os
import sys
from _frozen_importlib import BuiltinImporter, FrozenImporter, ModuleSpec
from _frozen_importlib_external import PathFinder

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from types import ModuleType
    from typing import Any

OURS = "_poolhouse"
HOME: str = getattr(sys, "_MEIPASS", "") or os.path.dirname(os.__file__)
stock = builtins.__import__


def is_in_python(path: str | None) -> bool:
    """Whether the origin of a module is in Python itself."""
    if path is None or path in ("built-in", "frozen", HOME):
        return path is not None
    return path.startswith(HOME + os.sep) and "-packages" not in path[len(HOME) :]


def is_pythons(module: ModuleType | None) -> bool:
    """Whether a module is one of Python's own."""
    return is_in_python(getattr(getattr(module, "__spec__", None), "origin", None))


def _own_folders() -> list[str]:
    archive = f"python{sys.version_info[0]}{sys.version_info[1]}.zip"
    return [path for path in sys.path if is_in_python(path) or os.path.basename(path) == archive]


def look(fullname: str, path: Sequence[str] | None, after: object) -> ModuleSpec | None:
    """What the finders after this one find."""
    finders = list(sys.meta_path)
    for finder in finders[finders.index(after) + 1 :]:  # pyright: ignore[reportArgumentType]
        find = getattr(finder, "find_spec", None)
        if find is not None and (spec := find(fullname, path)) is not None:
            return spec
    return None


class Apart:
    """The `__import__` of the engine's modules, and the finder that lends what it has found."""

    def __init__(self, loaded: frozenset[str]) -> None:
        """`loaded` are the modules that were there before the engine imported any."""
        self._folders = _own_folders()
        self._lock = _thread.RLock()
        self._lent: dict[str, dict[str, ModuleType]] = {}
        """For each package or module its parts by their names."""
        self._importing: dict[int, int] = {}
        """How deep each thread is in imports of ours. While there is one, `sys.modules` is as we need it,"""
        self._aside: dict[str, ModuleType] = {}
        """without these modules of the script's."""
        self._brought: set[str] = set()
        """Modules found for us meanwhile."""
        self._harmless: dict[str, int] = {}
        """Modules that have no name of Python's: their ids."""
        self._sure: dict[str, ModuleType] = {}
        """Modules of Python's own that we have used."""
        self._exists: dict[str, bool] = {}
        """Whether Python has a module of this name."""
        self.builtins: dict[str, Any] = {**vars(builtins), "__import__": self.import_module}
        sys.meta_path.insert(0, self)  # pyright: ignore[reportArgumentType]
        self._lend({name for name in sys.modules if "." not in name} - loaded | {"__future__"})
        if sys.platform != "win32":
            os.register_at_fork(after_in_child=self._after_fork)

    def import_module(
        self,
        name: str,
        of: Mapping[str, object] | None = None,
        local: Mapping[str, object] | None = None,
        parts: Any = (),
        level: int = 0,
    ) -> ModuleType:
        """What `import` calls in the engine's modules."""
        top = name.partition(".")[0]
        of_script = type(parts) is list  # what C code like pickle imports in frames of ours
        given: Any = parts or ()
        if level or of_script:
            return stock(name, of, local, given, level)
        module = self._at_hand(name, top, given)
        if module is not None:
            return module
        if not self._is_wanted(top):
            return stock(name, of, local, given, level)
        self._enter()
        try:
            return stock(name, of, local, given, level)
        finally:
            self._leave()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find only Python's own modules for us; for the script, what it would find without us."""
        del target
        if _thread.get_ident() in self._importing:
            return self._find_own(fullname) if path is None else None
        if fullname not in self._lent:
            return None
        spec = look(fullname, path, self)
        if spec is None or not is_in_python(spec.origin):
            return spec
        parts = self._lent.pop(fullname)
        loader = GiveBack(parts.pop(fullname))
        sys.modules.update(parts)
        return ModuleSpec(fullname, loader, origin=spec.origin)  # pyright: ignore[reportArgumentType]

    def _find_own(self, name: str) -> ModuleSpec | None:
        spec = BuiltinImporter.find_spec(name) or FrozenImporter.find_spec(name)
        if spec is None:
            spec = PathFinder.find_spec(name, self._folders)
            if spec is not None:
                self._brought.add(name)
        return spec

    def _is_wanted(self, top: str) -> bool:
        """Whether Python has a module of this name: our import statements name no others, but ours."""
        if top not in self._exists:
            found = BuiltinImporter.find_spec(top) or FrozenImporter.find_spec(top)
            self._exists[top] = (found or PathFinder.find_spec(top, self._folders)) is not None
        return self._exists[top]

    def _at_hand(self, name: str, top: str, parts: Sequence[str]) -> ModuleType | None:
        """What the import comes to, if everything is loaded."""
        known = self._lent.get(top)
        if known is None:
            known, module = sys.modules, sys.modules.get(top)
            if module is None or not (self._sure.get(top) is module or self._is_sure(top, module)):
                return None
        module = known.get(name)
        for part in parts if module is not None else ():
            if not hasattr(module, part):
                return None
        return module if parts else module and known[top]

    def _is_sure(self, top: str, module: ModuleType) -> bool:
        if not is_pythons(module):
            return False
        self._sure[top] = module
        return True

    def _enter(self) -> None:
        thread = _thread.get_ident()
        with self._lock:
            if not self._importing:
                self._aside = self._misleading()
                for name in self._aside:
                    sys.modules.pop(name, None)
                for parts in self._lent.values():
                    sys.modules.update(parts)
            self._importing[thread] = self._importing.get(thread, 0) + 1

    def _leave(self) -> None:
        thread = _thread.get_ident()
        with self._lock:
            self._importing[thread] -= 1
            if not self._importing[thread]:
                del self._importing[thread]
            if not self._importing:
                self._restore()

    def _restore(self) -> None:
        """Make `sys.modules` the script's again."""
        self._lend(self._brought.union(self._lent))
        self._brought.clear()
        sys.modules.update(self._aside)

    def _after_fork(self) -> None:
        """Forget what other threads did."""
        self._lock = _thread.RLock()
        thread, before = _thread.get_ident(), self._importing
        self._importing = {thread: before[thread]} if thread in before else {}
        if before and not self._importing:
            self._restore()

    def _misleading(self) -> dict[str, ModuleType]:
        """The script's own modules with names of Python's."""
        tops: set[str] = set()
        for name, module in list(sys.modules.items()):
            if "." in name or self._harmless.get(name) == id(module):
                continue
            # To look into a module of another type may load it.
            is_known = type(module) is type(sys) and is_pythons(module)
            if is_known or not self._is_wanted(name):
                self._harmless[name] = id(module)
            elif not is_pythons(module):
                tops.add(name)
        return _parts(tops) if tops else {}

    def _lend(self, tops: Iterable[str]) -> None:
        """Take these modules, if they are Python's own, and what is in them out of `sys.modules`."""
        lent = {top for top in tops if top != OURS and is_pythons(sys.modules.get(top))}
        for name, module in _parts(lent).items():
            self._lent.setdefault(name.partition(".")[0], {})[name] = module
            del sys.modules[name]


def _parts(tops: set[str]) -> dict[str, ModuleType]:
    """Modules that are loaded, with what is in them."""
    return {name: module for name, module in list(sys.modules.items()) if name.partition(".")[0] in tops}


class GiveBack:
    """Loads a module that is loaded already."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module
        self._spec = module.__spec__

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        del spec
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self._spec
