"""The version as shown to users."""

from __future__ import annotations

import sys
from pathlib import Path

from engine import __version__

BUILT = Path(__file__).parents[1] / "built.txt"
"""Commit and day, written when a package is built; the sources have none."""


def described() -> str:
    """The version, with the commit if it was built from one."""
    return f"{__version__} (commit {_built()[0]})" if BUILT.exists() else __version__


def built_on() -> str:
    """The day of the commit that a package was built from; empty for the sources."""
    return _built()[1] if BUILT.exists() else ""


def python_version() -> str:
    """The version of the app's own Python."""
    return sys.version.split()[0]


def _built() -> list[str]:
    return BUILT.read_text("utf-8").split()
