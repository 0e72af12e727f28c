"""The version as people are told it."""

from __future__ import annotations

from pathlib import Path

from engine import __version__

COMMIT = Path(__file__).parents[1] / "commit.txt"
"""Left by the build of a package; the sources have none."""


def described() -> str:
    """The version, with the commit where it was built from one."""
    return f"{__version__} (commit {COMMIT.read_text('utf-8')})" if COMMIT.exists() else __version__
