"""Tracebacks in the lines of a record: where they begin, and which exception they end in."""

from __future__ import annotations

import re
from collections.abc import Sequence

GROUP = "Exception Group Traceback (most recent call last):"
TRACE_MARK = b"Traceback (most"
"""In both kinds of traceback."""
CHAINS = (
    "During handling of the above exception, another exception occurred:",
    "The above exception was the direct cause of the following exception:",
)
_CHAIN_STARTS = tuple(chain[:30] for chain in CHAINS)
_BOX = "\u2502\u256d\u2570"
"""What the lines of a box begin with."""
_NAME = re.compile(r"(?:[ |+-]*\| )?(?P<name>[A-Za-z_][\w.]*)(?::(?: |$)|$)")
_GROUP_NAME = re.compile(r"\s*\| (?P<name>[A-Za-z_][\w.]*)(?::(?: |$)|$)")
_JAVA = re.compile(
    r"(?:Exception in thread \"[^\"]*\" )?"
    r"(?P<name>(?:[\w$]+\.)*[A-Z][\w$]*(?:Exception|Error|Throwable|Failure))"
    r"(?::(?: |$)|$)"
)
_JAVA_FRAME = re.compile(r"\s+(?:at |\.\.\. \d+ )")
_DUMP = re.compile(r"Fatal Python error: |(?:Current t|T)hread 0x[0-9a-f]+ ")


def is_traceback(line: str) -> bool:
    """Whether a traceback begins with this line."""
    text = line.lstrip(" \t|+-")
    return text.startswith(("Traceback (most", "Exception Group Traceback (most")) or _is_boxed(text)


def _is_boxed(text: str) -> bool:
    """Whether this is a traceback that rich has put into a box."""
    return text.startswith("\u256d") and "Traceback (most recent call last)" in text


def trace_start(lines: Sequence[str]) -> int:
    """The first line of a traceback or a dump; the number of lines if there is none."""
    for n, line in enumerate(lines):
        if is_traceback(line) or _DUMP.match(line):
            return n
        if line.startswith(_CHAIN_STARTS):
            return max(n - 2, 0)
        if _JAVA.match(line) and n + 1 < len(lines) and _JAVA_FRAME.match(lines[n + 1]):
            return n
    return len(lines)


def exception_in(lines: Sequence[str]) -> str | None:
    """The class of the exception that was raised: the last one of a chain in Python, the first in Java."""
    starts = [n for n, line in enumerate(lines) if _may_end(line)]
    if starts:
        for start in reversed(starts):
            if name := _ending(lines, start):
                return name
        return None
    for n, line in enumerate(lines):
        found = _JAVA.match(line)
        if found and n + 1 < len(lines) and _JAVA_FRAME.match(lines[n + 1]):
            return found["name"]
    return None


def _may_end(line: str) -> bool:
    """Whether an exception is below this line: after a traceback, or in a chain if one has no frames."""
    return (is_traceback(line) and not _nested(line)) or line.startswith(_CHAIN_STARTS)


def _nested(line: str) -> bool:
    """Whether a traceback belongs to a member of a group: its lines begin with bars."""
    return "|" in line.split("Traceback", 1)[0]


def _ending(lines: Sequence[str], start: int) -> str | None:
    """The exception at the end of the traceback that begins at `start`."""
    if GROUP[:24] in lines[start]:
        for line in lines[start + 1 :]:
            if found := _GROUP_NAME.match(line):
                return found["name"]
        return None
    if _is_boxed(lines[start].lstrip()):
        return _below_box(lines[start + 1 :])
    indent = len(lines[start]) - len(lines[start].lstrip())
    for line in lines[start + 1 :]:
        if not line.strip() or line[: indent + 1].isspace() or line.startswith(("> ", "+ ", "| ")):
            continue
        found = _NAME.match(line[indent:])
        if found:
            return found["name"]
        return None
    return None


def _below_box(lines: Sequence[str]) -> str | None:
    """The exception below the box of a traceback."""
    ended = False
    for line in lines:
        text = line.strip()
        if ended and text and not text.startswith("\u256d"):  # the line of a SyntaxError has its own box
            found = _NAME.match(text)
            return found["name"] if found else None
        ended = text.startswith("\u2570") or (ended and not text)
    return None


class Traceback:
    """Goes through the lines of plain output and finds which of them continue a traceback."""

    def __init__(self) -> None:
        self.inside = False
        self.ended = False
        """Whether the line of the exception has passed."""
        self._indent = 0
        """Indentation of its first line: text further to the left is not part of it."""
        self._grouped = False

    @property
    def state(self) -> tuple[bool, bool, int, bool]:
        """The argument of `restore`."""
        return self.inside, self.ended, self._indent, self._grouped

    def restore(self, state: tuple[bool, bool, int, bool]) -> None:
        """Restore an earlier state."""
        self.inside, self.ended, self._indent, self._grouped = state

    def goes_on(self, line: str) -> bool:
        """Whether this line continues the traceback that began above; never True for its first line."""
        if not self.inside:
            self._begin(line)
            return False
        if not line.strip() or line.startswith(_CHAIN_STARTS):
            return True
        indent = _indent(line)
        if is_traceback(line) and (self.ended or indent <= self._indent):
            self._begin(line)
            return True
        barred = self._grouped and line.lstrip()[0] in "|+"
        if indent < self._indent or ((self.ended or self._grouped) and not barred):
            self.inside = False
            return False
        if indent == self._indent and not self._grouped and line.lstrip()[0] not in _BOX:
            self.ended = True
        return True

    def _begin(self, line: str) -> None:
        self.inside = is_traceback(line)
        self._grouped = GROUP in line
        self._indent = _indent(line)
        self.ended = False


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
