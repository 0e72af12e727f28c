"""Ends the remaining processes if both host and guardian were killed."""

from __future__ import annotations

import os
from pathlib import Path

import psutil

from engine.environment import MARK


def end_family(folder: Path) -> None:
    """Kill what is left of the run in `folder`: processes that carry its mark, and their descendants."""
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get(MARK) == str(folder):
                process.kill()
        except psutil.Error:  # it has ended, or belongs to somebody else
            continue
