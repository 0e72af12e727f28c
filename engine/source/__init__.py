"""Python files, read by their syntax tree alone: their functions, and multiprocessing scripts as jobs."""

from __future__ import annotations

from engine.source.functions import FunctionInfo, Param, functions
from engine.source.syntax import read_source

__all__ = ["FunctionInfo", "Param", "functions", "read_source"]
