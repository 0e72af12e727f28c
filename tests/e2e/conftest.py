"""For the tests from end to end: windows as the tests of the window have them."""

from __future__ import annotations

from tests.gui.conftest import make_window, no_questions, theme, window

__all__ = ["make_window", "no_questions", "theme", "window"]
