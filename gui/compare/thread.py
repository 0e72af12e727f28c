"""The thread that measures ways to run a job."""

from __future__ import annotations

from PySide6.QtCore import QObject, QThread, Signal

from engine.check import check
from engine.compare import CannotCompare, GivenUp, Options, compare
from engine.job import Job, Problem

OPTIONS = Options()


class CompareThread(QThread):
    """Checks and measures one job; `finished` comes last."""

    told = Signal(object)
    """engine.compare.Comparison: the progress; the last one has a verdict."""
    refused = Signal(object)
    """engine.job.Problem: why there is nothing to compare."""
    failed = Signal(object)
    """An internal error of Poolhouse."""

    def __init__(self, job: Job, parent: QObject) -> None:
        super().__init__(parent)
        self._job = job
        self._cancelled = False

    def cancel(self) -> None:
        """End soon. Returns immediately."""
        self._cancelled = True

    def run(self) -> None:
        try:
            if found := check(self._job):
                self.refused.emit(found[0])
                return
            compare(self._job, OPTIONS, tell=self.told.emit, given_up=lambda: self._cancelled)
        except GivenUp:
            return
        except CannotCompare as error:
            self.refused.emit(Problem(error.key, error.reason))
        except OSError as error:
            self.refused.emit(Problem("", f"There is no folder for the measurements: {error}."))
        except Exception as error:  # noqa: BLE001 - told in the window
            self.failed.emit(error)
