"""The Pool section: how many processes, and how they are run."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cache

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLineEdit

from engine.cores import usable_cores
from engine.job import MOST_WORKERS, Job, Problem, Run
from engine.modes import MODES
from gui.form.fields import Choice, Disclosure, Number, Seconds, Workers
from gui.form.section import Section
from gui.kit.tips import plain_tip

METHODS = ("spawn",) if sys.platform == "win32" else ("fork", "forkserver", "spawn")
ADVANCED = (
    "start_method",
    "batch",
    "timeout",
    "retries",
    "tasks_per_worker",
    "memory_limit",
    "stop_after_failures",
    "blas_threads",
    "leftovers",
    "priority",
)
LEFTOVERS = (("end", "Ended with the run"), ("leave", "Left running"))


class PoolSection(Section):
    """Fields of `[run]`."""

    def __init__(self) -> None:
        super().__init__("Pool")
        self._given = Run()
        self.mode = Choice([(mode.name, mode.title) for mode in MODES.values()])
        self.workers = Workers(_cores())
        self.workers.setToolTip("Workers at a time; empty for all usable cores")
        for at, mode in enumerate(MODES.values()):
            self.mode.setItemData(at, plain_tip(mode.about), Qt.ItemDataRole.ToolTipRole)
        self.scheduler = QLineEdit(placeholderText="A cluster on this machine, or tcp://HOST:8786")
        self.advanced = Disclosure("&Advanced")
        self.start_method = Choice([("", "Automatic"), *((method, method) for method in METHODS)])
        self.batch = Number("Automatic", " tasks")
        self.timeout = Seconds("None")
        self.retries = Number("None")
        self.tasks_per_worker = Number("Never", " tasks")
        self.memory_limit = QLineEdit(placeholderText="None, or for example 2 GiB")
        self.stop_after_failures = Number("Never", " failures")
        self.blas_threads = Number("Shares the cores", " threads")
        self.leftovers = Choice(LEFTOVERS)
        self.responsive = QCheckBox("Keep the computer responsive")
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.add("run.mode", "Run a&s", self.mode)
        self.add("run.workers", "&Workers", self.workers)
        self.add("run.scheduler", "Scheduler", self.scheduler, name="Address of the Dask scheduler")
        self.scheduler.setToolTip(
            "Address of a Dask scheduler; empty for a cluster that is started for the run.\n"
            "With an address, leave Workers empty to use the whole cluster"
        )
        self.add_wide(self.advanced)
        self.add("run.start_method", "Start &method", self.start_method)
        self.add("run.batch", "&Batch", self.batch)
        self.add("run.timeout", "Time limit", self.timeout, name="Time limit for one task")
        self.add("run.retries", "Retries", self.retries)
        self.add(
            "run.tasks_per_worker",
            "Restart each\nworker after",
            self.tasks_per_worker,
            name="Restart each worker after",
        )
        self.add("run.memory_limit", "Memory", self.memory_limit, name="Memory limit for one worker")
        self.add(
            "run.stop_after_failures", "Stop after", self.stop_after_failures, name="Stop after failures"
        )
        self.add("run.blas_threads", "Threads", self.blas_threads, name="Threads of numeric libraries")
        self.add("run.leftovers", "Leftovers", self.leftovers, name="Processes that tasks leave behind")
        self.add("run.priority", "Priority", self.responsive, name="Keep the computer responsive")
        self.start_method.setToolTip("How worker processes start; Automatic chooses what suits this system")
        self.batch.setToolTip("Tasks handed to a worker at a time")
        self.timeout.setToolTip("A task that takes longer is ended and counts as failed")
        self.retries.setToolTip("How many times a failed task is tried again")
        self.tasks_per_worker.setToolTip("Replace each worker with a new process after this many tasks")
        self.memory_limit.setToolTip("A worker that needs more is ended, and its task counts as failed")
        self.stop_after_failures.setToolTip("Stop the run after this many failed tasks")
        self.blas_threads.setToolTip("Threads that BLAS and OpenMP may start in each worker")
        self.leftovers.setToolTip("What happens to processes that tasks started and did not end")
        self.responsive.setToolTip("Workers give way to other programs that want to run at the same time")
        self._unfold(False)

    def _connect(self) -> None:
        self.advanced.toggled.connect(self._unfold)
        self.mode.chosen.connect(self._mode_chosen)
        self.leftovers.chosen.connect(lambda: self.touch("run.leftovers"))
        self.responsive.toggled.connect(lambda: self.touch("run.priority"))
        self.scheduler.textChanged.connect(lambda: self.touch("run.scheduler"))
        self.workers.textChanged.connect(lambda: self.touch("run.workers"))
        self.start_method.chosen.connect(lambda: self.touch("run.start_method"))
        self.timeout.valueChanged.connect(lambda: self.touch("run.timeout"))
        self.memory_limit.textChanged.connect(lambda: self.touch("run.memory_limit"))
        for key in ("batch", "retries", "tasks_per_worker", "stop_after_failures", "blas_threads"):
            number: Number = getattr(self, key)
            number.valueChanged.connect(lambda _value, key=key: self.touch(f"run.{key}"))

    def _mode_chosen(self) -> None:
        self._show_use()
        self.touch("run.mode")

    def notes(self) -> dict[str, str]:
        """What an unusual mode is good for, and what it cannot do."""
        mode = MODES.get(self.mode.value())
        return {"run.mode": mode.about if mode and mode.name != Run().mode else ""}

    def _show_use(self) -> None:
        """Enable only what the mode uses."""
        ignored = MODES[self.mode.value()].ignores if self.mode.value() in MODES else frozenset[str]()
        self.workers.show_choice(offered="workers" not in ignored)
        for key, field in (("batch", self.batch), ("tasks_per_worker", self.tasks_per_worker)):
            field.setEnabled(key not in ignored)
        mode = MODES.get(self.mode.value())
        self.rows["run.scheduler"].show(mode is not None and mode.cluster)

    def _unfold(self, open_: bool) -> None:
        for key in ADVANCED:
            self.rows[f"run.{key}"].show(open_)

    def expose(self, key: str) -> None:
        if key == "run.scheduler":
            self.rows[key].show(True)
        if key.removeprefix("run.") in ADVANCED:
            self.advanced.setChecked(True)

    def run(self) -> Run:
        """What the fields hold."""
        return replace(
            self._given,  # including keys that have no field here
            mode=self.mode.value(),
            workers=max(0, self.workers.value()),
            scheduler=self.scheduler.text().strip(),
            start_method=self.start_method.value(),
            batch=self.batch.value(),
            timeout=self.timeout.value(),
            retries=self.retries.value(),
            tasks_per_worker=self.tasks_per_worker.value(),
            memory_limit=self.memory_limit.text().strip(),
            stop_after_failures=self.stop_after_failures.value(),
            blas_threads=self.blas_threads.value(),
            leftovers=self.leftovers.value(),
            priority=self._priority(),
        )

    def take(self, run: Run) -> None:
        """Take over the fields of another run, as if the user had changed them."""
        self.mode.set_value(run.mode)
        if run.workers:
            self.workers.setValue(run.workers)
        if run.start_method:
            self.start_method.set_value(run.start_method)
        if run.batch:
            self.batch.setValue(run.batch)
        if run.blas_threads:
            self.blas_threads.setValue(run.blas_threads)

    def _priority(self) -> str:
        """The priority of the box; an unchanged box keeps what was given. A window takes "" for low."""
        given = self._given.priority
        if self.responsive.isChecked() == (given != "normal"):
            return given
        return "" if self.responsive.isChecked() else "normal"

    def problems(self) -> list[Problem]:
        if self.workers.value() == 0:
            wrong = (
                f"0 workers cannot run anything: enter 1 to {MOST_WORKERS}, or leave it empty for all cores."
            )
            return [Problem("run.workers", wrong)]
        return []

    def fill(self, job: Job) -> None:
        run = self._given = job.run
        self.mode.set_value(run.mode)
        self.workers.setValue(run.workers or Workers.ALL)
        self.scheduler.setText(run.scheduler)
        self.start_method.set_value(run.start_method)
        self.batch.setValue(run.batch)
        self.timeout.setValue(run.timeout)
        self.retries.setValue(run.retries)
        self.tasks_per_worker.setValue(run.tasks_per_worker)
        self.memory_limit.setText(run.memory_limit)
        self.stop_after_failures.setValue(run.stop_after_failures)
        self.blas_threads.setValue(run.blas_threads)
        self.leftovers.set_value(run.leftovers)
        self.responsive.setChecked(run.priority != "normal")
        self._show_use()
        defaults = Run()
        self.advanced.setChecked(any(getattr(run, key) != getattr(defaults, key) for key in ADVANCED))


@cache
def _cores() -> int:
    """Read once: it takes some files, and the GUI thread builds the form."""
    return usable_cores()
