"""What the app remembers between starts; `store` keeps it in the platform's settings."""

from __future__ import annotations

SAVED_ON_KEYS = 9
"""Saved log filters that have a shortcut: the first ones."""
