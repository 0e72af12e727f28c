"""For the tests of the window: no thread of a view outlives its test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gui.views import thread


@pytest.fixture(autouse=True)
def threads_end() -> Iterator[None]:
    """A view that was closed lets its thread end by itself; one that was not fails its test."""
    yield
    stuck = [t for t in list(thread._alive) if not t.wait(5000)]
    for t in stuck:
        t.end()
        t.wait(5000)
    assert not stuck, "a view was not closed"
