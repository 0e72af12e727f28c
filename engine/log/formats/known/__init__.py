"""The formats that are known by name, as data; each sample is a test of its definition."""

from __future__ import annotations

from engine.log.formats.known.libraries import LIBRARIES, structlog_with
from engine.log.formats.known.objects import JSON
from engine.log.formats.known.systems import SYSTEMS

BUILT_IN = (*JSON, *LIBRARIES, *SYSTEMS)

__all__ = ["BUILT_IN", "structlog_with"]
