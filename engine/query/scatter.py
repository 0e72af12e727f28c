"""Two columns of a run against each other, for a chart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.query.codec import travels
from engine.query.request import AboutRun, Steps, Urgency
from engine.query.run import RunSource
from engine.query.sources import Sources
from engine.results.answers import Scatter

travels(Scatter)


@travels
@dataclass(frozen=True)
class NumericColumns(AboutRun[tuple[str, ...]]):
    """The columns that have numbers, as far as the first tasks show."""

    def steps(self, sources: Sources) -> Steps[tuple[str, ...]]:
        from engine.results.scatter import numeric_columns

        yield
        return numeric_columns(sources.get(RunSource, self.folder).reader)


@travels
@dataclass(frozen=True)
class ScatterOf(AboutRun[Scatter]):
    """Two columns against each other; `window` is left, right, bottom and top, or empty for everything."""

    urgency: ClassVar[Urgency] = Urgency.SCAN
    x: str
    y: str
    window: tuple[float, ...] = ()

    def steps(self, sources: Sources) -> Steps[Scatter]:
        from engine.results.scatter import Window, scatter

        window = Window(*self.window) if self.window else None
        return (yield from scatter(sources.get(RunSource, self.folder).reader, self.x, self.y, window))
