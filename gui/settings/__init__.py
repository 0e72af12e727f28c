"""What the app remembers between starts: `store` puts it into the platform's settings and gives it back."""

from __future__ import annotations

SAVED_ON_KEYS = 9
"""Saved filters of logs that have keys: the first ones."""
