"""The workers of a run: what each has done and is doing."""

from __future__ import annotations
