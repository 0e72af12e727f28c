"""The start of `poolhouse-host`: a query process, the host, a script, or a child of one of these.

Host and children know the engine only by its private name: the rest of this program is hidden from them.
"""

from __future__ import annotations

import atexit
import importlib.util
import multiprocessing
import os
import signal
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

HOST_ARGUMENT = "--be-the-host"  # as in engine/launch/program.py
QUERY_ARGUMENT = "--be-a-query"  # as in engine/query/program.py
SCRIPT_ARGUMENT = "--be-a-script"  # as in engine/host/boot.py
DEBUG_ARGUMENT = "--debug-a-task"  # the same
CHILD_ARGUMENT = "--multiprocessing-fork"
CHILD_CODE = "from multiprocessing."
LIBRARY_PATHS = ("LD_LIBRARY_PATH", "LIBPATH")
INSIDE: str = getattr(sys, "_MEIPASS", "")
"""The folder of this program's files."""
BOOT = Path(INSIDE) / "sources/engine/host/boot.py"


def is_called() -> bool:
    """Whether the arguments are those of a query process, a host, a script or a `multiprocessing` child."""
    first = sys.argv[1] if len(sys.argv) > 1 else ""
    is_child = first == CHILD_ARGUMENT or ("-c" in sys.argv and CHILD_CODE in sys.argv[-1])
    return is_child or first in (HOST_ARGUMENT, QUERY_ARGUMENT, SCRIPT_ARGUMENT, DEBUG_ARGUMENT)


def restore_environment() -> None:
    """Processes started from here must not load the libraries that this program was told to load."""
    for name in [name for name in os.environ if name.startswith(("_PYI_", "_MEIPASS"))]:
        del os.environ[name]
    for name in LIBRARY_PATHS:
        before = os.environ.get(f"{name}_ORIG")
        if before is not None:
            os.environ[name] = before
        else:
            os.environ.pop(name, None)


class UserPathFinder(PathFinder):
    """Finds only the standard library in this program, and everything else in the folders of the user's code.

    The engine and its dependencies are here for query processes; a user's `engine` is theirs.
    """

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module."""
        is_wanted = fullname in sys.stdlib_module_names or fullname.startswith(("_sysconfigdata", "pyi"))
        if path is None and not is_wanted:
            path = [entry for entry in sys.path if not entry.startswith(INSIDE)]
        return super().find_spec(fullname, path, target)


def main() -> None:
    """Be what the arguments say. Children also need the private name, before they unpickle anything."""
    restore_environment()
    for name in LIBRARY_PATHS:
        os.environ.pop(f"{name}_ORIG", None)
    if sys.argv[1] == QUERY_ARGUMENT:
        from engine.query.__main__ import main as be_a_query

        be_a_query(sys.argv[2:])
        return
    sys.meta_path[sys.meta_path.index(PathFinder)] = UserPathFinder
    spec = importlib.util.spec_from_file_location("_poolhouse_boot", BOOT)
    assert spec is not None
    assert spec.loader is not None
    boot = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(boot)
    multiprocessing.freeze_support()  # a child does its work in here and does not return
    if sys.argv[1] == SCRIPT_ARGUMENT:
        run_script(boot)
    elif sys.argv[1] == DEBUG_ARGUMENT:
        boot.debug_task(sys.argv[2])
    else:
        boot.start(int(sys.argv[2]))


def run_script(boot: Any) -> None:
    """Run a script, and end as the interpreter does: PyInstaller would show frames and lines of its own."""
    try:
        boot.run_script()
    except SystemExit:
        raise
    except BaseException as error:
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_globals is globals():
            trace = trace.tb_next
        sys.excepthook(type(error), error, trace)
        if isinstance(error, KeyboardInterrupt) and sys.platform != "win32":
            end_by_interrupt()
        sys.exit(1)


def end_by_interrupt() -> None:
    """Clean up, and die of SIGINT: so it is known that nobody has caught it."""
    vars(atexit)["_run_exitfuncs"]()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGINT)


if __name__ == "__main__":
    if not is_called():
        sys.exit(
            "poolhouse-host is a part of Poolhouse, and no Python interpreter. A function that starts"
            " sys.executable needs one: choose it as the job's interpreter (function.python)."
        )
    main()
