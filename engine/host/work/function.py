"""Finds the user's function: in a file, under an import path, or in source typed in the app."""

from __future__ import annotations

import importlib
import importlib.util
import itertools
import linecache
import os
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from functools import reduce
from multiprocessing.process import BaseProcess
from types import ModuleType

from ..books import is_book
from ..record.text import bounded, plain
from ..typed import Any, Callable, NamedTuple
from . import kept
from .calls import Refused, as_call
from .failures import MAX_MESSAGE, describe, format_trace
from .place import place
from .settled import Settler

KEY = "function.setup"
"""The field of the set-up."""
MOST_ENTRIES = 1000
"""Entries of a folder that are searched for a module."""
TYPED = "typed_source"
"""Module name of source typed in the app."""


_modules: dict[str, ModuleType] = {}
"""Modules loaded from a file or source: loading one again in this process returns the same module."""


class LoadError(Exception):
    """The function cannot be loaded. `key` is the faulty field of the job, `details` a traceback or empty."""

    def __init__(self, key: str, message: str, details: str = "") -> None:
        super().__init__(message)
        self.key = key
        self.details = details


class Loaded(NamedTuple):
    """The user's function in this process."""

    call: Callable[[Any], Any]
    """The function as a callable that takes one input of the job."""
    preparation: Preparation | None

    def set_up(self, settler: Settler) -> None:
        """Call the job's set-up before the first task. Raises `LoadError`."""
        if self.preparation is not None:
            self.preparation.run(settler)


class Preparation:
    """A set-up: a function that is called once in each worker, and its result."""

    def __init__(self, name: str, function: Any, parameters: dict[str, dict[str, Any]]) -> None:
        if not callable(function):
            kind = type(function).__name__
            raise LoadError(KEY, f"{name} is a {kind}, not a function: choose something that can be called.")
        self._name = name
        try:
            self._call = as_call(function, "args", parameters, may_be_bad=False)
        except Refused as error:
            raise LoadError(f"setup.{error.name}", str(error)) from None
        self.value: Any = None
        """Its result; None before the call."""

    @property
    def parameter(self) -> str:
        """The parameter of the job's function that gets the result."""
        return self._name.rpartition(".")[2]

    def run(self, settler: Settler) -> None:
        """Call it. Raises `LoadError`."""
        try:
            self.value = settler.settled(self._call(()))
        except BaseException as error:
            message = f"The set-up {self._name} failed: {describe(error)}"
            raise LoadError(KEY, plain(message), format_trace(error)) from None


def load(
    function: dict[str, str],
    call: str,
    parameters: dict[str, dict[str, Any]],
    may_be_bad: bool,
    prepare: dict[str, dict[str, Any]],
) -> Loaded:
    """The user's function, for inputs that `may_be_bad`; `prepare` has the set-up's parameters."""
    target = find(function)
    preparation = None
    if function["setup"]:
        preparation = Preparation(function["setup"], _beside(function, function["setup"], KEY), prepare)
    ready = {} if preparation is None else {preparation.parameter: lambda: preparation.value}
    try:
        return Loaded(as_call(target, call, parameters, may_be_bad, ready), preparation)
    except Refused as error:
        raise LoadError(f"parameters.{error.name}", str(error)) from None


def find(function: dict[str, str]) -> Callable[..., Any]:
    """The user's function as it was defined. Raises `LoadError`."""
    if function["source"]:
        module = _from_source(function["source"])
        target = _attribute(module, function["name"] or _last_function(module), "function.name")
    elif function["import_path"]:
        target = _from_import_path(function["import_path"])
    else:
        module = _from_file(function["file"], [function["name"], function["setup"]])
        target = _attribute(module, function["name"], "function.name")
    if not callable(target):
        key, name = "function.name", function["name"]
        if function["import_path"]:
            key, name = "function.import", function["import_path"]
        raise LoadError(
            key, f"{name} is a {type(target).__name__}, not a function: choose something that can be called."
        )
    return target


def _beside(function: dict[str, str], name: str, key: str) -> Any:
    """The object called `name` where the job's function is defined."""
    if function["import_path"]:
        return _from_import_path(f"{function['import_path'].partition(':')[0]}:{name}", key)
    module = _from_source(function["source"]) if function["source"] else _from_file(function["file"], [name])
    return _attribute(module, name, key)


