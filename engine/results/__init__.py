"""The results of a run as rows: where they are, found in microseconds."""

from __future__ import annotations

from engine.results.ranges import Ranges

__all__ = ["Ranges"]
