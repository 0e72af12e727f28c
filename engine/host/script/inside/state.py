"""Where the host of this script is: known to all its processes."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any


class State:
    """What the host has told."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.told = told
        self.address: str = told["address"]
        self.token: str = told["token"]
        self.folder: str = told["folder"]
        """The run folder."""
        self.path: str = told["path"]
        """The script."""
        self.workers: int = told["workers"]
        """How many workers each pool is to have; 0 is as the script says."""


_known: list[State] = []


def know(told: dict[str, Any]) -> None:
    """Keep what the host has told."""
    _known[:] = [State(told)]


def host() -> State:
    """What the host has told."""
    return _known[0]


def is_known() -> bool:
    return bool(_known)


_defining: list[bool] = []


@contextmanager
def defining() -> Generator[None, None, None]:
    """In here, this process only takes in what a notebook defines: it starts no other."""
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
