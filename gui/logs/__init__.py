"""The pane of a log, live or saved."""

from __future__ import annotations
