"""The state of one live run, as its messages report it. No Qt, and nothing that waits."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from engine.modes import MODES
from engine.progress import Estimator, Stopwatch

if TYPE_CHECKING:
    from engine.launch import Ended, Progress, Started

SCRIPT = "script"
"""The mode of a run of a script as it is."""
Way = Literal["new", "resume", "attach"]
"""How a run came here: started, resumed, or attached while running."""


@dataclass
class RunState:
    """One run, from its first message to its last. `now` is always from a monotonic clock."""

    way: Way
    name: str
    mode: str
    folder: Path | None = None
    """None until the run folder exists; if a new run was refused, the folder is gone again."""
    started: Started | None = None
    progress: Progress | None = None
    ended: Ended | None = None
    size: int = 0
    """The number of workers that the pool should have; 0 until that is known."""
    stopping: bool = False
    """Whether it was asked to stop; then it stays `stopping` until its end."""
    paused: bool = False
    told_to_pause: bool = False
    """Whether this window has paused or resumed it: from then on the window decides."""
    left: bool = False
    """Whether this app detached from it, and it continues."""
    watch: Stopwatch = field(default_factory=Stopwatch)
    """Running time, without pauses."""
    estimator: Estimator = field(default_factory=lambda: Estimator(None))

    @property
    def phase(self) -> str:
        """`starting`, `running`, `paused`, `stopping`, or how it ended."""
        if self.ended is not None:
            return self.ended.state
        if self.started is None:
            return "starting"
        return "stopping" if self.stopping else "paused" if self.paused else "running"

    @property
    def begun(self) -> bool:
        """Whether its function is loaded and it is running."""
        return self.started is not None and self.ended is None

    @property
    def attaching(self) -> bool:
        """Whether it is being attached and has not answered yet."""
        return self.way == "attach" and self.started is None

    @property
    def resizable(self) -> bool:
        """Whether its number of workers can be changed now."""
        mode = MODES.get(self.mode)  # a script as it is has no number
        return self.begun and not self.stopping and (mode is None or mode.resizable)

    @property
    def total(self) -> int | None:
        """The number of all tasks; None until it is known."""
        for message in (self.ended, self.progress, self.started):
            if message is not None and message.total is not None:
                return message.total
        return None

    @property
    def workers(self) -> int:
        """The number of workers to show: as asked for; of a script that chooses it, those that it has."""
        return self.size or (self.progress.workers if self.mode == SCRIPT and self.progress else 0)

    @property
    def share(self) -> float | None:
        """The finished share, by the bytes read of its file; None if the total is known."""
        return self.progress.share if self.progress and self.total is None else None

    @property
    def ok(self) -> int:
        """Tasks with a result."""
        return self.ended.ok if self.ended else self.progress.ok if self.progress else 0

    @property
    def failed(self) -> int:
        """Tasks that ended without a result."""
        return self.ended.failed if self.ended else self.progress.failed if self.progress else 0

    def take_started(self, started: Started, now: float) -> None:
        """The function is loaded, and the first tasks run."""
        self.started, self.size = started, started.workers
        self.estimator = Estimator(started.total)
        self._turn(now)

    def take_progress(self, progress: Progress, now: float) -> None:
        """More tasks have ended, or the host confirms a request."""
        if self.progress is None and self.way == "attach" and not self.told_to_pause:
            self.paused = progress.state == "paused"
        self.stopping = self.stopping or progress.state == "stopping"
        self.progress = progress
        self.estimator.total = self.total
        if self.share:
            self.estimator.total = round(progress.done / self.share)
        self.estimator.update(progress.done, now, progress.workers or 1, running=progress.state != "paused")
        self._turn(now)

    def take_pause(self, paused: bool, now: float) -> None:
        """The user pauses or resumes it."""
        self.paused, self.told_to_pause = paused, True
        self._turn(now)

    def take_end(self, ended: Ended, now: float) -> None:
        """It is over."""
        self.ended = ended
        self._turn(now)

    def time_left(self) -> float | None:
        """Seconds until its end; None if that cannot be estimated."""
        if self.phase != "running" or self.progress is None or not self.progress.done:
            return None
        return self.estimator.time_left()

    def _turn(self, now: float) -> None:
        self.watch.turn(now, running=self.begun and not self.paused)
