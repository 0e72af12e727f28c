"""Failed tasks that the user wants to run again."""

from __future__ import annotations

from ..incoming.queue import InputQueue
from ..incoming.streamed import StreamedQueue
from ..typed import Callable
from .app import App
from .counts import Counted
from .ledger import Ledger

TEXT_ONLY = (
    "Only the text of some failed inputs is kept, so they must be read again: resume the run after its end."
)


class Again:
    """Takes the outcomes of failed tasks back, and queues these once more."""

    def __init__(
        self,
        queue: InputQueue | StreamedQueue,
        ledger: Ledger,
        counted: Counted,
        app: App,
        is_stopping: Callable[[], bool],
    ) -> None:
        self._queue = queue
        self._ledger = ledger
        self._counted = counted
        self._app = app
        self._is_stopping = is_stopping

    def retry(self, only: list[list[int]] | None = None) -> None:
        """Run the failed tasks again, or those in `only`; not if the run is about to stop."""
        tasks, reason = 0, "The run is being stopped."
        if not self._is_stopping():
            tasks, reason = self._queue_failed(
                None if only is None else [(first, stop) for first, stop in only]
            )
        self._app.tell("retried", tasks=tasks, reason=reason)

    def _queue_failed(self, only: list[tuple[int, int]] | None) -> tuple[int, str]:
        """Queue failed tasks again; returns how many, and why not all of them, if so."""
        failed = self._ledger.failed if only is None else sum(stop - first for first, stop in only)
        spans = self._ledger.forget_failed(only)
        self._queue.again(spans)
        self._counted.restart()
        tasks = sum(stop - first for first, stop in spans)
        return tasks, TEXT_ONLY if tasks < min(failed, tasks + self._ledger.failed) else ""
