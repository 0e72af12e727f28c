"""For end-to-end tests: windows as in the window's tests, and a display."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.e2e.display import Display, missing_programs
from tests.gui.conftest import make_window, no_questions, theme, window

__all__ = ["make_window", "no_questions", "theme", "window"]


@pytest.fixture
def display() -> Iterator[Display]:
    """A display for the test alone, empty."""
    if reason := missing_programs():
        pytest.fail(reason)
    with Display() as display:
        yield display


@pytest.fixture(autouse=True)
def query_processes_end() -> Iterator[None]:
    """End the query processes of a window opened in this process; else they live as long as it does.

    Those that the window's tests share stay: they would miss them, and look as if they left new ones behind.
    """
    with pytest.MonkeyPatch.context() as patch:
        if shared := sys.modules.get("gui.kit.query"):
            patch.setattr(shared, "_the_client", [])
            patch.setattr(shared, "_the_service", [])
        yield
        if used := sys.modules.get("gui.kit.query"):
            used.close()
