"""Python text as a syntax tree, and the functions in it. Nothing is imported or run.

`text` reads and parses, so that whatever is wrong with a text is a SyntaxError; `functions` lists what a file
defines. Jobs, their check and the reading of scripts all build on it.
"""

from __future__ import annotations

from engine.syntax.text import is_main_guard, parse, parse_expression, place, read_source

__all__ = ["is_main_guard", "parse", "parse_expression", "place", "read_source"]
