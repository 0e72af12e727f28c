"""The folders in which the app keeps the user's data: runs, presets, last values."""

from __future__ import annotations

import os
from pathlib import Path

from engine import run_folders


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
    return Path(run_folders.new(str(root), name))
