"""Rows of results as one text, for the clipboard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from engine.query.arrangements import Arrangements
from engine.query.codec import travels
from engine.query.keys import fields_of_batch, parts_of_key
from engine.query.request import AboutRun, Steps, Urgency
from engine.query.rows import MOST_PIECE, neighbours, row_of_batch, some, stretch
from engine.query.run import RunSource, Span
from engine.query.sources import Sources
from engine.results import written
from engine.runs import Batch, UnreadableRun
from engine.runs.unended import at_hand

MOST_TEXT = 32 * 2**20
"""Longest text: what clipboards and the programs that paste can handle."""
ALL = tuple(range(len(written.COLUMNS)))


@travels
@dataclass(frozen=True)
class Copied:
    """A text, and how many rows are in it."""

    text: str
    rows: int


@travels
@dataclass(frozen=True)
class Copy(AboutRun[Copied]):
    """Rows as text, with full cells. The rows are those that were at `spans` in a version."""

    urgency: ClassVar[Urgency] = Urgency.SCAN
    generation: int
    version: int
    spans: tuple[Span, ...]
    style: str = "tsv"
    """`plain`, `tsv`, `csv`, `markdown` or `python`."""
    columns: tuple[int | str, ...] = ALL
    """By index in `written.COLUMNS`; a text is the name of a part, such as `value.score`."""
    handle: int = 0
    """Of an order from `arrange.Arrange`; 0 is all finished tasks."""

    def steps(self, sources: Sources) -> Steps[Copied]:
        source = sources.get(RunSource, self.folder)
        order = sources.get(Arrangements, self.folder).get(self.handle, source) if self.handle else None
        shown = source if order is None else order
        texts = [written.head(self.style, self.columns)]
        left, version = [span for span in self.spans if span[1] > 0], self.version
        room, rows = MOST_TEXT, 0
        doing = at_hand(source.reader) if order is not None and order.has_unended else None
        while left:
            found = shown.moved(version, left) if self.generation == shown.generation else None
            if found is None:
                raise UnreadableRun("These rows were removed from the run, to be run again.")
            left, version = found, shown.version
            first, count = left[0]
            if order is None:
                batch = some(sources, source, first, count)
            else:
                tasks: list[int] = order.tasks.tasks[first : first + min(count, MOST_PIECE)].tolist()
                if not tasks:
                    raise UnreadableRun(f"There is no row {first:,}.")
                begin, stop = next(neighbours(tasks))
                batch = stretch(sources, source, begin, stop, doing)
            done = len(batch.statuses)
            left[:1] = [(first + done, count - done)] if done < count else []
            text = written.body(self.style, self.columns, batch, _parts(sources, source, self.columns, batch))
            room -= len(text)
            if room < 0 and rows:
                break
            texts.append(text)
            rows += done
            yield
        text = "".join([*texts, written.foot(self.style)])
        return Copied(text.removesuffix("\n") if self.style in ("plain", "tsv") else text, rows)


def _parts(
    sources: Sources, source: RunSource, columns: tuple[int | str, ...], batch: Batch
) -> dict[str, list[Any]]:
    """The parts of tasks by name; None for a task without that part."""
    names = [column for column in columns if isinstance(column, str)]
    if not names:
        return {}
    fields = fields_of_batch(source, batch, row_of_batch(sources, source, batch))
    return {name: parts_of_key(name, fields) for name in names}
