"""Patches modules as the script imports them, and those already imported; imports none itself."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

from ...apart import GiveBack, is_in_python, look
from ...typed import Any, Callable, cast


def _pools(module: ModuleType) -> None:
    from . import pools, threads

    pools.patch(module)
    threads.patch_pool(module)


def _processes(module: ModuleType) -> None:
    from . import processes

    processes.patch(module)


def _thread_executors(module: ModuleType) -> None:
    from . import threads

    threads.patch_executor(module)


def _traces(module: ModuleType) -> None:
    from . import traces

    traces.patch(module)


def _children(module: ModuleType) -> None:
    from . import children

    children.patch(module)


def _executors(module: ModuleType) -> None:
    from . import executors

    executors.patch(module)


def _joblib(module: ModuleType) -> None:
    from . import joblib

    joblib.patch(module)


def _logging(module: ModuleType) -> None:
    from . import logs

    logs.patch(module)


PATCHES: dict[str, Callable[[ModuleType], None]] = {
    "logging": _logging,
    "traceback": _traces,
    "multiprocessing.process": _processes,
    "multiprocessing.pool": _pools,
    "multiprocessing.spawn": _children,
    "concurrent.futures.process": _executors,
    "concurrent.futures.thread": _thread_executors,
    "joblib.parallel": _joblib,
}
STANDARD = {name.partition(".")[0] for name in PATCHES} - {"joblib"}


def _is_meant(name: str, origin: str | None) -> bool:
    """Whether a module is the one to patch, and no `logging.py` of the script's own."""
    return name.partition(".")[0] not in STANDARD or is_in_python(origin)


def add(name: str, patch: Callable[[ModuleType], None]) -> None:
    """Patch one more module when it is imported."""
    PATCHES[name] = patch


class Finder:
    """Finds these modules like the others, and patches them after they have run."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del target
        spec = look(fullname, path, self) if fullname in PATCHES else None
        loader: Any = spec.loader if spec is not None else None
        if spec is None or not _is_meant(fullname, spec.origin):
            return spec
        if loader is not None and type(loader) is not GiveBack:
            spec.loader = cast("Any", Loader(loader, PATCHES[fullname]))
        return spec


class Loader:
    """Loads a module, patches it, and restores its real loader."""

    def __init__(self, loader: Any, patch: Callable[[ModuleType], None]) -> None:
        self._loader = loader
        self._patch = patch

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._patch(module)


def install() -> None:
    """Patch what is loaded, and what will be."""
    sys.meta_path.insert(0, Finder())  # pyright: ignore[reportArgumentType]
    for name, patch in PATCHES.items():
        module = sys.modules.get(name)
        if module is not None and _is_meant(name, getattr(module.__spec__, "origin", None)):
            patch(module)
