"""Python code that loads results of a run as objects, wherever the user pastes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.query.codec import travels
from engine.query.export import tasks_of
from engine.query.request import AboutRun, Steps
from engine.query.run import RunSource, Span
from engine.query.sources import Sources
from engine.runs import UnreadableRun

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_NAMED = 100_000
"""Tasks that are listed individually."""


@travels
@dataclass(frozen=True)
class CodeText:
    """Python code, and how many tasks it loads; -1 means all."""

    text: str
    tasks: int


@travels
@dataclass(frozen=True)
class AsCode(AboutRun[CodeText]):
    """Code that loads all results, or those of rows as `Export` has them."""

    handle: int = 0
    rows: tuple[Span, ...] = ()
    generation: int = 0
    version: int = 0

    def steps(self, sources: Sources) -> Steps[CodeText]:
        from engine.host.record.reading_back import NAME, put_reader
        from engine.launch.program import SOURCES

        source = sources.get(RunSource, self.folder)
        tasks = tasks_of(self, sources, source)
        yield
        reader = self.folder.absolute() / NAME
        if not reader.exists():  # an earlier version, or an unfinished run
            put_reader(str(self.folder), str(SOURCES / "record" / NAME))
        if not reader.exists():
            raise UnreadableRun(f"{reader} does not exist and cannot be written.")
        named = "" if tasks is None else _named(tasks)
        text = (
            "import runpy\n\n"
            f"run = runpy.run_path({str(reader)!r})\n"
            f'results = list(run["results"]({named}))\n'
            "values = [result.value for result in results]\n"
        )
        return CodeText(text, -1 if tasks is None else len(tasks))


def _named(tasks: NDArray[np.integer[Any]]) -> str:
    """The tasks in Python: a range, or a list."""
    import numpy as np

    if len(tasks) > 1 and (np.diff(tasks.astype(np.int64)) == 1).all():
        return f"range({tasks[0]}, {int(tasks[-1]) + 1})"
    if len(tasks) > MOST_NAMED:
        raise UnreadableRun(f"{len(tasks):,} tasks are too many to name. Choose {MOST_NAMED:,} at most.")
    return repr(tasks.tolist())
