"""The server that forks workers, as the host sees it: it loads engine and function once, for all of them."""

from __future__ import annotations

import logging
import os
import pickle
import signal
import socket
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from multiprocessing import forkserver, spawn, util
from multiprocessing.connection import Connection

from ..typed import Any, cast

assert sys.platform != "win32"

from .. import system
from ..errors import BrokenRun
from ..record import wire
from ..system import Channel, Selector
from ..work.inherited import ADDRESS
from ..work.logs import AppendHandler
from ..work.worker import Setup
from .start import NoTemplate

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CONNECT_SECONDS = 10.0
"""A server that has not connected by then never will: it does so before any of the user's code."""
_server: Any = vars(forkserver)["_forkserver"]


class Template(NoTemplate):
    """Starts the server, and waits without blocking until it has loaded the function, or has failed.

    If it reports that its process cannot be copied, or dies, a server without the function replaces it,
    and each worker loads the function by itself.
    """

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._selector: Selector | None = None
        self._log: AppendHandler | None = None
        self._channel: Channel | None = None
        self._messages = wire.Messages()
        self._listener = socket.socket(socket.AF_UNIX)
        address = os.path.join(util.get_temp_dir(), "load")
        self._listener.bind(address)
        self._listener.listen()
        forkserver.set_forkserver_preload(["boot", "_poolhouse.processes.template_process"])
        # an interpreter that ignores PYTHONPATH may have a server that does not know the engine
        self.ready = bool(sys.flags.ignore_environment) and not hasattr(sys, "frozen")
        _ensure_running({} if self.ready else {ADDRESS: address})
        self._started = system.clock()

    @property
    def pids(self) -> set[int]:
        pid = _pid()
        return super().pids if pid is None else {*super().pids, pid}

    def listen(self, selector: Selector, log: AppendHandler) -> None:
        self._selector, self._log = selector, log
        if not self.ready:
            selector.add(self._listener, self._accept)

    def _accept(self) -> None:
        assert self._selector is not None
        conn = Connection(self._listener.accept()[0].detach())
        self._selector.remove(self._listener)
        self._channel = Channel(conn, self._selector, self._hear)
        self._channel.send([pickle.dumps((_preparation(), self._setup))])

    def _hear(self) -> None:
        assert self._channel is not None
        for kind, *content in self._messages.take(self._channel.receive()):
            if kind == wire.REFUSED:
                key, message, details = content
                raise BrokenRun(message, key, details)
            if kind == wire.UNFIT:
                self._do_without(content[0])
                return
            assert self._log is not None
            self._log.hold(content)
            self.ready = True
        if self._channel.closed and not self.ready:
            self._do_without("it died")

    def look(self) -> None:
        if self.ready:
            return
        before = _pid()
        _ensure_running({})
        if before is not None and _pid() != before:
            system.end_group(before)
            self.ready = True
        elif self._channel is None and system.clock() > self._started + CONNECT_SECONDS:
            self._do_without("it did not connect")

    def _do_without(self, reason: str) -> None:
        """Replace this server by one without the function."""
        logging.getLogger("poolhouse").debug("Each worker loads the function by itself: %s", reason)
        _end()
        _ensure_running({})
        self.ready = True

    def close(self) -> None:
        _end()
        if self._selector is not None and self._channel is None and not self.ready:
            self._selector.remove(self._listener)
        self._listener.close()
        if self._channel is not None:
            self._channel.close()


def _ensure_running(variables: dict[str, str]) -> None:
    """Start the server if there is none. It is useful even if it cannot load the engine: then workers do.

    It is a bare `python -c`, which knows no private name and cannot be given a file. It finds `boot`
    through PYTHONPATH, or through the host's module path where it takes that over first (from 3.12.8,
    3.13.1 and 3.14 on). `boot` and `served` restore both.
    """
    before = os.environ.get("PYTHONPATH")
    variables = {"PYTHONPATH": HERE if before is None else HERE + os.pathsep + before, **variables}
    sys.path.insert(0, HERE)
    try:
        with _environment(variables):
            forkserver.ensure_running()
    finally:
        sys.path.remove(HERE)


@contextmanager
def _environment(variables: dict[str, str]) -> Generator[None, None, None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _preparation() -> dict[str, Any]:
    """What `multiprocessing` sends to each process that it starts."""
    data = spawn.get_preparation_data("Server")
    return {**data, "authkey": bytes(data["authkey"])}  # it refuses to be pickled as it is


def _pid() -> int | None:
    return cast("int | None", vars(_server)["_forkserver_pid"])


def _end() -> None:
    """End the server, with everything that the user's module started in it."""
    pid = _pid()
    if pid is not None:
        os.kill(pid, signal.SIGKILL)
        with suppress(OSError):  # someone has cleaned up the folder of its socket
            _server._stop()  # noqa: SLF001
        system.end_group(pid)
