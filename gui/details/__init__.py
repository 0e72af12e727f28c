"""One task whole: a page of text with its error first, and what can be done with it."""

from __future__ import annotations
