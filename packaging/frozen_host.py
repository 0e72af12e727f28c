"""Where `poolhouse-host` starts: gives the engine its private name, then is the host or a child of one."""

from __future__ import annotations

import importlib.util
import multiprocessing
import os
import sys
from pathlib import Path

HOST_ARGUMENT = "--be-the-host"  # as in engine/launch/program.py, which is not in this program
CHILD_ARGUMENT = "--multiprocessing-fork"
CHILD_CODE = "from multiprocessing."
LIBRARY_PATHS = ("LD_LIBRARY_PATH", "LIBPATH")
BOOT = Path(getattr(sys, "_MEIPASS", "")) / "sources/engine/host/boot.py"


def is_called() -> bool:
    """Whether the arguments are those of a host, or of what `multiprocessing` starts for one."""
    first = sys.argv[1] if len(sys.argv) > 1 else ""
    return first in (HOST_ARGUMENT, CHILD_ARGUMENT) or ("-c" in sys.argv and CHILD_CODE in sys.argv[-1])


def restore_environment() -> None:
    """What this process starts shall not load the libraries that this program was told to."""
    for name in [name for name in os.environ if name.startswith(("_PYI_", "_MEIPASS"))]:
        del os.environ[name]
    for name in LIBRARY_PATHS:
        before = os.environ.get(f"{name}_ORIG")
        if before is not None:
            os.environ[name] = before
        else:
            os.environ.pop(name, None)


def main() -> None:
    """Be what the arguments say. Children need the private name too, before they unpickle anything."""
    restore_environment()
    for name in LIBRARY_PATHS:
        os.environ.pop(f"{name}_ORIG", None)
    spec = importlib.util.spec_from_file_location("_poolhouse_boot", BOOT)
    assert spec is not None
    assert spec.loader is not None
    boot = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(boot)
    multiprocessing.freeze_support()  # a child does its work in here, and does not come back
    boot.start(int(sys.argv[2]))


if __name__ == "__main__":
    if not is_called():
        sys.exit(
            "poolhouse-host is a part of Poolhouse, and no Python interpreter. A function that starts"
            " sys.executable needs one: choose it as the job's interpreter (function.python)."
        )
    main()
