"""System programs that do something for the app and end with it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

ENDING = 5.0
"""Seconds that a program gets to end."""


def hold(command: Sequence[str]) -> Callable[[], None]:
    """Start a program that ends when its stdin closes, so also with this process; returns what ends it."""
    import subprocess

    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=_environment(),
    )

    def release() -> None:
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(ENDING)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    return release


def call(command: Sequence[str]) -> bool:
    """Run a program to its end; returns whether it succeeded."""
    import subprocess

    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            timeout=ENDING,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def start(command: Sequence[str]) -> None:
    """Start a program and leave it running. Raises OSError if it cannot be started."""
    from PySide6.QtCore import QProcess, QProcessEnvironment

    process = QProcess()
    process.setProgram(command[0])
    process.setArguments(list(command[1:]))
    environment = QProcessEnvironment()
    for name, value in _environment().items():
        environment.insert(name, value)
    process.setProcessEnvironment(environment)
    started: object = process.startDetached()  # PySide6 returns a bool, whatever its stubs say
    if started is not True:
        raise OSError(f"{command[0]} cannot be started.")


def _environment() -> dict[str, str]:
    from engine.environment import cleaned

    return cleaned(os.environ, foreign=True)
