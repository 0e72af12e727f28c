"""The results of a run, live or saved."""

from __future__ import annotations
