"""Whether a process can be forked, with each copy as good as one that loaded the module itself."""

from __future__ import annotations

import gc
import os
import random
import selectors
import signal
import socket
import sys
import tempfile
import threading
from multiprocessing import util
from operator import is_not
from types import ModuleType

from ..typed import Any

assert sys.platform != "win32"

from ..system import posix

MEANS: list[tuple[ModuleType, str]] = [
    (os, "fork"),
    (os, "read"),
    (os, "waitpid"),
    (os, "write"),
    (selectors, "DefaultSelector"),
    (signal, "set_wakeup_fd"),
    (signal, "signal"),
    (socket, "socket"),
    (threading, "Thread"),
]
"""What the server and its copies rely on. Libraries such as gevent replace these."""
GENERATORS = ("Generator", "RandomState", "BitGenerator")
"""Of numpy.random."""


class ForkSafety:
    """Created before the module is loaded, and asked afterwards."""

    def __init__(self) -> None:
        gc.freeze()  # so that only objects created from now on are examined
        self._means = _means()
        self._files = posix.open_files()
        self._memory = posix.shared_memory()
        self._random = random.getstate()
        self._finalizers = set(vars(util)["_finalizer_registry"])
        self._names = vars(tempfile)["_name_sequence"]

    def lost(self) -> str:
        """What exists now that a copy would lack, or share with others; empty if copying is safe."""
        if any(map(is_not, _means(), self._means)):
            return "the means to fork were replaced"
        if threading.active_count() > 1 or posix.has_foreign_threads():
            return "a thread runs"  # in a copy it does not run, and its locks stay locked
        if posix.has_children():
            return "a process was started"
        files = posix.open_files()
        if files - self._files:
            return "a file or connection is open"
        if files != self._files:
            return "a file or connection was closed"  # it may be one that forkserver needs
        if posix.shared_memory() - self._memory:
            return "memory is shared"
        if vars(tempfile)["_name_sequence"] is not self._names:
            return "a temporary file or folder was made"
        if set(vars(util)["_finalizer_registry"]) - self._finalizers:
            return "something is to be done at its end"  # by multiprocessing, which forgets it in a copy
        if random.getstate() != self._random or _numpy_is_seeded():
            return "random numbers were drawn, or their generator was seeded"
        return _shared_object()


def _means() -> list[object]:
    return [getattr(module, name, None) for module, name in MEANS]


def _numpy_is_seeded() -> bool:
    """Whether numpy's global generator continues from a given seed."""
    generator = _global_of_numpy()
    if generator is None:
        return False
    bits = getattr(generator, "_bit_generator", None)
    return getattr(bits, "seed_seq", getattr(bits, "_seed_seq", None)) is None


def _global_of_numpy() -> Any:
    return getattr(sys.modules.get("numpy.random.mtrand"), "_rand", None)


def _shared_object() -> str:
    """An object that all copies would have in the same state, or in the same memory; empty if none."""
    numpy_random, synchronize = map(sys.modules.get, ("numpy.random", "multiprocessing.synchronize"))
    names = [name for name in GENERATORS if hasattr(numpy_random, name)]
    generators = (random.Random, *(getattr(numpy_random, name) for name in names))
    locks = () if synchronize is None else (vars(synchronize)["SemLock"],)
    maps = () if posix.KNOWS_SHARED_MEMORY or "mmap" not in sys.modules else (sys.modules["mmap"].mmap,)
    known = _known_generators()
    for thing in gc.get_objects():
        if _is(thing, locks):
            return "a lock of multiprocessing was made"
        if _is(thing, maps):
            return "memory may be shared"
        if _is(thing, generators) and not any(thing is other for other in known):
            return "a generator of random numbers was made"
    return ""


def _is(thing: object, kinds: tuple[type, ...]) -> bool:
    """Like `isinstance`, but without asking the object, which may pretend."""
    return issubclass(type(thing), kinds)


def _known_generators() -> list[Any]:
    """Generators that do differ in each copy."""
    common = _global_of_numpy()
    names = [thing for thing in gc.get_objects() if type(thing) is vars(tempfile)["_RandomNameSequence"]]
    return [
        vars(random)["_inst"],
        common,
        getattr(common, "_bit_generator", None),
        *(getattr(name, "_rng", None) for name in names),  # depends on the process
        *(thing for thing in gc.get_objects() if type(thing) is random.SystemRandom),
    ]
