"""Makes run folders. Imports next to nothing: the main process of a script waits for one."""

from __future__ import annotations

import os
import time

from engine.host.record.schema import DB

LONGEST_PATH = 512
"""Bytes in the path of a file of SQLite's."""
LONGEST_NAME = f"{DB}.draft-journal"
"""The longest name of such a file."""


def new(root: str, name: str) -> str:
    """Make an empty folder below `root` for a run that is called `name`. Raises OSError."""
    words = "".join(sign if sign.isalnum() or sign in "_.-" else " " for sign in name).split()
    stem = f"{time.strftime('%Y-%m-%d_%H%M%S')}_{'_'.join(words).strip('._')[:60] or 'run'}"
    folder = os.path.join(root, stem)
    _check_length(folder)
    os.makedirs(root, exist_ok=True)
    number = 1
    while True:
        try:
            os.mkdir(folder)
        except FileExistsError:
            number += 1
            folder = os.path.join(root, f"{stem}-{number}")
        else:
            return folder


def _check_length(folder: str) -> None:
    """Raises `OSError` if SQLite could not use a path in `folder`, which would show only during the run."""
    length = len(os.fsencode(os.path.realpath(os.path.join(folder, LONGEST_NAME))))
    if length > LONGEST_PATH:
        raise OSError(f"the path {folder} is too long for a database, by {length - LONGEST_PATH} bytes")
