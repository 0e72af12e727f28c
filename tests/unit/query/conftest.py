"""Clients of query processes, and run folders made by hand, for tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.query import Client


@pytest.fixture
def client() -> Iterator[Client]:
    client = Client()
    yield client
    client.close()
