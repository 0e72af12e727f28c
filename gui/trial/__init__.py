"""A job tried on its first input, and what that showed."""

from __future__ import annotations
