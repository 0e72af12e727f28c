"""The folders in which the app keeps the user's data: runs, presets, last values."""

from __future__ import annotations

import os
import re
import time
from itertools import count
from pathlib import Path

from engine.host.record.schema import DB

LONGEST_PATH = 512
"""Bytes in the path of a file of SQLite's."""
LONGEST_NAME = f"{DB}.draft-journal"
"""The longest name of such a file."""


class NoHome(OSError):
    """The user has no home folder, so there is no place for data."""

    def __init__(self) -> None:
        super().__init__("no home folder is known (HOME is not set)")


def data_folder() -> Path:
    """The platform's folder for what the app keeps. Raises `NoHome`."""
    from platformdirs import user_data_path  # not for who names another folder

    try:
        return user_data_path("poolhouse", False)
    except RuntimeError:
        raise NoHome from None


def runs_root(override: str | Path | None = None) -> Path:
    """The folder of all runs: `override`, else POOLHOUSE_RUNS, else in the platform's application data.

    Raises `OSError` if there is none, as without a home folder.
    """
    chosen = override or os.environ.get("POOLHOUSE_RUNS")
    return expanded(chosen) if chosen else data_folder() / "runs"


def expanded(path: str | Path) -> Path:
    """An absolute path, with a leading `~` replaced by the home folder. Raises `NoHome`."""
    try:
        return Path(path).expanduser().absolute()
    except RuntimeError:
        raise NoHome from None


def new_run_folder(root: Path, name: str) -> Path:
    """Make an empty folder below `root` for a run that is called `name`. Raises OSError."""
    name = re.sub(r"[^\w.-]+", "_", name).strip("._")[:60] or "run"
    stem = f"{time.strftime('%Y-%m-%d_%H%M%S')}_{name}"
    folder = root / stem
    _check_length(folder)
    root.mkdir(parents=True, exist_ok=True)
    for number in count(2):
        try:
            folder.mkdir()
        except FileExistsError:
            folder = root / f"{stem}-{number}"
        else:
            break
    return folder


def _check_length(folder: Path) -> None:
    """Raises `OSError` if SQLite could not use a path in `folder`, which would show only during the run."""
    length = len(os.fsencode(os.path.realpath(folder / LONGEST_NAME)))
    if length > LONGEST_PATH:
        raise OSError(f"the path {folder} is too long for a database, by {length - LONGEST_PATH} bytes")
