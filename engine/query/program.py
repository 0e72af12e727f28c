"""Starts a query process: this Python with the engine's sources, or the frozen app's second program."""

from __future__ import annotations

import os
import subprocess
import sys
from multiprocessing import Pipe
from pathlib import Path
from typing import cast

from engine.interpreters import cleaned, passing_on, without_own_libraries
from engine.query.pipe import Connection

ARGUMENT = "--be-a-query"
"""The hidden first argument that makes the frozen program a query process."""
ASIDE = "aside"


Started = tuple[subprocess.Popen[bytes], Connection]
"""A query process, with the link to it."""


def start() -> Started:
    """Start a query process, away from the terminal's signals. Raises OSError."""
    return launch(command())


def start_aside() -> Started:
    """The same for a helper process."""
    return launch(command(), ASIDE)


def launch(words: list[str], *more: str) -> Started:
    """Run a command with its end of the link as an argument, and more after that. Raises OSError."""
    link, theirs = Pipe()
    try:
        return _launch([*words, str(theirs.fileno()), *more], theirs), link
    except OSError:
        link.close()
        raise
    finally:
        theirs.close()


def command() -> list[str]:
    """The command of a query process, without its end of the link."""
    from engine.launch.program import OWN_HOST  # each query process loads this module, and that one is large

    if OWN_HOST:
        return [str(OWN_HOST), ARGUMENT]
    return [sys.executable, "-P", str(Path(__file__).with_name("__main__.py"))]


def _launch(command: list[str], theirs: Connection) -> subprocess.Popen[bytes]:
    with without_own_libraries():
        process = subprocess.Popen(
            command,
            env=cleaned(os.environ, foreign=False),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            **passing_on(theirs.fileno()),
        )
    return cast("subprocess.Popen[bytes]", process)
