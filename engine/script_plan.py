"""A script as it is in the form that a host gets, and the job that stands for it in its run folder.

Imports next to nothing: `poolhouse run SCRIPT.py` needs this before all else.
"""

from __future__ import annotations

import os
import sys

from engine import __version__
from engine.environment import cleaned
from engine.host.books import is_book
from engine.host.record.schema import JOB

SCRIPT_ARGUMENT = "--be-a-script"
"""The hidden argument that makes an interpreter the main process of a script, as in engine/host/boot.py."""
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


def plan(
    path: str,
    arguments: Sequence[str],
    folder: str,
    workers: int,
    command: Sequence[str],
    *,
    foreign: bool,
    group: int = 0,
    ignored: Sequence[int] = (),
) -> dict[str, Any]:
    """The plan, without the run folder.

    `arguments` begin with the script's name as the user typed it; `command` makes an interpreter the main
    process, and `foreign` says that it is not the app's own. `group` is the process group of the terminal's
    command; signals in `ignored` stay ignored.
    """
    return {
        "name": os.path.splitext(os.path.basename(path))[0],
        "version": __version__,
        "previous": None,
        "script": {
            "command": list(command),
            "path": path,
            "arguments": list(arguments),
            "folder": folder,
            "workers": workers,
            "environment": _environment(path, foreign),
            "group": group,
            "ignored": list(ignored),
        },
    }


def _environment(path: str, foreign: bool) -> dict[str, str]:
    """The user's own environment, without what belongs to a frozen app."""
    environment = cleaned(os.environ, foreign=foreign)
    if is_book(path):
        environment["MPLBACKEND"] = "Agg"  # its figures are kept as pictures
    if "PYTHONPATH" in os.environ:
        environment["PYTHONPATH"] = os.environ["PYTHONPATH"]
    return environment


def write_job(folder: str, path: str, python: str, workers: int) -> None:
    """Write into the run folder what stands for the script. Raises `OSError`."""
    if not (path.isprintable() and python.isprintable()):
        from pathlib import Path

        from engine.job import Function, Job, Run, pinned, save

        job = Job(Function(file=path, python=python), run=Run(workers=workers), folder=Path(folder))
        save(pinned(job), Path(folder, JOB))
        return
    # What `save` would write, without what that loads: the script is starting up.
    lines = ["[function]", f"file = {_quoted(path)}"]
    lines += [f"python = {_quoted(python)}"] if python else []
    lines += ["", "[inputs]", 'kind = "none"', "", "[run]", 'mode = "pool"']
    lines += [f"workers = {workers}"] if workers else []
    with open(os.path.join(folder, JOB), "x", encoding="utf-8", newline="\n") as written:
        written.write("\n".join([*lines, ""]))
        written.flush()
        os.fsync(written.fileno())


def _quoted(text: str) -> str:
    """A text without control characters in TOML."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def group_of_terminal() -> int:
    """The process group that Ctrl-C in the terminal reaches. Only on Linux can a host share its session."""
    return os.getpgrp() if sys.platform == "linux" else 0
