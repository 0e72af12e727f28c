"""The list of all runs at the window's edge."""

from __future__ import annotations
