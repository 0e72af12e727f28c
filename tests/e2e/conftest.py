"""For the tests from end to end: windows as the tests of the window have them, and a display."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.e2e.display import Display, missing_programs
from tests.gui.conftest import make_window, no_questions, theme, window

__all__ = ["make_window", "no_questions", "theme", "window"]


@pytest.fixture
def display() -> Iterator[Display]:
    """A display of the test's own, with nothing on it."""
    if reason := missing_programs():
        pytest.fail(reason)
    with Display() as display:
        yield display


@pytest.fixture(autouse=True)
def query_processes_end() -> Iterator[None]:
    """Those of a window that was opened in this process; they live as long as the program otherwise."""
    yield
    if "gui.kit.query" in sys.modules:
        sys.modules["gui.kit.query"].close()
