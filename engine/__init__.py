"""The engine: jobs, the host process and its workers, run folders and logs. No Qt anywhere in it."""

from __future__ import annotations

__version__ = "0.1.0"
