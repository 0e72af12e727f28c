"""A job in the form that a host gets: plain JSON, with absolute paths and all defaults filled in."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine import __version__
from engine.cores import usable_cores
from engine.host.inputs.literal import to_json
from engine.host.record.schema import STDIN_FILE
from engine.job import STDIN, Job, display_name, last_name, parse_size
from engine.modes import MODES


def blas_threads(job: Job) -> int:
    """Threads for libraries in each worker of `job`: all workers together use the usable cores."""
    if job.run.blas_threads:
        return job.run.blas_threads
    cores = usable_cores()
    workers = MODES[job.run.mode].workers or job.run.workers or cores
    return max(1, cores // max(1, min(workers, job.inputs.count or workers)))


def default_start_method() -> str:
    """The fastest start method that is safe here. The host is single-threaded, so on Linux it may fork."""
    return "fork" if sys.platform == "linux" else "spawn"


def describe(
    job: Job,
    folder: Path,
    previous: float | None,
    limit: int = 0,
    priority: str = "normal",
    only: Sequence[tuple[int, int]] | None = None,
) -> dict[str, Any]:
    """The plan for `engine.host.plan.Plan.read`, in the run folder `folder`.

    `previous` is when the run's last host was launched, if this one resumes the run.
    `limit` is how many tasks to run, from the first; 0 for all. `priority` counts if the job sets none. With
    `only`, ordered spans (first, stop), no others run.
    """
    function = asdict(job.function)
    if function["file"]:
        function["file"] = str(job.resolve(function["file"]))
    if function["source"] and not function["name"]:
        function["name"] = last_name(function["source"])
    run = asdict(job.run)
    mode = MODES[run["mode"]]
    run["worker_name"], run["threads"], run["cluster"] = mode.worker, mode.threads, mode.cluster
    elsewhere = mode.cluster and bool(job.run.scheduler)
    workers = run["workers"] or (0 if elsewhere else usable_cores())  # 0 means all that the cluster has
    run |= mode.settings(workers, run["batch"], run["tasks_per_worker"])
    run["blas_threads"] = blas_threads(job)
    run["start_method"] = run["start_method"] or default_start_method()
    run["priority"] = run["priority"] or priority
    run["memory_limit"] = parse_size(run["memory_limit"]) if run["memory_limit"] else 0
    log = asdict(job.log)
    if log["file"]:
        log["file"] = str(job.resolve(log["file"]))
    return {
        "name": display_name(job),
        "version": __version__,
        "run_folder": str(folder),
        "job_folder": str(job.folder.absolute()),
        "previous": previous,
        "limit": limit,
        "only": None if only is None else list(only),
        "function": function,
        "inputs": to_json(_inputs(job, folder)),
        "setup": to_json({name: source.told() for name, source in job.setup.items()}),
        "parameters": to_json({name: source.told() for name, source in job.parameters.items()}),
        "run": run,
        "log": log,
    }


def _inputs(job: Job, folder: Path) -> dict[str, Any]:
    inputs = job.inputs
    if inputs.path == STDIN:
        path = str(folder / STDIN_FILE)
    else:
        path = str(job.resolve(inputs.path)) if inputs.path else ""
    return {**vars(inputs), "path": path, "call": inputs.called, "folder": str(job.folder.absolute())}
