"""What notebooks expect from Jupyter: `display`, `get_ipython`, `_`, and packages if they are missing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from types import ModuleType

from ..typed import Any

MISSING = ("IPython", "ipywidgets")
"""The packages that have a stand-in if they are not installed."""


class Harmless:
    """Does nothing, whatever it is asked, but keeps its attributes, such as the value of a slider."""

    def __init__(self, *_: Any, **attributes: Any) -> None:
        vars(self).update(attributes)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Harmless()

    def __call__(self, *args: Any, **attributes: Any) -> Any:
        if args and isinstance(args[0], (type, type(display))):
            return args[0]  # as a decorator
        return Harmless(**attributes)

    def __mro_entries__(self, _: object) -> tuple[type, ...]:
        return (Harmless,)

    def __getitem__(self, key: Any) -> Any:
        return Harmless()

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

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


_shell = Harmless()
_shown: list[Callable[[Any], None]] = []
"""Is given what is displayed."""


def display(*things: Any, **options: Any) -> Any:
    """Show nothing: there is no page to show it on. Figures are saved."""
    for thing in things:
        for show in _shown:
            show(thing)
    return Harmless() if options.get("display_id") else None


def get_ipython() -> Any:
    """The stand-in for the shell."""
    return _shell


def _nothing(*_: Any, **__: Any) -> None:
    """Does nothing, like `clear_output` without a page."""


OURS: dict[str, Any] = {
    "display": display,
    "get_ipython": get_ipython,
    "clear_output": _nothing,
    "update_display": _nothing,
}


class StandIn(ModuleType):
    """A stand-in for a module that is not installed: everything in it does nothing."""

    __version__ = "9.0.0"
    version_info = (9, 0, 0, "")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return OURS[name] if name in OURS else Harmless()


class Finder:
    """Finds the stand-ins if nothing else has found the packages."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if fullname.partition(".")[0] not in MISSING:
            return None
        return ModuleSpec(fullname, self, is_package=True)  # pyright: ignore[reportArgumentType]

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to execute."""


def _patch(module: ModuleType) -> None:
    """Replace what a module of the real IPython has of these: there, it would print, or be None."""
    for name in OURS.keys() & vars(module).keys():
        setattr(module, name, OURS[name])


PATCHES = dict.fromkeys(("IPython.core.getipython", "IPython.core.display_functions"), _patch)
"""By module: what is to be done when it is imported."""


def furnish(namespace: dict[str, Any], show: Callable[[Any], None] | None = None) -> None:
    """Give the main module of a notebook what it expects. `show` is given what is displayed."""
    namespace["display"] = display
    namespace["get_ipython"] = get_ipython
    _shown[:] = [show] if show else []
    if not any(isinstance(finder, Finder) for finder in sys.meta_path):
        sys.meta_path.append(Finder())  # pyright: ignore[reportArgumentType]


class Underscores:
    """The last values of cells as `_`, `__` and `___`, until the notebook uses these names itself."""

    NAMES = ("_", "__", "___")

    def __init__(self, namespace: dict[str, Any]) -> None:
        self._namespace = namespace
        self._values: list[Any] = [""] * len(self.NAMES)
        self._set()

    def _set(self) -> None:
        self._namespace.update(zip(self.NAMES, self._values))

    def take(self, value: Any) -> None:
        """Take the value of a cell."""
        same = (self._namespace.get(name) is held for name, held in zip(self.NAMES, self._values))
        if value is not None and all(same):
            self._values = [value, *self._values[:-1]]
            self._set()
