"""Several texts in one field: `a AND b`, `a OR b`, and `a AND b OR c` for a and one of b and c."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from engine.query.log import LogPattern

Make = Callable[[str], LogPattern]
"""Makes a pattern from a text, with the user's options."""
Patterns = tuple[LogPattern, ...]


def included(text: str, made: Make) -> tuple[Patterns, Patterns]:
    """The patterns that must all match, and those of which one must match; OR binds closer than AND.

    Raises ValueError if there are two groups with OR.
    """
    every: list[LogPattern] = []
    either: Patterns = ()
    for term in _split(text, "AND"):
        choices = tuple(made(choice) for choice in _split(term, "OR"))
        if len(choices) < 2:
            every += choices
        elif either:
            raise ValueError("Only one group can have OR.")
        else:
            either = choices
    return tuple(every), either


def excluded(text: str, made: Make) -> Patterns:
    """The patterns of which none may match."""
    return tuple(made(term) for part in _split(text, "AND") for term in _split(part, "OR"))


def of_included(every: Iterable[LogPattern], either: Iterable[LogPattern]) -> str:
    """The text of patterns that must match."""
    group = " OR ".join(pattern.text for pattern in either)
    return " AND ".join([*(pattern.text for pattern in every), *([group] if group else [])])


def of_excluded(none: Iterable[LogPattern]) -> str:
    """The text of patterns that must not match."""
    return " OR ".join(pattern.text for pattern in none)


def _split(text: str, word: str) -> list[str]:
    """The parts between a keyword; a text without it as it is, blanks included."""
    return [part for part in re.split(rf"\s+{word}\s+", text) if part]
