"""The frame around all pages: the window, what opens and what closes."""

from __future__ import annotations
