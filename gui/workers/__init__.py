"""The workers of a run: what each did and does."""

from __future__ import annotations
