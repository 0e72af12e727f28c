"""A script to run as it is: which one, and with what arguments."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.launch.program import own_python, script_command
from engine.places import new_run_folder
from engine.script_plan import plan, write_job

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
    """Its own name for itself, `sys.argv[0]`; empty means its path."""

    @property
    def job(self) -> Job:
        """What stands for it in its run folder."""
        from engine.job import Function, Job, Run

        function = Function(file=str(self.path.absolute()), python=self.python)
        return Job(function, run=Run(workers=self.workers), folder=self.folder)

    def new_folder(self, root: Path) -> Path:
        """Make a run folder for it below `root`, with what stands for it. Raises `OSError`."""
        folder = new_run_folder(root, self.path.stem)
        write_job(str(folder), str(self.path.absolute()), self.python, self.workers)
        return folder

    def told(self, run_folder: Path, python: Path) -> dict[str, Any]:
        """What its host gets."""
        told = plan(
            str(self.folder / self.path),
            [self.named or str(self.path), *self.arguments],
            str(self.folder),
            self.workers,
            script_command(python),
            foreign=python != own_python(),
            ignored=[number for number in signal.valid_signals() if _is_ignored(number)],
        )
        return {**told, "run_folder": str(run_folder)}


def _is_ignored(number: int) -> bool:
    return signal.getsignal(number) is signal.SIG_IGN
