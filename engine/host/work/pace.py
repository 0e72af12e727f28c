"""When tasks are quick, and how much of their results is held back."""

from __future__ import annotations

FLUSH_BYTES = 8 << 20
"""Finished tasks are not held back once their results are larger than this."""
QUICK_SECONDS = 2e-6
"""Tasks quicker than this would wait longer for their clock and their guard than for their end."""
STRIDE = 256
"""This many of them share a clock and a guard. Their rest in a batch makes a row of its own."""
