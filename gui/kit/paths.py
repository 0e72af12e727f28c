"""Paths as people type them."""

from __future__ import annotations

from pathlib import Path


def expanded(text: str | Path) -> Path:
    """A path with its `~` expanded; if there is no such user, `~` is an ordinary name."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)
