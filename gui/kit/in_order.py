"""Work off the GUI thread, one piece after the other; none is skipped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from gui.kit.work import own_pool


class InOrder(QObject):
    """Runs pieces of work in a separate thread, in the order in which they were submitted."""

    _done = Signal(object)
    """A function to call in the thread of this object."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._pool = own_pool(self)
        self._done.connect(_call)

    def do(
        self,
        work: Callable[[], Any],
        then: Callable[[Any], object] | None = None,
        otherwise: Callable[[Exception], object] | None = None,
    ) -> None:
        """Run `work`, which must not touch a widget; pass its result to `then`, or its error to `otherwise`.

        Both are called in the thread of this object. Without `otherwise` an error is raised there.
        """

        def run() -> None:
            try:
                answer = work()
            except Exception as error:  # noqa: BLE001 - handed to whoever asked
                self._tell(lambda error=error: _fail(error, otherwise))
            else:
                self._tell(lambda: then and then(answer))

        self._pool.start(run)

    def _tell(self, call: Callable[[], object]) -> None:
        if isValid(self):
            self._done.emit(call)

    def finish(self, milliseconds: int) -> bool:
        """Wait for all work, up to this time; returns whether it is done. Called once, when the app ends."""
        return self._pool.waitForDone(milliseconds)


def _call(call: Callable[[], object]) -> None:
    call()


def _fail(error: Exception, otherwise: Callable[[Exception], object] | None) -> None:
    if otherwise is None:
        raise error  # a fault of the app itself, reported like any other
    otherwise(error)
