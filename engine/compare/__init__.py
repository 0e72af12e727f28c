"""Runs the same sample in turn, in threads and in processes, and gives a verdict.

    Job ──> sample: which inputs ─┐
            ways: what to try ────┴─> measure: a real run each, interleaved ──> lines ──> verdict, limits, fit
                  further ways <──────────────── after the first round ───────────┘

`comparison` makes the plan, carries it out within a budget of seconds, and reports each step.
No user code runs here: each measurement is a run with its own host, whose folder is removed.
"""

from __future__ import annotations

from engine.compare.comparison import (
    CannotCompare,
    Comparison,
    GivenUp,
    Options,
    Plan,
    announced,
    compare,
)
from engine.compare.lines import Line
from engine.compare.measure import Measured
from engine.compare.verdict import Verdict
from engine.compare.ways import Way

__all__ = [
    "CannotCompare",
    "Comparison",
    "GivenUp",
    "Line",
    "Measured",
    "Options",
    "Plan",
    "Verdict",
    "Way",
    "announced",
    "compare",
]
