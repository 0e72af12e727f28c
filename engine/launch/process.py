"""The process of a host: started, found and ended."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from multiprocessing import Pipe
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from engine.environment import MARK, MODULES
from engine.host.errors import SHORT, FieldError
from engine.host.record.schema import OUTPUT
from engine.host.system import Connection, what_is_short
from engine.interpreters import passing_on, without_own_libraries
from engine.launch.environment import host_environment
from engine.launch.program import host_command
from engine.launch.script import Script

if TYPE_CHECKING:
    import psutil


class LaunchError(FieldError):
    """No host could be started, so nothing ran."""


class HostProcess(Protocol):
    """The part of `Popen` that is used here, so that a forked process can stand in for one."""

    @property
    def pid(self) -> int: ...
    def wait(self, timeout: float | None = None) -> object:
        """Wait for its end. Raises `subprocess.TimeoutExpired`."""

    def kill(self) -> None: ...


def launch(python: Path, folder: Path, script: Script | None = None) -> tuple[HostProcess, Connection]:
    """Start a host; returns it and our end of its pipe. Raises `LaunchError`."""
    output = _open_output(folder)
    link, theirs = Pipe()
    try:
        return _launch(python, theirs, folder, output, script), link
    except OSError as error:
        link.close()
        if error.errno in SHORT:
            raise LaunchError(f"The run cannot start: {what_is_short(error)}.") from error
        raise LaunchError(
            f"{python} cannot be started: {error.strerror}. Choose another interpreter.",
            "function.python",
        ) from error
    finally:
        theirs.close()
        output.close()


def _open_output(folder: Path) -> BinaryIO:
    try:
        return (folder / OUTPUT).open("ab")
    except OSError as error:
        raise LaunchError(
            f"The run folder {folder} cannot be written: {error.strerror}."
            " Make it writable, or resume a copy of it in another place."
        ) from error


def _launch(
    python: Path,
    theirs: Connection,
    folder: Path,
    output: BinaryIO,
    script: Script | None,
) -> subprocess.Popen[bytes]:
    """Start a host with its end of the pipe inherited, away from the terminal's signals."""
    inherited = passing_on(theirs.fileno())
    environment = {**host_environment(python), MARK: str(folder)}
    if script is not None:  # no code of the user's runs in its host
        environment.pop(MODULES, None)
    with without_own_libraries():
        process = subprocess.Popen(
            [*host_command(python, bare=script is not None), str(theirs.fileno())],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            **inherited,
        )
    return cast("subprocess.Popen[bytes]", process)


# psutil takes a while to load, and few runs need it.


def process_of(pid: int) -> psutil.Process | None:
    """The process that has this id now, even if another gets the id later; None if it has ended."""
    import psutil

    with suppress(psutil.Error):
        return psutil.Process(pid)
    return None


def kill(process: psutil.Process) -> None:
    """End a process, if it has not just ended."""
    import psutil

    with suppress(psutil.Error):
        process.kill()


def kill_tree(pid: int) -> None:
    """End a process and what it started: an interpreter may be a script that has started the real one."""
    import psutil

    family: list[psutil.Process] = []
    with suppress(psutil.Error):
        family = [leader := psutil.Process(pid), *leader.children(recursive=True)]
    for process in family:
        kill(process)
