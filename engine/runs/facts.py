"""How a run stands: what its host wrote down about it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class RunFacts:
    """The run as a whole. Times are seconds since the epoch."""

    name: str
    state: str
    """`running`, `finished`, `stopped`, `failed`, or `interrupted`: its host died before its end."""
    reason: str
    total: int | None
    ok: int
    failed: int
    started: float | None
    launched: float | None
    """When its last host was started: later than `started` where the run was resumed."""
    ended: float | None
    pid: int
    """Of its last host."""
    machine: str
    """The name of the machine that its last host ran on; empty if that is not known."""
    workers: int
    mode: str
    start_method: str
    python: str
    """Version of the interpreter."""
    executable: str
    memory: int | None
    """Bytes that a worker held at most; None where no worker could say."""
    folder: str
    """Where the tasks ran, and what relative paths of the job start from."""
    ran: float | None = None
    """Seconds for which it ran, neither paused nor between its hosts; some seconds short while it runs."""
    paused: bool = False
    """Whether it hands out no tasks now, though it is `running`."""
    kept: bool = False
    """Whether it goes on and may do so without an app, so that any app may take it up."""
    generation: int = 0
    """Grows whenever rows are taken out of run.db, so that what was read of them is void."""
    cores: int | None = None
    """Of the machine, as far as the run could use them."""
    system: str = ""
    """The operating system and its release."""
    processor: str = ""
    commit: str = ""
    """The commit that the folder of the function was at, if it is in a git repository;"""
    dirty: bool = False
    """and whether its files differed from that."""
    packages: tuple[tuple[str, str], ...] = ()
    """Name and version of the packages that workers had loaded."""


def run_facts(folder: Path, facts: dict[str, Any], ok: int, failed: int) -> RunFacts:
    """The facts in run.db, where `state` is what is true now."""
    state = facts["state"]
    git: dict[str, Any] = facts.get("git") or {}
    return RunFacts(
        name=facts.get("name", folder.name),
        state=state,
        reason=facts.get("reason", ""),
        total=facts.get("total"),
        ok=ok,
        failed=failed,
        started=facts.get("started"),
        launched=facts.get("launched"),
        ended=facts.get("ended"),
        pid=facts.get("pid", 0),
        machine=facts.get("machine", ""),
        workers=facts.get("workers", 0),
        mode=facts.get("mode", ""),
        start_method=facts.get("start_method", ""),
        python=facts.get("python", ""),
        executable=facts.get("executable", ""),
        memory=facts.get("memory"),
        folder=facts.get("folder", str(folder)),
        ran=facts.get("ran"),
        paused=state == "running" and facts.get("paused", False),
        kept=state == "running" and facts.get("kept", False),
        generation=facts.get("generation", 0),
        cores=facts.get("cores"),
        system=facts.get("system", ""),
        processor=facts.get("processor", ""),
        commit=git.get("commit", ""),
        dirty=git.get("dirty", False),
        packages=tuple(sorted(facts.get("packages", {}).items())),
    )
