"""The host of this script, known to all its processes."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import os
from collections.abc import Generator
from contextlib import contextmanager

from ...record.schema import OBJECTS
from ...typed import Any


class State:
    """What the host has sent."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.told = told
        self.address: str = told["address"]
        self.token: str = told["token"]
        self.folder: str = told["folder"]
        """The run folder."""
        self.objects = os.path.join(self.folder, OBJECTS)
        """Its folder for large data."""
        self.path: str = told["path"]
        """The script."""
        self.workers: int = told["workers"]
        """How many workers each pool gets; 0 leaves that to the script."""


_known: list[State] = []


def know(told: dict[str, Any]) -> None:
    """Store what the host has sent."""
    _known[:] = [State(told)]


def host() -> State:
    """What the host has sent."""
    return _known[0]


def is_known() -> bool:
    return bool(_known)


_defining: list[bool] = []


@contextmanager
def defining() -> Generator[None, None, None]:
    """Meanwhile this process only loads what a notebook defines, and starts no other process."""
    from multiprocessing.process import BaseProcess

    def refuse(self: BaseProcess) -> None:  # noqa: ARG001
        raise RuntimeError("no process is started while a notebook is only taken in")

    start = BaseProcess.start
    BaseProcess.start = refuse
    _defining.append(True)
    try:
        yield
    finally:
        _defining.pop()
        BaseProcess.start = start


def is_defining() -> bool:
    return bool(_defining)
