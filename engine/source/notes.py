"""What is reported about a script: notes on fields, and why it cannot be read as a job."""

from __future__ import annotations

import ast
from typing import NamedTuple

LONGEST = 70
"""Characters of the script's own text that are shown."""


class Note(NamedTuple):
    """Something that the script sets and its job does not: the job's key, and what to do."""

    key: str
    message: str
    line: int


class NotCertain(Exception):
    """What the script would do is not certain without running it. The message is a full sentence."""

    def __init__(self, message: str, node: ast.AST) -> None:
        super().__init__(message)
        self.message = message
        self.line: int = getattr(node, "lineno", 1)


def seen(node: ast.AST) -> str:
    """The code at `node`, on one line; for a block, its beginning."""
    if isinstance(node, ast.expr):
        text = ast.unparse(node)
    else:
        text = ast.unparse(node).strip().split("\n", maxsplit=1)[0].rstrip(":")
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."
