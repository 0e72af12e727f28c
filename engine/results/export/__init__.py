"""Exports tasks of a run: `writing` to files, in the formats `text`, `trace` and `parquet`.

`picks` reads the selected tasks, `spread` knows the columns for parts of inputs and values.
"""

from __future__ import annotations

from engine.results.export.parquet import ExportError
from engine.results.export.writing import ENDINGS, FORMATS, Choice, write

__all__ = ["ENDINGS", "FORMATS", "Choice", "ExportError", "write"]
