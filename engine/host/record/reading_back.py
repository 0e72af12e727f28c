"""Puts the reader of results into each run folder: a standalone file that needs nothing of ours."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress

NAME = "read_results.py"
_SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), NAME)


def put_reader(run_folder: str, source: str = _SOURCE) -> None:
    """Put it into a run folder, after everything else. A run is complete without it too."""
    with suppress(OSError):
        shutil.copyfile(source, os.path.join(run_folder, NAME))
