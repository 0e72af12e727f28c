"""Inputs from the lines of a file, each a text or a JSON value."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ..typed import Any
from .source import BadInput, Source
from .text import TextFile

DEEPEST = 200
"""Deeper nesting is refused, far below the limit of pickle."""
MAX_SHOWN = 500
"""Characters of a bad line that are shown."""


class Lines(Source):
    """Each line is an input, without its line break; empty lines count."""

    def __init__(self, inputs: dict[str, Any]) -> None:
        self.text = TextFile(inputs["path"], inputs["encoding"])

    def __iter__(self) -> Iterator[Any]:
        fault = self.text.fault
        with self.text.follow() as file:
            for number, line in enumerate(file, 1):
                wrong = fault(line)
                text = line[:-1] if line.endswith("\n") else line
                yield self._bad(number, text, wrong) if wrong else text

    @property
    def share(self) -> float | None:
        return self.text.share

    def _records(self) -> Iterator[Any]:
        with self.text.open() as file:
            yield from file

    def _bad(self, number: int, line: str, wrong: str) -> BadInput:
        return BadInput(f"{self.text.name}, line {number}: {wrong}.", self.text.shown(line[:MAX_SHOWN]))


class JsonLines(Lines):
    """Each line is a JSON value; blank lines are skipped."""

    def __iter__(self) -> Iterator[Any]:
        for number, line in enumerate(super().__iter__(), 1):
            if line.__class__ is BadInput:
                yield line
            elif not line.isspace() and line:
                yield self._value(number, line)

    def _value(self, number: int, line: str) -> Any:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            return self._bad(number, line, f"it is not a JSON value ({error})")
        if line.count("[") + line.count("{") > DEEPEST and _is_too_deep(value):
            return self._bad(number, line, f"it is nested more than {DEEPEST} levels deep")
        return value

    def _records(self) -> Iterator[Any]:
        return (line for line in super()._records() if not line.isspace())


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for outer in level
            if outer.__class__ in (list, dict)
            for inner in (outer.values() if outer.__class__ is dict else outer)
        ]
        if not level:
            return False
    return True
