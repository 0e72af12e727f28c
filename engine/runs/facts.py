"""The state of a run, as its host recorded it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from engine.host.record.rows import LATEST
from engine.host.record.schema import MOST_TASKS


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
    """When its last host was started: later than `started` if the run was resumed."""
    ended: float | None
    pid: int
    """Of its last host."""
    machine: str
    """The machine of its last host; empty if unknown."""
    workers: int
    mode: str
    start_method: str
    python: str
    """Version of the interpreter."""
    executable: str
    memory: int | None
    """The most bytes that a worker held; None if unknown."""
    folder: str
    """Where the tasks ran; relative paths of the job start from it."""
    ran: float | None = None
    """Seconds that it ran until `ran_at`, without pauses and the time between its hosts."""
    ran_at: float | None = None
    paused: bool = False
    """Whether it is paused, although it is `running`."""
    kept: bool = False
    """Whether it is running and may do so without an app, so that any app can attach to it."""
    generation: int = 0
    """Grows whenever rows are removed from run.db, which invalidates what was read of them."""
    cores: int | None = None
    """Cores that the run could use."""
    system: str = ""
    """The operating system and its release."""
    processor: str = ""
    commit: str = ""
    """The git commit of the function's folder, if it is in a repository;"""
    dirty: bool = False
    """and whether its files differed from that."""
    packages: tuple[tuple[str, str], ...] = ()
    """Name and version of the packages that workers had loaded."""
    arguments: tuple[str, ...] = ()
    """Arguments of a script as it is, the first of which is its name."""
    cpu: float | None = None
    """CPU seconds of the tasks in workers of the last host, recorded at its end,"""
    own_cpu: float | None = None
    """the part used by the workers' own threads, without those of libraries, at most,"""
    waited: float | None = None
    """and seconds for which these waited for a core, as others had them; None if the system does not say."""
    intake: float | None = None
    """Seconds of the tasks' time in which their inputs were unpickled."""
    lock_held: float | None = None
    """How often tasks in threads held the interpreter's lock when another thread wanted it, 0 to 1."""

    @property
    def is_script(self) -> bool:
        """Whether it is the run of a script as it is."""
        return self.mode == "script"


TEXTS = (
    "name", "state", "reason", "machine", "boot", "system", "processor", "python", "implementation",
    "executable",     "start_method", "mode", "folder", "version",
)  # fmt: skip
TIMES = ("started", "ended")
SECONDS = ("launched", "ran", "ran_at", "cpu", "own_cpu", "waited", "intake", "lock_held")
COUNTS = (
    "total", "ok", "failed", "generation", "pid", "cores", "workers", "memory", "blas_threads"
)  # fmt: skip
FLAGS = ("paused", "kept")
LISTS = ("arguments", "input_names")


def read_facts(found: Iterable[tuple[Any, Any]]) -> dict[str, Any]:
    """The facts of run.db by name. Facts of a wrong type are left out."""
    facts: dict[str, Any] = {}
    for name, text in found:
        try:
            value: Any = json.loads(text)
        except (ValueError, TypeError, RecursionError):
            continue
        if _is_fit(name, value):
            facts[name] = value
    return facts


def _is_fit(name: object, value: Any) -> bool:
    if name in TEXTS:
        return isinstance(value, str)
    if name in TIMES:
        return _is_number(value) and 0 <= value < LATEST
    if name in SECONDS:
        return _is_number(value) and math.isfinite(value)
    if name in COUNTS:
        return _is_count(value)
    if name in FLAGS:
        return isinstance(value, bool)
    if name in LISTS:
        return isinstance(value, list) and all(isinstance(word, str) for word in cast("list[Any]", value))
    if name == "counts":
        return _is_dict(value) and all(map(_is_count, value.values()))
    if name == "git":
        return _is_dict(value) and isinstance(value.get("commit", ""), str)
    return name == "packages" and _is_dict(value) and all(isinstance(v, str) for v in value.values())


def _is_dict(value: object) -> bool:
    return isinstance(value, dict)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value <= MOST_TASKS


def run_facts(folder: Path, facts: dict[str, Any], ok: int, failed: int) -> RunFacts:
    """The facts in run.db, with the `state` that is true now."""
    state = facts["state"]
    git: dict[str, Any] = facts.get("git", {})
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
        ran_at=facts.get("ran_at"),
        paused=state == "running" and facts.get("paused", False),
        kept=state == "running" and facts.get("kept", False),
        generation=facts.get("generation", 0),
        cores=facts.get("cores"),
        arguments=tuple(facts.get("arguments", ())),
        system=facts.get("system", ""),
        processor=facts.get("processor", ""),
        commit=git.get("commit", ""),
        dirty=git.get("dirty", False),
        packages=tuple(sorted(facts.get("packages", {}).items())),
        cpu=facts.get("cpu"),
        own_cpu=facts.get("own_cpu"),
        waited=facts.get("waited"),
        intake=facts.get("intake"),
        lock_held=facts.get("lock_held"),
    )
