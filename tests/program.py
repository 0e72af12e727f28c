"""The Poolhouse under test: from the sources, or the frozen app in dist/."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FROZEN = ROOT / "dist/poolhouse"
PROGRAM = [sys.executable, str(ROOT / "poolhouse.py")]
"""The fixture `program` puts the frozen app here."""


def command(*words: object) -> list[str]:
    """A command line of Poolhouse with these arguments."""
    return [*PROGRAM, *map(str, words)]
