"""The connection to a query process: one thread sends, another receives."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue

from engine.query import codec
from engine.query.messages import Quit
from engine.query.pipe import Connection

END_SECONDS = 1.0
"""A process gets this long to close its files, and then the same again to end."""


class Link:
    """One process and the pipe to it. `heard(link, message)` is called in a thread, with None at the end."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        connection: Connection,
        heard: Callable[[Link, object], None],
    ) -> None:
        self.process = process
        self._connection = connection
        self._heard = heard
        self._out: SimpleQueue[object] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._send_all, daemon=True),
            threading.Thread(target=self._hear_all, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def send(self, message: object) -> None:
        """Send a message. Returns immediately."""
        self._out.put(message)

    def _send_all(self) -> None:
        with suppress(OSError):  # it has died; the other thread reports that
            while (message := self._out.get()) is not None:
                self._connection.send_bytes(codec.pack(message))

    def _hear_all(self) -> None:
        with suppress(EOFError, OSError, codec.NotAFrame):
            while True:
                self._heard(self, codec.unpack(self._connection.recv_bytes()))
        self._heard(self, None)

    def kill(self) -> None:
        """Kill the process. The last message is None."""
        self.process.kill()

    def close(self) -> None:
        """End the process, reap it, and close the pipe."""
        self._out.put(Quit())
        self._out.put(None)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(END_SECONDS)
        self.process.kill()
        with suppress(subprocess.TimeoutExpired):  # it hangs on a drive that does not answer
            self.process.wait(END_SECONDS)
            for thread in self._threads:  # its end of the pipe is closed: the threads end by themselves
                thread.join()
            self._connection.close()
