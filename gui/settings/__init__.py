"""What the app remembers between starts."""

from __future__ import annotations
