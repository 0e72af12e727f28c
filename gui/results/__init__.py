"""The pane of results, live or saved."""

from __future__ import annotations
