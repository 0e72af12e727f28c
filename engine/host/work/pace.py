"""Which tasks are quick, and how long results are held back."""

from __future__ import annotations

FLUSH_BYTES = 8 << 20
"""Finished tasks are sent once their results are larger than this."""
QUICK_SECONDS = 2e-6
"""For tasks quicker than this, clock and guard would take longer than the task."""
STRIDE = 256
"""This many of them share a clock and a guard. The remainder of a batch makes a row of its own."""
