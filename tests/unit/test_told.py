"""A run in a few words."""

from __future__ import annotations

import pytest

from engine.job import Inputs
from engine.runs.told import inputs_words


@pytest.mark.parametrize(
    ("pattern", "shown"),
    [
        ("/home/me/photos/*", "photos/*"),
        ("/home/me/photos/**/*.png", "photos/**/*.png"),
        ("photos/*.png", "photos/*.png"),
        ("*.png", "*.png"),
        ("/*", "*"),
        ("/home/me/a.png", "me/a.png"),
    ],
)
def test_a_pattern_is_shown_with_its_folder(pattern: str, shown: str) -> None:
    assert inputs_words(Inputs("files", pattern=pattern)).replace("\\", "/") == shown
