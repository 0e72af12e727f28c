"""The server that forks workers, where they are started so: has the engine loaded once, for all of them."""

from __future__ import annotations

import os
from multiprocessing import forkserver

HERE = os.path.dirname(os.path.abspath(__file__))


def start_server() -> None:
    """Start it with the engine preloaded. Where that fails, it serves all the same, and each worker loads it.

    It is a bare `python -c`, which knows no private name and cannot be told of a file: `boot` is found
    through PYTHONPATH, and `served` puts that back.
    """
    forkserver.set_forkserver_preload(["boot", "_poolhouse.served"])
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = HERE if before is None else HERE + os.pathsep + before
    try:
        forkserver.ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before
