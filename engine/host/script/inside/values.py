"""Values of a notebook's variables on their way to a spawned process: it sees what a forked one would."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import pickle
from contextlib import suppress
from types import ModuleType

from ...typed import Any

LARGEST = 256 * 2**20
"""Bytes of a pickle; the process creates a larger value itself, by the statements that create it."""
LONGEST_NAME = 1000
"""Bytes of a pickle that only says where something is found."""


def defined() -> list[str]:
    """The names of main's own functions and classes, however they are created."""
    return [name for name, value in vars(sys.modules["__main__"]).items() if _is_own(value)]


def _is_own(value: Any) -> bool:
    if isinstance(value, ModuleType):
        return False
    with suppress(Exception):  # attributes may be made by code
        return value.__module__ == "__main__" and isinstance(value.__qualname__, str)
    return False


class Sent:
    """The names whose values are sent: a name that is asked for is, if its value can be pickled."""

    def __init__(self, kept: dict[str, bytes]) -> None:
        self.pickles = dict(kept)
        self.kept = dict(kept)
        """Those that can be sent to another process, too."""
        self._refused: set[str] = set()

    def __contains__(self, name: object) -> bool:
        if name not in self.pickles and isinstance(name, str) and name not in self._refused:
            self._add(name)
        return name in self.pickles

    def _add(self, name: str) -> None:
        namespace = vars(sys.modules["__main__"])
        if name not in namespace or isinstance(namespace[name], ModuleType):
            self._refused.add(name)
        elif pickled := _pickled(namespace[name]):
            self.pickles[name] = self.kept[name] = pickled
        elif pickled := _pickled_for_child(namespace[name]):
            self.pickles[name] = pickled
        else:
            self._refused.add(name)


def _pickled(value: Any) -> bytes:
    """A value; empty if it is found by its name, or cannot be sent."""
    from multiprocessing.context import get_spawning_popen, set_spawning_popen

    popen: Any = get_spawning_popen()
    set_spawning_popen(None)
    try:
        return _pickled_for_child(value)
    finally:
        set_spawning_popen(popen)


def _pickled_for_child(value: Any) -> bytes:
    """A value for the process that is being spawned: only so can locks and queues be sent."""
    from multiprocessing.reduction import ForkingPickler

    try:
        pickled = bytes(ForkingPickler.dumps(value))
    except Exception:
        return b""
    return b"" if len(pickled) > LARGEST or _is_name(pickled) else pickled


def _is_name(pickled: bytes) -> bool:
    """Whether a pickle only says where something is found."""
    if len(pickled) > LONGEST_NAME or b"\x93" not in pickled:
        return False
    from pickletools import genops

    last = [code.name for code, _, _ in genops(pickled) if code.name not in ("MEMOIZE", "STOP")][-1]
    return last == "STACK_GLOBAL"


class Arrived:
    """Values that have come to a process. Each is loaded as soon as its class is defined there."""

    def __init__(self, pickles: dict[str, bytes], namespace: dict[str, Any]) -> None:
        self._waiting = dict(pickles)
        self._namespace = namespace
        self._loaded: dict[str, Any] = {}

    def load(self) -> None:
        """Load what can be loaded now."""
        for name, pickled in list(self._waiting.items()):
            with suppress(Exception):
                self._loaded[name] = self._namespace[name] = pickle.loads(pickled)
                del self._waiting[name]

    def keep(self) -> None:
        """Statements that were run for the sake of other names may have changed some."""
        self._namespace.update(self._loaded)
