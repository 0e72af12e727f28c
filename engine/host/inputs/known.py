"""The inputs that a job file contains, as a sequence."""

from __future__ import annotations

from collections.abc import Sequence

from ..typed import Any
from .grid import Grid


def sequence(inputs: dict[str, Any]) -> Sequence[Any]:
    """The inputs that a job's [inputs] describe. A range stays one: a slice of it pickles in a few bytes."""
    kind = inputs["kind"]
    if kind == "none":
        return ((),)
    if kind == "range":
        return range(inputs["start"], inputs["stop"], inputs["step"])
    if kind == "list":
        return inputs["values"]
    if kind == "grid":
        return Grid.of(inputs["grid"], inputs["combine"], inputs["call"])
    raise ValueError(f"inputs.kind {kind!r} is not known")
