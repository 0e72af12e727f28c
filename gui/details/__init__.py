"""One task in full: a page of text, its error first, and what can be done with the task."""

from __future__ import annotations
