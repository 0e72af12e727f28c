"""What the host should do: the job as plain JSON, and the location of its run folder."""

from __future__ import annotations

import os

from .inputs import STREAMED
from .inputs.literal import from_json
from .record import schema
from .typed import Any, NamedTuple
from .work.worker import Setup


class Plan(NamedTuple):
    """One run, as the app requests it. Zero means none, or adapt."""

    mode: str
    """The name of the mode, for the record; the other fields define it."""
    worker_name: str
    threads: bool
    """Whether the workers are threads of one process."""
    scheduler: str | None
    """The address of the Dask cluster with the workers; empty for one of the run's own; None without."""
    workers: int
    start_method: str
    batch: int
    tasks_per_worker: int
    timeout: float
    """Seconds for one task."""
    retries: int
    stop_after_failures: int
    blas_threads: int
    """Threads that a library may start in a worker."""
    leftovers: str
    """What happens to processes that tasks started and left running: `end` or `leave`."""
    inputs: dict[str, Any]
    limit: int
    """The number of tasks to run, from the first; 0 for all."""
    only: list[tuple[int, int]] | None
    """Ordered spans (first, stop) of the tasks that may run, if not all without a result."""
    own_log: str
    """The job's own log file; empty means none."""
    truncate_log: bool
    log_result: bool
    setup: Setup

    @classmethod
    def read(cls, data: dict[str, Any], file_limit: Any = None) -> Plan:
        """The plan in the JSON that `engine.launch` sends; `file_limit` is that of the user's own code."""
        run, log, folder = data["run"], data["log"], data["run_folder"]
        return cls(
            mode=run["mode"],
            worker_name=run["worker_name"],
            threads=run["threads"],
            scheduler=run["scheduler"] if run["cluster"] else None,
            workers=run["workers"],
            start_method=run["start_method"],
            batch=run["batch"],
            tasks_per_worker=run["tasks_per_worker"],
            timeout=run["timeout"],
            retries=run["retries"],
            stop_after_failures=run["stop_after_failures"],
            blas_threads=run["blas_threads"],
            leftovers=run["leftovers"],
            inputs=from_json(data["inputs"]),
            limit=data["limit"],
            only=None if data["only"] is None else [(first, stop) for first, stop in data["only"]],
            own_log=log["file"],
            truncate_log=log["mode"] == "w" and data["previous"] is None,
            log_result=log["result"],
            setup=Setup(
                function=data["function"],
                call=data["inputs"]["call"],
                parameters=from_json(data["parameters"]),
                prepare=from_json(data["setup"]),
                may_be_bad=data["inputs"]["kind"] in STREAMED,
                log=log,
                run_log=os.path.join(folder, schema.LOG),
                output=os.path.join(folder, schema.OUTPUT),
                folder=data["job_folder"],
                memory_limit=run["memory_limit"],
                isolate_failures=run["retries"] > 0,
                forked=run["start_method"] == "fork",
                file_limit=file_limit,
                priority=run["priority"],
            ),
        )
