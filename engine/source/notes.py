"""What is reported about a script: notes on fields, and why it cannot be read as a job."""

from __future__ import annotations

import ast
from typing import NamedTuple

LONGEST = 70
"""More of the script's own text is not shown."""


class Note(NamedTuple):
    """What a script sets and its job does not: the job's key that it concerns, and what to do."""

    key: str
    message: str
    line: int


class NotCertain(Exception):
    """What the script would do is not certain without running it. The message is a sentence."""

    def __init__(self, message: str, node: ast.AST) -> None:
        super().__init__(message)
        self.message = message
        self.line: int = getattr(node, "lineno", 1)


def seen(node: ast.AST) -> str:
    """What the script says at `node`, in one line; of a block, how it begins."""
    if isinstance(node, ast.expr):
        text = ast.unparse(node)
    else:
        text = ast.unparse(node).strip().split("\n", maxsplit=1)[0].rstrip(":")
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."
