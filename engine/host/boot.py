"""The file that the user's interpreter starts with: gives the engine its private name, and starts the host.

`multiprocessing` runs this file again in the processes it spawns, so that they know the private name too.
It is compiled each time, so it is short: the bytecode of `private` is kept.
"""

from __future__ import annotations

import os
import sys
from _frozen_importlib_external import SourceFileLoader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LOADED = frozenset(sys.modules)
"""What was there before us: the imports above load nothing."""
SCRIPT = "--be-a-script"
"""The argument of the main process of a script,"""
STATION = "--be-a-station"
"""of a process with workers on a machine of a cluster,"""
DEBUG = "--debug-a-task"
"""and of a host that runs one task under the debugger; the next argument is the file that names it."""


def install() -> None:
    """Give the engine its private name, and take its folders off the user's module path."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "private.py")
    module = type(sys)("_poolhouse_private")
    module.__file__ = path
    SourceFileLoader(module.__name__, path).exec_module(module)
    module.install()


def keep_apart() -> None:
    """Keep what the engine imports apart from what a script has."""
    from _poolhouse.apart import Apart  # pyright: ignore[reportMissingImports, reportUnknownVariableType]

    finder: Any = next(finder for finder in sys.meta_path if type(finder).__name__ == "PrivateName")
    finder.builtins = Apart(LOADED).builtins  # pyright: ignore[reportUnknownMemberType]


def start(handle: int) -> None:
    """Be the host with the app's pipe `handle`, until its end."""
    from _poolhouse.entry import be_host  # pyright: ignore[reportMissingImports, reportUnknownVariableType]

    be_host(handle)


def run_script() -> None:
    """Be the main process of a script, until its end."""
    keep_apart()
    from _poolhouse.script.inside.main import main  # pyright: ignore[reportMissingImports, reportUnknownVariableType]

    main()


def debug_task(path: str) -> None:
    """Run the task that a file describes under the debugger."""
    from _poolhouse.debug import main  # pyright: ignore[reportMissingImports, reportUnknownVariableType]

    main(path)


def run_station() -> None:
    """Have the workers of a run on this machine, until its end."""
    from _poolhouse.cluster.station import main  # pyright: ignore[reportMissingImports, reportUnknownVariableType]

    main()


install()

if __name__ == "__main__":
    if sys.argv[1] == SCRIPT:
        run_script()
    elif sys.argv[1] == DEBUG:
        debug_task(sys.argv[2])
    elif sys.argv[1] == STATION:
        run_station()
    else:
        start(int(sys.argv[1]))
