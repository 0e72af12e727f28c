"""Paths as people type them."""

from __future__ import annotations

from pathlib import Path


def expanded(text: str | Path) -> Path:
    """A path with its `~` filled in; if there is no such user, `~` is a name like any other."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)
