"""Runs one task of a run under the debugger, in the run's interpreter and this terminal."""

from __future__ import annotations

import base64
import json
import os
import pickle
import signal
import subprocess
import tempfile
from pathlib import Path

from engine.interpreters import without_own_libraries
from engine.job import Job
from engine.launch import plan
from engine.launch.environment import host_environment, interpreter
from engine.launch.program import debug_command


def debug_task(job: Job, folder: Path, task: int, item: tuple[object] | None) -> int:
    """Run a task of the run in `folder`; returns the exit status of the debugger.

    `item` has its input as plain data, or is None if that must be read again. Raises OSError.
    """
    kept = "" if item is None else base64.b64encode(pickle.dumps(item[0], 4)).decode()
    told = {"plan": plan.describe(job, folder, None), "task": task, "item": kept}
    python = interpreter(job.python)
    handle, path = tempfile.mkstemp(".json", "poolhouse-debug-")
    before = signal.getsignal(signal.SIGINT)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(told, file)
        with without_own_libraries():
            process = subprocess.Popen([*debug_command(python), path], env=host_environment(python))
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the debugger
        return process.wait()
    finally:
        signal.signal(signal.SIGINT, before)
        Path(path).unlink(missing_ok=True)
