"""What notebooks expect from Jupyter: `display`, `get_ipython`, and IPython if it is not installed."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


class Harmless:
    """Does nothing, whatever it is asked."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self

    def __getitem__(self, key: Any) -> Any:
        return self

    def __contains__(self, key: Any) -> bool:
        return False

    def __iter__(self) -> Any:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return True

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        return None


_harmless = Harmless()


def display(*things: Any, **options: Any) -> None:
    """Show nothing: there is no page to show it on. Figures are saved when their cell ends."""


def get_ipython() -> Any:
    """The stand-in for the shell."""
    return _harmless


class StandIn(ModuleType):
    """A stand-in for a module of IPython if that is not installed: everything in it does nothing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return {"display": display, "get_ipython": get_ipython}.get(name, _harmless)


class Finder:
    """Finds the stand-ins if nothing else has found IPython."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if fullname.partition(".")[0] != "IPython":
            return None
        return ModuleSpec(fullname, self, is_package=True)  # pyright: ignore[reportArgumentType]

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to execute."""


def furnish(namespace: dict[str, Any]) -> None:
    """Give the main module of a notebook what it expects."""
    namespace["display"] = display
    namespace["get_ipython"] = get_ipython
    if not any(isinstance(finder, Finder) for finder in sys.meta_path):
        sys.meta_path.append(Finder())  # pyright: ignore[reportArgumentType]
