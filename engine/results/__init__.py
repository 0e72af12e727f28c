"""The results of a run: conditions, orders, groups, search, summary, comparison, export. No Qt.

    run.db ──> slices: columns of some tasks ──> choosing, arrange, groups, summary, versus ──> answers
                                                   └──> export, timeline

`ranges` finds the batch of a row in microseconds. Most modules need numpy: import them when they are used.
"""

from __future__ import annotations

from engine.results.ranges import Ranges

__all__ = ["Ranges"]
