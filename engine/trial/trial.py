"""A trial: the job's function on its first input, in a worker as in the run."""

from __future__ import annotations

import pickle
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from engine.job import Job
from engine.launch import Ended, HostHandle, LaunchError, LinkLost, Message, Started
from engine.launch.environment import interpreter
from engine.launch.plan import blas_threads
from engine.launch.program import OWN_HOST
from engine.runs import LOG, RunReader, Stored, create, open_run, output_files
from engine.runs.shown import shown
from engine.trial.advice import advise
from engine.trial.estimate import Estimate, count, estimate
from engine.trial.packages import install_line, missing_module

REFUSED = "refused"
"""Status of a trial whose function or inputs could not be loaded."""
CANCELLED = "cancelled"
EMPTY = "empty"
"""Status of a trial of a job without inputs."""
MOST_LOOKED_AT = 1000
"""Entries of a folder that are searched for the user's own modules."""
MOST_TEXT = 64 << 10
"""Bytes of log and output that are kept, from the end."""


@dataclass(frozen=True)
class Trial:
    """The outcome of a trial."""

    status: str
    """`ok` or the task's kind of failure, as in a run; else REFUSED, CANCELLED or EMPTY."""
    input: str = ""
    """The input as display text."""
    text: str = ""
    """The result as display text, or why there is none."""
    advice: str = ""
    """What to do about it."""
    install: str = ""
    """The command that installs a missing package."""
    key: str = ""
    """The faulty field of the job."""
    traceback: str = ""
    log: str = ""
    output: str = ""
    seconds: float | None = None
    """Seconds that the task took."""
    start: float = 0.0
    """Seconds from the start of the host until the function was loaded in its worker."""
    memory: int | None = None
    """The most bytes that the worker held."""
    size: int | None = None
    """Bytes of the result."""
    estimate: Estimate | None = None


class _Clock:
    """When the host was ready, and when the function was."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self.host = 0.0
        self.load = 0.0

    def host_is_there(self) -> None:
        self.host = time.monotonic() - self._began

    def loaded(self) -> None:
        self.load = time.monotonic() - self._began - self.host


def trial(
    job: Job, on_start: Callable[[HostHandle], None] = lambda _: None, given_up: Callable[[], object] = bool
) -> Trial:
    """Try `job` on its first input; what the run would write elsewhere goes to a folder that is removed.

    `on_start` gets the host, whose `kill` ends the trial; before that, `given_up` does.
    """
    run = replace(
        job.run,
        workers=1,
        batch=1,
        retries=0,
        tasks_per_worker=0,
        stop_after_failures=0,
        blas_threads=blas_threads(job),
    )
    alone = job.with_(run=run, log=replace(job.log, file="", result=False))
    clock = _Clock()
    with tempfile.TemporaryDirectory(prefix="poolhouse-try-", ignore_cleanup_errors=True) as place:
        folder = create(alone, Path(place))
        try:
            host = HostHandle.start(alone, folder, limit=1, priority="low", given_up=given_up)
        except LaunchError as error:
            status = CANCELLED if given_up() else REFUSED
            return Trial(status, text=error.reason, key=error.key, traceback=error.details)
        with host:
            clock.host_is_there()
            on_start(host)
            ended = _follow(host, clock)
        found = _outcome(job, ended, folder, clock)
    return _advised(job, found)


def _follow(host: HostHandle, clock: _Clock) -> Ended:
    message: Message | None = None
    while not isinstance(message, Ended):
        message = host.receive()
        if isinstance(message, Started):
            clock.loaded()
        elif isinstance(message, LinkLost):
            return Ended("interrupted", message.reason, ran=True)
    return message


def _outcome(job: Job, ended: Ended, folder: Path, clock: _Clock) -> Trial:
    if not folder.is_dir():  # a run in which nothing ran removes its folder
        return Trial(REFUSED, text=ended.reason, key=ended.key, traceback=ended.details)
    kept = Trial(
        status=REFUSED if ended.state in ("failed", "interrupted") else CANCELLED,
        text=ended.reason,
        key=ended.key,
        traceback=ended.details,
        log=_tail(folder / LOG),
        output=_printed(folder),
        start=clock.host + clock.load,
    )
    with open_run(folder) as run:
        row = next(run.rows(), None)
        if row is None:
            return replace(kept, status=EMPTY) if ended.state == "finished" else kept
        return _task(job, kept, run, row, clock)


def _task(job: Job, kept: Trial, run: RunReader, row: Stored, clock: _Clock) -> Trial:
    task = run.shown(row, 0, 1)
    (value,), (_, (seconds,)) = run.values_of(row, 0, 1), run.times_of(row, 0, 1)
    memory, failures = run.facts().memory, run.failures(0)
    size = None if failures else run.pickle_size(row, 0) or len(pickle.dumps(value, 5))
    return replace(
        kept,
        status=task.statuses[0],
        input=task.inputs[0],
        text=failures[-1].message if failures else shown(value),
        traceback=failures[-1].traceback if failures else "",
        key="",
        seconds=seconds,
        memory=memory,
        size=size,
        estimate=estimate(job, count(job), seconds, clock.host, clock.load, memory, size),
    )


def _printed(folder: Path) -> str:
    """The end of what the host and the worker printed."""
    return "".join(map(_tail, output_files(folder)))


def _tail(path: Path) -> str:
    """The end of a text file."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - MOST_TEXT))
        text = file.read().decode("utf-8", "replace")
    return text if size <= MOST_TEXT else f"… (the last {MOST_TEXT:,} of {size:,} bytes)\n{text}"


def _advised(job: Job, found: Trial) -> Trial:
    """The trial, with advice if it failed."""
    if found.status in ("ok", CANCELLED):
        return found
    install, module = install_command(job, found.text), missing_module(found.text)
    return replace(found, advice=advise(found.status, module, sealed=not install), install=install)


def install_command(job: Job, message: str) -> str:
    """The command that installs the package that `message` says is missing in the job's interpreter.

    Empty if none is missing, if the module is the user's own, and if the interpreter is the packaged app's,
    in which nothing can be installed.
    """
    module = missing_module(message)
    python = interpreter(job.python)
    if not module or module in sys.stdlib_module_names or python == OWN_HOST or _is_own(module, job):
        return ""
    return install_line(python, module)


def _is_own(module: str, job: Job) -> bool:
    """Whether a module is near the job or its function, so that no package index has it."""
    folders = {job.folder, job.resolve(job.function.file).parent}
    head = module.partition(".")[0]
    near = [folder for place in folders for folder in (place, place.parent, *_folders(place))]
    return any((folder / head).is_dir() or (folder / f"{head}.py").is_file() for folder in near)


def _folders(place: Path) -> list[Path]:
    try:
        return [path for path in islice(place.iterdir(), MOST_LOOKED_AT) if path.is_dir()]
    except OSError:
        return []
