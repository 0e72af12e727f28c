"""Shows calls as Python code."""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, cast

from engine.job.model import Parameter

PARTS = 6
"""Arguments that are shown of a long call."""

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
    """Positional-only parameters."""
    whole: bool = False
    """Whether nothing is abbreviated, so that the text can be run."""

    def written(self, item: Any) -> str:
        """The call for one input."""
        if any(source.input is not None for source in self.parameters.values()):
            return self._of(self._parts(item))
        fixed = [f"{name}={self._fixed(source)}" for name, source in self.parameters.items()]
        if self.called == "kwargs" and isinstance(item, dict):
            table = cast("dict[Any, Any]", item)
            kept = [(key, value) for key, value in table.items() if key not in self.parameters]
            return self._of([*(f"{key}={self._repr(value)}" for key, value in kept), *fixed])
        if self.called == "args" and isinstance(item, list | tuple):
            return self._of([*map(self._repr, cast("Sequence[Any]", item)), *fixed])
        return self._of([self._repr(item), *fixed])

    def without_input(self) -> str:
        """The call if there are no inputs."""
        return self._of([f"{name}={self._fixed(source)}" for name, source in self.parameters.items()])

    def _of(self, parts: list[str]) -> str:
        if self.whole:
            return f"{self.name}({', '.join(parts)})"
        more = ", …" if len(parts) > PARTS else ""
        return f"{self.name}({', '.join(parts[:PARTS])}{more})"

    def _parts(self, item: Any) -> list[str]:
        parts: list[str] = []
        for name, source in self.parameters.items():
            value = self._fixed(source) if source.input is None else self._part(item, source.input)
            parts.append(value if name in self.by_place else f"{name}={value}")
        return parts

    def _repr(self, value: Any) -> str:
        return repr(value) if self.whole else _short.repr(value)

    def _fixed(self, source: Parameter) -> str:
        return value_text(source, self._repr)

    def _part(self, item: Any, key: str | int) -> str:
        if key == "":
            return self._repr(item)
        try:
            if isinstance(key, int) and isinstance(item, dict):
                return self._repr(next(islice(cast("dict[Any, Any]", item).values(), key, None)))
            return self._repr(item[key])
        except (LookupError, TypeError, StopIteration):
            return "…"


def value_text(source: Parameter, show: Callable[[Any], str] = _short.repr) -> str:
    """A fixed value as Python code."""
    if source.form == "enum":
        return str(source.value)
    return f"Path({source.value!r})" if source.form == "path" else show(source.value)
