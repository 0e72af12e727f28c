"""The loads that are compared: a task, the number of tasks, and the inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.bench import payloads, tasks

WORKERS = 2


@dataclass(frozen=True)
class Load:
    """A slow peer gets fewer tasks, unless the load is run `whole`: rates are compared."""

    name: str
    task: Callable[[Any], Any]
    count: int
    inputs: Callable[[int], Iterable[Any]] = range
    seconds: float = 0.0
    """How long a task keeps a core busy on average, if known."""
    target: float = 1.0
    """The target relative to the best peer; for a load that is run whole, to the best schedule."""
    whole: bool = False


def sized(kind: str, label: str, size: int, count: int) -> list[Load]:
    take = partial(payloads.inputs, kind=kind, size=size)
    give = partial(payloads.give, kind=kind, size=size)
    return [
        Load(f"inputs, {kind} of {label}", payloads.take, count, take),
        Load(f"results, {kind} of {label}", give, count),
    ]


SIZES = [("1 KB", 1_000, 80_000), ("100 KB", 100_000, 1_500), ("10 MB", 10_000_000, 20)]
MEAN = 100e-6 * 0.98 + 10e-3 * 0.02

# Long enough that the start of the second worker and the last commit hardly count: rates are compared.
LOADS = [
    Load("no-op", tasks.no_op, 3_000_000),
    Load("10 us", tasks.us_10, 120_000, seconds=10e-6),
    Load("100 us", tasks.us_100, 60_000, seconds=100e-6),
    Load("1 ms", tasks.ms_1, 6_000, seconds=1e-3),
    Load("10 ms", tasks.ms_10, 160, seconds=10e-3),
    *(load for size in SIZES for kind in ("bytes", "numpy") for load in sized(kind, *size)),
    Load("1 in 50 is slow", tasks.skewed, tasks.SKEWED, seconds=MEAN, target=0.95, whole=True),
    Load("the slow ones last", tasks.slow_last, tasks.SKEWED, seconds=MEAN, target=0.95, whole=True),
]
