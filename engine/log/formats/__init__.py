"""Formats of logs: definitions, how they are compiled, and how a file's own are found."""

from __future__ import annotations
