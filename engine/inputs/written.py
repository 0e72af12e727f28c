"""Calls as Python would write them."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, cast

from engine.job.model import Parameter

PARTS = 6
"""Arguments that are shown of a call that has many."""

_short = reprlib.Repr()
_short.maxlist = _short.maxtuple = _short.maxset = 6
_short.maxstring = _short.maxlong = _short.maxother = 40


@dataclass(frozen=True)
class Call:
    """How inputs become calls: the function's name, `one`, `args` or `kwargs`, and its parameters."""

    name: str
    called: str = "one"
    parameters: Mapping[str, Parameter] = field(default_factory=dict[str, Parameter])
    by_place: frozenset[str] = frozenset()
    """Parameters that are passed by their place only."""

    def written(self, item: Any) -> str:
        """The call that is made of one input."""
        if any(source.input is not None for source in self.parameters.values()):
            return self._of(self._parts(item))
        fixed = [f"{name}={value_text(source)}" for name, source in self.parameters.items()]
        if self.called == "kwargs" and isinstance(item, dict):
            table = cast("dict[Any, Any]", item)
            kept = [(key, value) for key, value in table.items() if key not in self.parameters]
            return self._of([*(f"{key}={_short.repr(value)}" for key, value in kept), *fixed])
        if self.called == "args" and isinstance(item, list | tuple):
            return self._of([*map(_short.repr, cast("Sequence[Any]", item)), *fixed])
        return self._of([_short.repr(item), *fixed])

    def _of(self, parts: list[str]) -> str:
        more = ", …" if len(parts) > PARTS else ""
        return f"{self.name}({', '.join(parts[:PARTS])}{more})"

    def _parts(self, item: Any) -> list[str]:
        parts: list[str] = []
        for name, source in self.parameters.items():
            value = value_text(source) if source.input is None else _part(item, source.input)
            parts.append(value if name in self.by_place else f"{name}={value}")
        return parts


def value_text(source: Parameter) -> str:
    """A fixed value as Python would write it."""
    if source.form == "enum":
        return str(source.value)
    return f"Path({source.value!r})" if source.form == "path" else _short.repr(source.value)


def _part(item: Any, key: str | int) -> str:
    if key == "":
        return _short.repr(item)
    try:
        if isinstance(key, int) and isinstance(item, dict):
            return _short.repr(next(islice(cast("dict[Any, Any]", item).values(), key, None)))
        return _short.repr(item[key])
    except (LookupError, TypeError, StopIteration):
        return "…"
