"""A script to run as it is: which one, with what arguments, and where its output goes."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine import __version__
from engine.host.books import is_book
from engine.interpreters import cleaned
from engine.job import Function, Job, Run
from engine.launch.program import own_python

SCRIPT = "script"
"""The fact `mode` of a run of a script as it is."""


@dataclass(frozen=True)
class Script:
    """A script with its arguments. It runs in `folder`."""

    path: Path
    arguments: tuple[str, ...] = ()
    folder: Path = field(default_factory=Path.cwd)
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
        """The job that represents it in its run folder."""
        function = Function(file=str(self.path.absolute()), python=self.python)
        return Job(function, run=Run(workers=self.workers), folder=self.folder)

    @property
    def shares_session(self) -> bool:
        """Whether its host is in the terminal's session: only Linux can end a host's family in one."""
        return self.in_terminal and sys.platform == "linux"

    def told(self, run_folder: Path, python: Path, streams: list[int]) -> dict[str, Any]:
        """What its host gets. `streams` are the standard streams of the script, as the host has them."""
        return {
            "name": self.path.stem,
            "version": __version__,
            "run_folder": str(run_folder),
            "previous": None,
            "script": {
                "path": str(self.folder / self.path),
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
