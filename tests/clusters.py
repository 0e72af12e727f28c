"""A Dask cluster on the loopback interface, for tests: a scheduler and workers, each a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 90.0
"""Seconds that any part of it may take to come up on a busy machine."""


def wait_until(holds: Callable[[], object], what: str) -> None:
    """Return once the condition holds."""
    due = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < due, f"never happened: {what}"
        time.sleep(0.02)


class Cluster:
    """`address` is the scheduler's, and stays the same if it is restarted."""

    def __init__(self, folder: Path, workers: int, path: Path | None = None) -> None:
        """Workers can import modules from the folder `path`."""
        self._folder = folder
        self._environment = {**os.environ, "PYTHONPATH": str(path)} if path else None
        self._made = 0
        self.scheduler: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []
        self.address = ""
        self.start_scheduler()
        self.add(workers)

    def start_scheduler(self) -> None:
        """Start the scheduler, at the port that it had before."""
        file = self._folder / "scheduler.json"
        file.unlink(missing_ok=True)
        port = self.address.rpartition(":")[2] or "0"
        options = ("--host", "127.0.0.1", "--port", port, "--no-dashboard", "--scheduler-file", str(file))
        self.scheduler = self._start("scheduler", *options)
        wait_until(lambda: file.exists() and file.read_text().endswith("}"), "a scheduler")
        self.address = json.loads(file.read_text())["address"]

    def add(self, workers: int = 1) -> None:
        """Start workers, and return once they are there."""
        logs: list[Path] = []
        for _ in range(workers):
            folder = self._folder / f"worker-{self._made}"
            options = ("--no-nanny", "--nthreads", "1", "--no-dashboard", "--local-directory", str(folder))
            self.workers.append(self._start("worker", self.address, *options))
            logs.append(self._log())
        for log in logs:
            wait_until(lambda log=log: "Registered to" in log.read_text(), f"a worker: {log.read_text()}")

    def kill_worker(self) -> None:
        """Kill the worker that was started first."""
        worker = self.workers.pop(0)
        worker.kill()
        worker.wait()

    def kill_scheduler(self) -> None:
        """Kill the scheduler; its workers end too."""
        assert self.scheduler is not None
        self.scheduler.kill()
        self.scheduler.wait()
        self.scheduler = None

    def mend(self, workers: int) -> None:
        """Start what is missing."""
        if self.scheduler is None:
            self.start_scheduler()
        self.add(workers - len(self.workers))

    def keep_only(self, kept: set[subprocess.Popen[bytes] | None]) -> None:
        """End all workers but these."""
        for worker in [worker for worker in self.workers if worker not in kept]:
            self.workers.remove(worker)
            worker.kill()
            worker.wait()
        if self.scheduler not in kept:
            self.close()

    def end_workers(self) -> None:
        """End all workers."""
        for worker in self.workers:
            worker.kill()
        for worker in self.workers:
            worker.wait()
        self.workers.clear()

    def close(self) -> None:
        """End the whole cluster."""
        self.end_workers()
        if self.scheduler is not None:
            self.kill_scheduler()

    def _log(self) -> Path:
        return self._folder / f"{self._made}.log"

    def _start(self, what: str, *options: str) -> subprocess.Popen[bytes]:
        self._made += 1
        with self._log().open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{what}", *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                env=self._environment,
            )
