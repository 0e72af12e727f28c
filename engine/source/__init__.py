"""Python files, read by their syntax tree alone: their functions, and multiprocessing scripts as jobs."""

from __future__ import annotations

from engine.source.fields import Note
from engine.source.functions import FunctionInfo, Param, functions, last_defined
from engine.source.kinds import Kind, kind_of, kinds_in
from engine.source.script import ScriptReading, read_script
from engine.source.unguarded import Unguarded, unguarded, warning
from engine.syntax import read_source

__all__ = [
    "FunctionInfo",
    "Kind",
    "Note",
    "Param",
    "ScriptReading",
    "Unguarded",
    "functions",
    "kind_of",
    "kinds_in",
    "last_defined",
    "read_script",
    "read_source",
    "unguarded",
    "warning",
]
