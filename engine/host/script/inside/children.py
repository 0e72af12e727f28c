"""Makes what the script spawns part of it, also a process that creates a pool when it imports main."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import functools
import os
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType, ModuleType

from ...books import is_book
from ...typed import Any
from . import state
from .traces import ENGINE

KEY = "poolhouse"
BOOK = "poolhouse book"
BOOT = os.path.join(ENGINE, "boot.py")
ARRIVE = """\
import sys
from _frozen_importlib_external import SourceFileLoader
boot = type(sys)("_poolhouse_boot")
boot.__file__ = {boot!r}
SourceFileLoader("_poolhouse_boot", {boot!r}).exec_module(boot)
boot.keep_apart()
from _poolhouse.script.inside.main import take_in
import os
os.environ.update({environment!r})
take_in({told!r})
"""
OF_MAIN = ("init_main_from_name", "init_main_from_path", BOOK)

_bare = threading.local()
_shown = threading.local()


class Arrival:
    """Travels to a spawned process, and adopts that as it is unpickled there."""

    def __reduce__(self) -> tuple[Any, ...]:
        environment: dict[str, str] = getattr(_bare, "environment", {})
        return exec, (ARRIVE.format(boot=BOOT, told=state.host().told, environment=environment), {})


@contextmanager
def bare(environment: dict[str, str]) -> Generator[None]:
    """What this thread spawns in the meantime does not import main, and has these environment variables."""
    _bare.environment = environment
    try:
        yield
    finally:
        del _bare.environment


def book_as_now() -> Any:
    """What a spawned process will know about the notebook; None in a script."""
    if not is_book(state.host().path):
        return None
    from . import books

    return books.Told()


@contextmanager
def shown(book: Any) -> Generator[None]:
    """What this thread spawns in the meantime knows the notebook as it was then."""
    _shown.book = book
    try:
        yield
    finally:
        del _shown.book


def patch(module: ModuleType) -> None:
    """Add to what a spawned process receives what makes it one of ours."""
    stock = module.get_preparation_data

    def get_preparation_data(name: str) -> dict[str, Any]:
        told = {KEY: Arrival(), **stock(name)}
        if is_book(state.host().path):
            told[BOOK] = getattr(_shown, "book", None) or book_as_now()
        if hasattr(_bare, "environment"):
            for key in OF_MAIN:
                told.pop(key, None)
        return told

    stock_prepare = module.prepare

    def prepare(data: dict[str, Any]) -> None:
        stock_prepare(data)
        if book := data.get(BOOK):
            from . import books

            books.define(book)

    module.get_preparation_data = get_preparation_data  # pyright: ignore[reportAttributeAccessIssue]
    module.prepare = prepare  # pyright: ignore[reportAttributeAccessIssue]
    _allow_start_method(sys.modules["multiprocessing"])


def _allow_start_method(package: Any) -> None:
    """A main without a guard sets the start method again in each child that imports it, which has one."""
    stock = package.set_start_method

    def set_start_method(method: str | None, force: bool = False) -> None:
        if not getattr(package.current_process(), "_inheriting", False):
            stock(method, force)

    package.set_start_method = functools.wraps(stock)(set_start_method)


def become_worker() -> None:
    """If this process is being spawned and importing main has led to a pool, become the worker now.

    The standard library raises an error there, since main has no guard. If it applies, this does not return.
    """
    from multiprocessing import process

    if state.is_defining():
        raise RuntimeError("no process is started while a notebook is only taken in")
    current = process.current_process()
    if not getattr(current, "_inheriting", False):
        return
    frame = _spawning(sys._getframe())  # pyright: ignore[reportPrivateUsage]
    if frame is None:
        return
    from multiprocessing import util

    modules = sys.modules
    modules["__main__"] = modules.get("__mp_main__", modules["__main__"])
    code = 1
    try:
        child = _rest(frame)
        del current._inheriting  # pyright: ignore
        code = child._bootstrap(frame.f_locals["parent_sentinel"])
    finally:
        util._flush_std_streams()  # pyright: ignore
        os._exit(code)


def _spawning(frame: FrameType | None) -> FrameType | None:
    """The frame of `multiprocessing.spawn` in which this process learns what it is for."""
    while frame is not None:
        if frame.f_code.co_name == "_main" and frame.f_globals.get("__name__") == "multiprocessing.spawn":
            return frame
        frame = frame.f_back
    return None


def _rest(frame: FrameType) -> Any:
    """The process that this one should become, as its parent has sent it after the preparation."""
    import pickle

    return pickle.load(frame.f_locals["from_parent"])
