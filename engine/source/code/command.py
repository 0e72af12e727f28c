"""The command that runs a job in a terminal."""

from __future__ import annotations

from pathlib import Path

from engine.shell import WINDOWS, command_line


def debug_command(folder: Path, task: int, *, windows: bool = WINDOWS) -> str:
    """The command that runs a task of the run in `folder` under the debugger."""
    return command_line(["poolhouse", "debug", str(folder), str(task)], windows=windows)


def run_command(path: Path, *, windows: bool = WINDOWS) -> str:
    """The command that runs the job file at `path`."""
    return command_line(["poolhouse", "run", str(path)], windows=windows)
