"""Inputs before they are run: their first rows, how many there are, the calls they make, cells pasted."""

from __future__ import annotations

from engine.host.inputs import Unreadable
from engine.inputs.cells import Pasted, from_cells
from engine.inputs.preview import PEEKED, SINGLE, Preview, preview
from engine.inputs.written import Call

__all__ = [
    "PEEKED",
    "SINGLE",
    "Call",
    "Pasted",
    "Preview",
    "Unreadable",
    "from_cells",
    "preview",
]
