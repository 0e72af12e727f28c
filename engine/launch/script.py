"""A script to run as it is: which one, with what arguments, and where its output goes."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from engine import __version__
from engine.host.books import is_book
from engine.host.record.schema import JOB
from engine.interpreters import cleaned
from engine.launch.program import own_python, script_command
from engine.places import new_run_folder

if TYPE_CHECKING:
    from engine.job import Job

SCRIPT = "script"
"""The fact `mode` of a run of a script as it is."""


class Script(NamedTuple):
    """A script, and the arguments for it."""

    path: Path
    folder: Path
    """Where it runs."""
    arguments: tuple[str, ...] = ()
    python: str = ""
    """The interpreter; empty means the app's own."""
    workers: int = 0
    """The number of workers of each of its pools; 0 leaves that to the script."""
    named: str = ""
    """The script as the user typed it, for its `sys.argv[0]`."""
    in_terminal: bool = False
    """Whether it has this process's terminal: input, output and Ctrl-C."""

    @property
    def job(self) -> Job:
        """What stands for it in its run folder."""
        from engine.job import Function, Job, Run

        function = Function(file=str(self.path.absolute()), python=self.python)
        return Job(function, run=Run(workers=self.workers), folder=self.folder)

    def new_folder(self, root: Path) -> Path:
        """Make a run folder for it below `root`, with what stands for it. Raises `OSError`."""
        folder = new_run_folder(root, self.path.stem)
        self._write_job(folder)
        return folder

    def _write_job(self, folder: Path) -> None:
        texts = [str(self.path.absolute()), self.python]
        if not all(text.isprintable() for text in texts):
            from engine.job import pinned, save

            save(pinned(self.job), folder / JOB)
            return
        # What `save` would write, without what that loads: the script is starting up.
        file, python = (json.dumps(text, ensure_ascii=False) for text in texts)
        lines = ["[function]", f"file = {file}", *([f"python = {python}"] if self.python else [])]
        lines += ["", "[inputs]", 'kind = "none"', "", "[run]", 'mode = "pool"']
        lines += [f"workers = {self.workers}"] if self.workers else []
        with (folder / JOB).open("x", encoding="utf-8", newline="\n") as written:
            written.write("\n".join([*lines, ""]))
            written.flush()
            os.fsync(written.fileno())

    @property
    def shares_session(self) -> bool:
        """Whether its host is in the terminal's session: only Linux can end a host's family in one."""
        return self.in_terminal and sys.platform == "linux"

    @property
    def _absolute(self) -> str:
        """Its path in its `__file__` and tracebacks: in a terminal, as it was typed there."""
        if self.in_terminal and not is_book(str(self.path)):
            return os.path.join(self.folder, self.named)  # noqa: PTH118 - a Path would lose "./"
        return str(self.folder / self.path)

    def told(self, run_folder: Path, python: Path, streams: list[int]) -> dict[str, Any]:
        """What its host gets. `streams` are the standard streams of the script, as the host has them."""
        return {
            "name": self.path.stem,
            "version": __version__,
            "run_folder": str(run_folder),
            "previous": None,
            "script": {
                "command": script_command(python),
                "path": self._absolute,
                "arguments": [self.named or str(self.path), *self.arguments],
                "folder": str(self.folder),
                "workers": self.workers,
                "environment": self._environment(python),
                "group": os.getpgrp() if sys.platform == "linux" and self.in_terminal else 0,
                "streams": streams,
                "ignored": [number for number in signal.valid_signals() if _is_ignored(number)],
            },
        }

    def _environment(self, python: Path) -> dict[str, str]:
        """The user's own environment, without what belongs to a frozen app."""
        environment = cleaned(os.environ, foreign=python != own_python())
        if is_book(str(self.path)):
            environment["MPLBACKEND"] = "Agg"  # its figures are kept as pictures
        if "PYTHONPATH" in os.environ:
            environment["PYTHONPATH"] = os.environ["PYTHONPATH"]
        return environment


def _is_ignored(number: int) -> bool:
    return signal.getsignal(number) is signal.SIG_IGN
