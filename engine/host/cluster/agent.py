"""Runs in a Dask worker: starts a station, passes messages on, and ends it if the run is gone.

Its source is sent to machines without Poolhouse, so it imports the standard library only.
"""

from __future__ import annotations

import io
import json
import marshal
import os
import pickle
import queue
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from concurrent.futures import Future
from contextlib import suppress
from multiprocessing.connection import Client, Connection, Listener
from typing import Any

LEASE_SECONDS = 15.0
"""Seconds of silence after which the run counts as gone."""
STATION = "--be-a-station"
"""The argument with which `boot.py` becomes a station."""
END = (0, 0)
"""Replaces the number and length of a question: the station should end."""


class StationLost(Exception):
    """The station has ended."""


class Agent:
    """The station of one run on this machine."""

    def __init__(self, shipment: bytes, scratch: str) -> None:
        self.folder = tempfile.mkdtemp(prefix="poolhouse-", dir=scratch if os.path.isdir(scratch) else None)
        with zipfile.ZipFile(io.BytesIO(shipment)) as archive:
            archive.extractall(self.folder)
        self._pending: dict[int, Future[list[bytes]]] = {}
        self._lock = threading.Lock()
        self._asked = 0
        self._out: queue.SimpleQueue[tuple[int, list[bytes]] | None] = queue.SimpleQueue()
        self._busy: dict[int, int] = {}
        """Batches that each worker has or waits for."""
        self._heard_at = time.monotonic()
        self._over = threading.Event()
        key = secrets.token_bytes(16)
        self._listener = Listener(authkey=key)
        self._address = self._listener.address
        boot = os.path.join(self.folder, "engine", "host", "boot.py")
        self._process = subprocess.Popen(
            [sys.executable, boot, STATION],
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        told = {"address": self._address, "key": key.hex(), "folder": self.folder}
        assert self._process.stdin is not None
        with self._process.stdin as stdin:
            stdin.write(json.dumps(told).encode())
        for life in (self._serve, self._watch_process, self._watch_lease):
            threading.Thread(target=life, daemon=True, name="Poolhouse").start()

    def ask(self, frames: list[bytes]) -> Future[list[bytes]]:
        """Ask the station; returns the frames of its answer."""
        self._heard_at = time.monotonic()
        answer: Future[list[bytes]] = Future()
        with self._lock:
            if self._over.is_set():
                raise StationLost("The station has ended.")
            self._asked += 1
            self._pending[self._asked] = answer
            self._out.put((self._asked, frames))
        return answer

    def run_batch(self, worker: int, payload: bytes, quick: bool) -> list[bytes]:
        """Let a worker run a batch, and wait for its answer. `quick` ones have the next one here."""
        with self._lock:
            waits = self._busy.get(worker, 0)
            self._busy[worker] = waits + 1
        try:
            if waits or quick:  # it would keep a thread from an idle worker's batch, or from the next one
                from distributed import secede  # pyright: ignore[reportMissingImports]

                secede()
            return self.ask(pickle.loads(payload)).result()
        finally:
            with self._lock:
                self._busy[worker] -= 1

    def _serve(self) -> None:
        with suppress(OSError, EOFError):
            with self._listener:
                conn = self._listener.accept()
            threading.Thread(target=self._send, args=(conn,), daemon=True, name="Poolhouse").start()
            while True:
                number, count = marshal.loads(conn.recv_bytes())
                frames = [conn.recv_bytes() for _ in range(count)]
                with self._lock:
                    answer = self._pending.pop(number, None)
                if answer is not None and answer.set_running_or_notify_cancel():
                    answer.set_result(frames)

    def _send(self, conn: Connection[Any, Any]) -> None:
        with suppress(OSError):
            while item := self._out.get():
                number, frames = item
                conn.send_bytes(marshal.dumps((number, len(frames))))
                for frame in frames:
                    conn.send_bytes(frame)
            conn.send_bytes(marshal.dumps(END))

    def _watch_process(self) -> None:
        code = self._process.wait()
        with self._lock:
            self._over.set()
            pending, self._pending = self._pending, {}
        self._out.put(None)
        for answer in pending.values():
            if answer.set_running_or_notify_cancel():
                answer.set_exception(StationLost(f"The station ended with status {code}."))
        shutil.rmtree(self.folder, ignore_errors=True)
        with suppress(OSError):  # if it ended before it connected, `_serve` still waits for that
            Client(self._address).close()

    def _watch_lease(self) -> None:
        while not self._over.wait(LEASE_SECONDS / 5):
            if time.monotonic() > self._heard_at + LEASE_SECONDS:
                self.end()

    def end(self) -> None:
        """End the station, with all that runs there."""
        self._out.put(None)
        try:
            self._process.wait(2.0)
        except subprocess.TimeoutExpired:
            self._process.kill()


# What the host calls in a Dask worker: each function finds the agent by the name of its module.


def install(name: str, source: str, shipment: bytes, dask_worker: Any = None) -> int:
    """Create the agent; returns the process id of the Dask worker."""
    import os
    import sys
    from types import ModuleType

    if name not in sys.modules:
        module = ModuleType(name)
        exec(compile(source, f"<{name}>", "exec"), module.__dict__)
        vars(module)["agent"] = module.Agent(shipment, getattr(dask_worker, "local_directory", ""))
        sys.modules[name] = module
    return os.getpid()


async def ask(name: str, frames: list[bytes]) -> list[bytes]:
    """The station's answer to a question."""
    import asyncio
    import sys

    return await asyncio.wrap_future(sys.modules[name].agent.ask(frames))


def run_batch(name: str, worker: int, payload: bytes, quick: bool) -> list[bytes]:
    """The outcome of a batch."""
    import sys

    return sys.modules[name].agent.run_batch(worker, payload, quick)


async def remove(name: str) -> None:
    """End the station of the run."""
    import asyncio
    import sys

    module = sys.modules.pop(name, None)
    if module is not None:
        await asyncio.get_running_loop().run_in_executor(None, module.agent.end)
