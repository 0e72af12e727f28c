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
    """End the query processes of a window opened in this process; else they live as long as it does."""
    yield
    if "gui.kit.query" in sys.modules:
        sys.modules["gui.kit.query"].close()