def load_inputs(function: dict[str, str], name: str) -> Iterator[Any]:
    """An iterator over what the user's generator function `name`, beside the job's function, yields."""
    key = "inputs.generator"
    target = _beside(function, name, key)
    made: list[Iterator[Any]] = []
    _run(lambda: made.append(iter(target())), key, f"The inputs of {name}")
    return made[0]


def _attribute(module: ModuleType, name: str, key: str) -> Any:
    try:
        return reduce(getattr, name.split("."), module)
    except AttributeError:
        raise LoadError(key, f"There is no {name!r} in {_title(module)}. {_what_there_is(module)}") from None


def _title(module: ModuleType) -> str:
    if module.__name__ == TYPED:
        return "the typed source"
    return os.path.basename(getattr(module, "__file__", None) or module.__name__)


def _what_there_is(module: ModuleType) -> str:
    names = [n for n, v in vars(module).items() if callable(v) and not n.startswith("_")][:10]
    return f"It has: {', '.join(names)}." if names else "It defines no function."


def _last_function(module: ModuleType) -> str:
    own = [name for name, value in vars(module).items() if _is_own_function(value)]
    if not own:
        raise LoadError("function.source", "The typed source defines no function. Write one with def.")
    return own[-1]


def _is_own_function(value: Any) -> bool:
    """Whether an object in the typed source was created there, and is callable but not a class."""
    if not callable(value) or issubclass(type(value), type):
        return False
    try:
        return type(home := value.__module__) is str and home == TYPED
    except Exception:
        return False


def _from_file(path: str, wanted: list[str]) -> ModuleType:
    """The module in a file. For a notebook, it has what is `wanted`, and its functions and classes."""
    if path in _modules:
        return _modules[path]
    root, name, in_package = place(path)
    if in_package:
        return _from_package(path, root, name)
    if name in sys.modules or name in getattr(sys, "stdlib_module_names", ()):
        name += "_"  # a file called random.py is the user's own, and must not replace random
    if is_book(path):
        return _modules.setdefault(path, _from_book(name, path, wanted))
    return _modules.setdefault(path, _by_location(name, path))


