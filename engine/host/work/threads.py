"""How many threads libraries may start in a worker: by default, each starts one per core."""

from __future__ import annotations

import logging
import os
import sys

from ..system import open_append
from .logs import AppendHandler
from .slot import IDLE

OPENMP = "OMP_NUM_THREADS"
AS_OPENMP = (
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "FLEXIBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
"""If they are not set, these libraries use `OPENMP`."""
VARIABLES = (OPENMP, *AS_OPENMP, "VECLIB_MAXIMUM_THREADS")
"""NUMBA_NUM_THREADS is not among them: it is the most that a program may ask for later."""
LIBRARIES = ("numpy", "torch", "tensorflow", "numexpr")
"""Modules that use the variables."""


def limit_threads(threads: int) -> str:
    """Set the variables for all processes that are started from now on; returns the words that say so.

    Variables set by the user stay, and so do those that follow from them.
    """
    kept = AS_OPENMP if OPENMP in os.environ else ()
    chosen = [name for name in VARIABLES if name not in os.environ and name not in kept]
    os.environ.update(dict.fromkeys(chosen, str(threads)))
    if not chosen:
        return ""
    return (
        f"{', '.join(chosen)} = {threads} in each worker, so that numeric libraries share the cores;"
        " [run] blas_threads sets another number."
    )


def tell(words: str, run_log: str, log: AppendHandler) -> None:
    """Write the words to run.log, if the function uses such a library; not to the job's own log file."""
    if not any(name in sys.modules for name in LIBRARIES):
        return
    record = logging.LogRecord("poolhouse", logging.INFO, __file__, 0, words, None, None)
    record.task = IDLE
    fd = open_append(run_log)
    os.write(fd, (log.format(record) + "\n").encode("utf-8", "backslashreplace"))
    os.close(fd)
