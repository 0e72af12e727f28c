"""Sends requests to a host in a thread, so that a host that has stopped reading delays nobody."""

from __future__ import annotations

import errno
import json
import threading
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

from engine.host.system import Connection

FLUSH_SECONDS = 2.0
"""Seconds after which a host that takes no requests counts as stuck."""


class Orders:
    """The sending end of the link to a host. Any thread may use it; none has to wait."""

    def __init__(self, link: Connection) -> None:
        self._link = link
        self._waiting: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        """Guards the start of the thread."""

    def send(self, message: dict[str, Any]) -> None:
        """Send a message after earlier ones. If the host is gone, nothing happens.

        Raises `OSError` if the system has no thread left for it.
        """
        self._waiting.put(message)
        with self._lock:
            if self._thread is None:
                thread = threading.Thread(target=self._work, name="orders", daemon=True)
                try:
                    thread.start()
                except RuntimeError as error:
                    raise OSError(errno.EAGAIN, str(error)) from error
                self._thread = thread

    def close(self) -> None:
        """Close the link once everything is sent. A host that has stopped reading is not waited for."""
        if self._thread is None:
            self._link.close()
            return
        self._waiting.put(None)
        self._thread.join(FLUSH_SECONDS)

    def _work(self) -> None:
        with suppress(OSError):  # the host is gone; the receiving side reports that
            while (message := self._waiting.get()) is not None:
                self._link.send_bytes(json.dumps(message).encode())
            self._link.close()
