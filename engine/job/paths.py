"""Makes the paths of a job mean the same from anywhere."""

from __future__ import annotations

import glob
from dataclasses import replace
from pathlib import Path

from engine.job.model import STDIN, Job


def pinned(job: Job) -> Job:
    """`job` with absolute paths, so that it means the same from anywhere."""

    def pin(path: str) -> str:
        return str(job.resolve(path)) if path else ""

    function = replace(job.function, file=pin(job.function.file), python=job.python)
    folder = Path(glob.escape(str(job.folder.absolute())))
    path = job.inputs.path if job.inputs.path == STDIN else pin(job.inputs.path)
    inputs = replace(job.inputs, path=path, pattern=job.inputs.pattern and str(folder / job.inputs.pattern))
    return job.with_(function=function, inputs=inputs, log=replace(job.log, file=pin(job.log.file)))
