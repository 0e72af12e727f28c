"""A copy of main that forks replacement workers, long after main has started threads.

It is forked in the pool's constructor, by the caller, like the first workers; it has one thread. Forking from
a thread of main would copy locks that other threads hold at that moment.
"""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import os
import pickle
import selectors
import signal
import socket
import struct
import time
from contextlib import suppress
from multiprocessing import util
from multiprocessing.reduction import recv_handle, send_handle
from weakref import WeakSet

from ...typed import Any, Callable

NUMBER = struct.Struct("q")
REQUEST = struct.Struct("I")
"""The length of what follows; 0 ends the template."""

UNKNOWN = 255
"""The exit code of a process if it is unknown."""
POLL_SECONDS = 0.01

_open: WeakSet[Template] = WeakSet()


def _hang_up_in_child() -> None:
    for template in list(_open):
        template.hang_up()


os.register_at_fork(after_in_child=_hang_up_in_child)


class LostTemplate(Exception):
    """The template has been killed."""

    def __init__(self) -> None:
        super().__init__("the process that starts them was killed")


class Template:
    """The template, as main sees it."""

    def __init__(
        self, ctx: Any, process: Any, target: Callable[..., None], arguments: tuple[Any, ...]
    ) -> None:
        self._main = os.getpid()
        ours, theirs = socket.socketpair()
        util._flush_std_streams()  # pyright: ignore
        self._pid = os.fork()
        if self._pid == 0:
            code = 1
            try:
                ours.close()
                _serve(theirs, lambda: process(ctx, target=target, args=arguments), self._main)
                code = 0
            finally:
                os._exit(code)
        theirs.close()
        self._socket = ours
        _open.add(self)

    def hang_up(self) -> None:
        """Leave it to the process that this one was forked from."""
        self._socket.close()

    def popen(self, process: Any) -> Forked:
        """Start a process, like its own `_Popen`."""
        return Forked(self._socket, self._pid, process)

    def close(self) -> None:
        """Release the template. Its workers are told by their own pool."""
        if os.getpid() != self._main:
            return
        with suppress(OSError):  # it has been killed
            self._socket.sendall(REQUEST.pack(0))
        self._socket.close()
        with suppress(ChildProcessError):
            os.waitpid(self._pid, 0)


class Forked:
    """A process forked by the template: what `multiprocessing.Process` expects of a Popen."""

    method = "fork"

    def __init__(self, link: socket.socket, template: int, process: Any) -> None:
        util._flush_std_streams()  # pyright: ignore
        status, told = os.pipe()
        alive, held = os.pipe()
        try:
            said = pickle.dumps((process.name, process._identity, process.daemon))
            link.sendall(REQUEST.pack(len(said)) + said)
            with socket.socket(fileno=os.dup(link.fileno())) as dialled:
                for end in (told, alive):
                    send_handle(dialled, end, template)  # pyright: ignore[reportArgumentType]
        except OSError:
            os.close(status)
            os.close(held)
            raise LostTemplate from None
        finally:
            os.close(told)
            os.close(alive)
        self.returncode: int | None = None
        self.sentinel = status
        data = os.read(status, NUMBER.size)
        if len(data) < NUMBER.size:
            os.close(status)
            os.close(held)
            raise LostTemplate
        (self.pid,) = NUMBER.unpack(data)
        self.finalizer: Any = util.Finalize(self, _close, (status, held))

    def duplicate_for_child(self, fd: int) -> int:
        return fd

    def poll(self, flag: int = os.WNOHANG) -> int | None:
        """The exit code, if it has ended; waits for that without `flag`."""
        if self.returncode is None:
            if flag == os.WNOHANG and not _is_readable(self.sentinel):
                return None
            data = os.read(self.sentinel, NUMBER.size)
            if len(data) == NUMBER.size:
                self.returncode = NUMBER.unpack(data)[0]
            else:
                self._outlives_template(flag)
        return self.returncode

    def _outlives_template(self, flag: int) -> None:
        """Check whether it has ended, although nobody is there to report it."""
        while True:
            try:
                os.kill(self.pid, 0)
            except ProcessLookupError:
                self.returncode = UNKNOWN
                return
            if flag == os.WNOHANG:
                return
            time.sleep(POLL_SECONDS)

    def wait(self, timeout: float | None = None) -> int | None:
        if self.returncode is None and timeout is not None and not _is_readable(self.sentinel, timeout):
            return None
        return self.poll(0)

    def _send_signal(self, number: int) -> None:
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def interrupt(self) -> None:
        self._send_signal(signal.SIGINT)

    def terminate(self) -> None:
        self._send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self._send_signal(signal.SIGKILL)

    def close(self) -> None:
        self.finalizer()


def _close(*fds: int) -> None:
    for fd in fds:
        os.close(fd)


def _is_readable(fd: int, timeout: float = 0) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(fd, selectors.EVENT_READ)
        return bool(selector.select(timeout))


# in the template itself


def _serve(link: socket.socket, make: Callable[[], Any], main: int) -> None:
    """Fork the processes that main requests, and report how each ends, until main hangs up."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)}
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    woken, wake = os.pipe()
    for end in (woken, wake):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    children: dict[int, int] = {}
    selector = selectors.DefaultSelector()
    selector.register(link, selectors.EVENT_READ)
    selector.register(woken, selectors.EVENT_READ)
    while True:
        ready = {key.fd for key, _ in selector.select()}
        if woken in ready:
            with suppress(BlockingIOError):
                while os.read(woken, 512):
                    pass
            _bury(children)
        if link.fileno() in ready:
            head = link.recv(REQUEST.size, socket.MSG_WAITALL)
            if len(head) < REQUEST.size:
                return
            (size,) = REQUEST.unpack(head)
            if not size:
                return
            said = pickle.loads(link.recv(size, socket.MSG_WAITALL))
            told, alive = (recv_handle(link) for _ in range(2))  # pyright: ignore[reportArgumentType]
            pid = os.fork()
            if pid == 0:
                code = 1
                try:
                    signal.set_wakeup_fd(-1)
                    for number, handler in before.items():
                        signal.signal(number, handler if handler is not None else signal.SIG_DFL)
                    for end in (woken, wake, told, *children.values()):
                        os.close(end)
                    link.close()
                    selector.close()
                    code = _be(make(), said, main, alive)
                finally:
                    os._exit(code)
            os.close(alive)
            children[pid] = told
            os.write(told, NUMBER.pack(pid))


def _bury(children: dict[int, int]) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        told = children.pop(pid, None)
        if told is not None:
            with suppress(BrokenPipeError):
                os.write(told, NUMBER.pack(os.waitstatus_to_exitcode(status)))
            os.close(told)


def _be(process: Any, said: tuple[str, tuple[int, ...], bool], main: int, alive: int) -> int:
    """Be the process that main has made; returns its exit code."""
    process._parent_pid = main
    process._name, process._identity, process._config["daemon"] = said
    return process._bootstrap(parent_sentinel=alive)