def _by_location(name: str, path: str) -> ModuleType:
    """Load a file under a name."""
    spec = kept.code.spec_of(name, path) if kept.code else None
    spec = spec or importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise LoadError("function.file", f"{os.path.basename(path)} is not a Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    be_main(module)
    loader = spec.loader
    _load(lambda: loader.exec_module(module), "function.file", os.path.basename(path))
    if not _has_its_name(name, path):
        module.__spec__ = None  # like a script: processes started from here run the file by its path
    return module


def _from_book(name: str, path: str, wanted: list[str]) -> ModuleType:
    """What a notebook defines, as a module."""
    from ..books.book import parse_book
    from ..books.definitions import definitions, execute, place_of
    from ..books.jupyter import furnish

    title = os.path.basename(path)
    module = ModuleType(name)
    module.__file__ = path
    furnish(vars(module))
    try:
        source = kept.code.source_of(path) if kept.code else None
        if source is None:
            with open(path, "rb") as file:
                source = file.read()
        book = parse_book(source, path)
        book.remember_lines()
        sys.modules[name] = module
        be_main(module)
        with _no_processes():
            execute(definitions(book, wanted), path, vars(module))
    except BaseException as error:
        where = place_of(error, path)
        what = f"{title}, {where}," if where else title
        raise LoadError("function.file", _words(what, error), format_trace(error)) from None
    return module


def _has_its_name(name: str, path: str) -> bool:
    """Whether importing that name finds the file."""
    return name.rpartition(".")[2] == os.path.splitext(os.path.basename(path))[0]


def be_main(module: ModuleType) -> None:
    """Make a module the main one too: data that was pickled while it ran as a script needs that."""
    if not hasattr(module, "__path__"):  # nothing that is started from here could run a package
        sys.modules["__main__"] = sys.modules["__mp_main__"] = module


def _from_package(path: str, root: str, name: str) -> ModuleType:
    """Import a file by its name in its package, so that relative imports and pickles work."""
    package = name.partition(".")[0]
    loaded = sys.modules.get(package)
    if loaded is None or os.path.join(root, package) in getattr(loaded, "__path__", ()):
        loaded = _imported(name, path)
        if loaded.__file__ and (loaded.__file__ == path or os.path.samefile(loaded.__file__, path)):
            return loaded
    raise LoadError(
        "function.file",
        f"{os.path.basename(path)} is {name}, seen from {root}, but Python has another {package}"
        f" ({getattr(loaded, '__file__', None) or 'built in'}): rename the package.",
    )


def _imported(name: str, path: str) -> ModuleType:
    """A file that is the module `name` of a package."""
    found: list[ModuleType] = []
    title = os.path.basename(path)
    if _has_its_name(name, path) or os.path.basename(path) == "__init__.py":
        _load(lambda: found.append(importlib.import_module(name)), "function.file", title)
    else:
        _load(lambda: importlib.import_module(name.rpartition(".")[0]), "function.file", title)
        found.append(sys.modules.get(name) or _by_location(name, path))
    be_main(found[0])
    return found[0]


def _from_source(source: str) -> ModuleType:
    if source in _modules:
        return _modules[source]
    module = ModuleType(TYPED)
    filename = f"<{TYPED}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    sys.modules[TYPED] = module
    be_main(module)
    _load(
        lambda: exec(compile(source, filename, "exec"), module.__dict__),
        "function.source",
        "The typed source",
    )
    return _modules.setdefault(source, module)


def _from_import_path(path: str, key: str = "function.import") -> Any:
    module_name, _, name = path.partition(":")
    found: list[ModuleType] = []
    _load(lambda: found.append(importlib.import_module(module_name)), "function.import", module_name)
    be_main(found[0])
    return _attribute(found[0], name, key)


@contextmanager
def _no_processes() -> Generator[None, None, None]:
    """No process may be started in here: each worker loads the module, and would start it again."""

    def refuse(self: BaseProcess) -> None:  # noqa: ARG001
        raise RuntimeError(
            "a process is started when the module is imported, which each worker does. Put that under"
            ' if __name__ == "__main__": or into the function'
        )

    start = BaseProcess.start
    BaseProcess.start = refuse
    try:
        yield
    finally:
        BaseProcess.start = start


def _load(action: Callable[[], Any], key: str, what: str) -> None:
    """Run user code that loads a module; any exception becomes a `LoadError`."""
    with _no_processes():
        _run(action, key, what)


def _run(action: Callable[[], Any], key: str, what: str) -> None:
    """Run user code; any exception becomes a `LoadError`."""
    try:
        action()
    except BaseException as error:
        raise LoadError(key, _words(what, error), format_trace(error)) from None


def _words(what: str, error: BaseException) -> str:
    """Why `what` cannot be loaded, and what to do."""
    try:
        return plain(_known_words(what, error) or f"{what} cannot be loaded: {describe(error)}")
    except BaseException:  # the text of an exception of the user's own class may fail as well
        return f"{what} cannot be loaded: {describe(error)}"


def _known_words(what: str, error: BaseException) -> str:
    """The words for a frequent error; empty for any other."""
    kind = type(error)
    if issubclass(kind, SyntaxError):
        fault: Any = error
        where = f"line {fault.lineno}, column {fault.offset}"
        return f"{what} has a syntax error: {where}: {bounded(str(fault.msg), MAX_MESSAGE)}"
    if issubclass(kind, ModuleNotFoundError):
        name = bounded(str(vars(ImportError)["name"].__get__(error)), MAX_MESSAGE)
        return f"{what} cannot be imported: no module named {name!r}. {_way_to_have(name)}"
    if issubclass(kind, ImportError):
        reason = bounded(str(error), MAX_MESSAGE)
        if "no known parent package" in reason:
            reason = (
                "it has a relative import, but its folder is not a package. Put an empty __init__.py there"
            )
        return f"{what} cannot be imported: {reason}."
    return ""


def _folder_with(name: str) -> str:
    """A folder next to the user's own modules that contains a module; empty if there is none."""
    for root in sys.path[:3]:
        with suppress(OSError):
            for entry in itertools.islice(os.scandir(root), MOST_ENTRIES):
                if entry.is_dir() and os.path.isfile(os.path.join(entry.path, f"{name}.py")):
                    return entry.path
    return ""


def _way_to_have(name: str) -> str:
    """What to do about a missing module."""
    parent, _, last = name.rpartition(".")
    if parent in sys.modules:
        return f"If {last} is a class or function of {parent}, it belongs after the colon."
    if folder := _folder_with(name.partition(".")[0]):
        return f"It is in {folder}: add that folder to sys.path, or set PYTHONPATH."
    if getattr(sys, "frozen", False):
        return f"The Python inside Poolhouse has only the standard library: choose one that has {name}."
    return f"Install it for {sys.executable}, or choose another interpreter."
