"""`poolhouse log`: read, search and filter log files in the terminal."""

from __future__ import annotations
