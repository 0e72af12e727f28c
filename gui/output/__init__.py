"""What the workers of a run printed."""

from __future__ import annotations
