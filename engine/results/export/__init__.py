"""Tasks of a run written out: `writing` to files, in the formats `text`, `trace` and `parquet`.

`picks` reads the chosen tasks, `spread` knows the columns that inputs and values are spread into.
"""

from __future__ import annotations

from engine.results.export.parquet import ExportError
from engine.results.export.writing import ENDINGS, FORMATS, Choice, write

__all__ = ["ENDINGS", "FORMATS", "Choice", "ExportError", "write"]
