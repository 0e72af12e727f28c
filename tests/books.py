"""Notebooks for tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def content(*cells: str, **metadata: Any) -> dict[str, Any]:
    """A notebook of format 4 with these code cells, after a text cell."""
    text = {"cell_type": "markdown", "metadata": {}, "source": ["# A title\n", "import nothing"]}
    code = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "source": cell.splitlines(True)}
        for cell in cells
    ]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": [text, *code]}


def write(path: Path, *cells: str, **metadata: Any) -> Path:
    """Write such a notebook."""
    path.write_text(json.dumps(content(*cells, **metadata)), "utf-8")
    return path
