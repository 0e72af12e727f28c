"""Runs a job through the real engine, for tests: how it ended, and what it left."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.job import MODES, Function, Inputs, Job, Log, Run
from engine.launch import Ended, HostHandle, LinkLost, Message
from engine.runs import LOG, create, open_run, output_files, runs_root
from engine.runs.records import Record, records

PATIENCE = 60.0
"""Seconds within which a host must send its next message."""
START_METHODS = ("fork", "forkserver", "spawn")
LOCAL_MODES = tuple(mode for mode in MODES if mode != "dask")
"""The modes that need no cluster; dask has tests of its own."""


@dataclass
class Finished:
    """A run that is over."""

    folder: Path
    ended: Ended | LinkLost
    messages: list[Message]

    @property
    def log(self) -> list[str]:
        return (self.folder / LOG).read_text("utf-8").splitlines()

    @property
    def output(self) -> str:
        return "".join(path.read_text("utf-8", "replace") for path in output_files(self.folder))

    @property
    def records(self) -> list[Record]:
        with open_run(self.folder) as run:
            return list(records(run))

    @property
    def values(self) -> list[Any]:
        return [record.value for record in self.records]

    @property
    def statuses(self) -> dict[int, str]:
        """The tasks that are not ok."""
        return {record.index: record.status for record in self.records if record.status != "ok"}


def make_job(
    folder: Path,
    source: str,
    name: str = "f",
    inputs: Inputs | Iterable[Any] = (),
    log: Log | None = None,
    **run: Any,
) -> Job:
    """A job whose function `name` is in a file of `folder` with this source."""
    path = folder / "user_code.py"
    path.write_text(source, "utf-8")
    if isinstance(inputs, range):
        inputs = Inputs("range", start=inputs.start, stop=inputs.stop, step=inputs.step)
    elif not isinstance(inputs, Inputs):
        inputs = Inputs("list", tuple(inputs))
    run.setdefault("workers", 2)
    return Job(Function(file=path.name, name=name), inputs, Run(**run), log or Log(), folder)


def follow(host: HostHandle, react: Callable[[HostHandle, Message], None] | None = None) -> list[Message]:
    """All messages of a host until its last; `react` gets each as it comes."""
    messages: list[Message] = []
    while not messages or not isinstance(messages[-1], Ended | LinkLost):
        message = host.receive(PATIENCE)
        assert message is not None, f"the host says nothing; so far {messages[-3:]}"
        messages.append(message)
        if react is not None:
            react(host, message)
    return messages


def run_job(
    job: Job, react: Callable[[HostHandle, Message], None] | None = None, resume: Path | None = None
) -> Finished:
    """Run `job` to its end, or continue the run in the folder `resume`."""
    folder = resume or create(job, runs_root())
    with HostHandle.start(job, folder, resume=resume is not None) as host:
        messages = follow(host, react)
    ended = messages[-1]
    assert isinstance(ended, (Ended, LinkLost))
    return Finished(folder, ended, messages)
