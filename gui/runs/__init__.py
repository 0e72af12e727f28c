"""The list of all runs at the edge of the window."""

from __future__ import annotations
