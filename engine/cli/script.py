"""`poolhouse run SCRIPT.py`: runs the script as it is, in this terminal."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

from engine.cli import interrupts, status, streams
from engine.cli.status import complain
from engine.host.books import ENDING as BOOK
from engine.host.books import is_book
from engine.host.books.pictures import FOLDER as PICTURES
from engine.interpreters.of_script import interpreter
from engine.launch import Ended, HostHandle, LaunchError, LinkLost, Noticed, Script
from engine.places import runs_root

ENDINGS = (".py", ".pyw", BOOK)
"""Suffixes of scripts and notebooks."""
MOST_OF_FIRST_LINE = 1000
MOST_NAMED = 20
"""Further left-out lines are only counted."""
HEED_SECONDS = 0.1
BY_SIGNAL = 128
"""What a shell adds to the number of the signal that ended a program."""


def runs_as_it_is(options: argparse.Namespace) -> bool:
    """Whether a script should run as it is, rather than as a job."""
    wants_job = options.as_job or options.write_job or options.mode or options.start_method
    wants_job = wants_job or options.scheduler
    return is_script(options.file) and not wants_job and sys.platform != "win32"


def is_script(path: Path) -> bool:
    """Whether it is a script or notebook: by its suffix, or by a first line that names Python."""
    if path.suffix:
        return path.suffix in ENDINGS
    try:
        with path.open("rb") as file:
            first = file.readline(MOST_OF_FIRST_LINE)
    except OSError:
        return False
    return first.startswith(b"#!") and b"python" in first


def run(options: argparse.Namespace) -> int:
    """Run a script; returns its own exit status, or that of a stopped run."""
    path: Path = options.file
    if options.workers is not None and options.workers < 1:
        complain(f"run.workers: {options.workers} is not a number of workers; it must be at least 1.")
        return status.NOT_VALID
    try:
        with path.open("rb"):
            pass
        left_out = _left_out(path) if is_book(str(path)) else []
        python = interpreter(options.python, path)
        script = Script(
            path.absolute(),
            path.absolute().parent if is_book(str(path)) else Path.cwd(),
            tuple(options.arguments),
            python=python,
            workers=options.workers or 0,
            named=options.named,
            in_terminal=True,
        )
        folder = script.new_folder(runs_root(options.runs))
    except FileNotFoundError as error:
        complain(f"{error.filename or error}: there is no such file.")
        return status.NOT_VALID
    except (OSError, ValueError) as error:
        complain(f"{path}: {error}" if isinstance(error, ValueError) else f"{error}")
        return status.NOT_VALID
    _name(left_out)
    return _follow(script, folder)


def _left_out(book: Path) -> list[str]:
    """What of a notebook is not run. Raises `ValueError` if it is none."""
    from engine.host.books.book import read_book

    return read_book(str(book)).left_out()


def _name(left_out: list[str]) -> None:
    """Name the parts of a notebook that do not run."""
    for said in left_out[:MOST_NAMED]:
        complain(f"Left out: {said}")
    if len(left_out) > MOST_NAMED:
        complain(f"Left out: {len(left_out) - MOST_NAMED} more lines")


def _follow(script: Script, folder: Path) -> int:
    streams.forgive_stdout()
    with interrupts.gathered() as came:
        try:
            host = HostHandle.run_script(script, folder, lambda: came)
        except LaunchError as error:
            complain(error.reason)
            if error.details:
                print(error.details, file=sys.stderr)
            return status.STOPPED if came else status.NOT_VALID
        with host:
            ended = _watch(host, came)
    return _report(ended, folder)


def _watch(host: HostHandle, came: list[signal.Signals]) -> Ended:
    """Wait for the end of the script. It owns the terminal and gets Ctrl-C itself."""
    heeded = 0
    while True:
        for number in came[heeded:]:
            heeded += 1
            if number != signal.SIGINT:
                host.stop()
            elif not _terminal_has_told_it():
                host.interrupt()
        message = host.receive(HEED_SECONDS)
        if isinstance(message, Noticed):
            complain(f"Warning: {message.what} {message.why}")
        elif isinstance(message, Ended):
            return message
        elif isinstance(message, LinkLost):
            return Ended("interrupted", message.reason, ran=True)


def _terminal_has_told_it() -> bool:
    """Whether this process is in the foreground of a terminal, where Ctrl-C reaches the script too."""
    if sys.platform != "linux":
        return False
    try:
        with Path("/dev/tty").open("rb", buffering=0) as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False


def _report(ended: Ended, folder: Path) -> int:
    if not ended.ran:
        complain(f"{ended.key}: {ended.reason}" if ended.key else ended.reason)
        return status.NOT_VALID
    if ended.state == "stopped" or ended.status is None:
        complain(ended.reason)
    elif not (ended.status or ended.total):
        complain("The script gave no tasks to a pool, so this run has no tasks.")
    if (folder / PICTURES).is_dir():
        complain(f"The figures are kept as pictures in {folder / PICTURES}")
    print(f"\n{folder}" if ended.line_open else folder)
    if ended.state == "stopped" or ended.status is None:
        return status.STOPPED
    return ended.status if ended.status >= 0 else BY_SIGNAL - ended.status
