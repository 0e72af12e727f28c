"""Formats of logs: definitions, how they are compiled, and how those of a file are detected."""

from __future__ import annotations
