"""`poolhouse run SCRIPT.py`: runs the script as it is, in this terminal."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from engine.cli import status
from engine.cli.status import complain
from engine.host.books import ENDING as BOOK
from engine.host.books import is_book
from engine.launch.environment import interpreter
from engine.launch.program import own_python, script_command
from engine.pythons import of_script
from engine.script_plan import group_of_terminal, plan

ENDINGS = (".py", ".pyw", BOOK)
"""Suffixes of scripts and notebooks."""
MOST_OF_FIRST_LINE = 1000
NOT_TEXT = (
    "Its path, or that of its Python, is not text in this locale. Rename it, or set a locale"
    " with UTF-8 (LC_ALL=C.UTF-8)."
)
MOST_NAMED = 20
"""Further left-out lines are only counted."""


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
    assert sys.platform != "win32"
    from engine.cli.ahead.command import follow

    path: Path = options.file
    if options.workers is not None and options.workers < 1:
        complain(f"run.workers: {options.workers} is not a number of workers; it must be at least 1.")
        return status.NOT_VALID
    try:
        with path.open("rb"):
            pass
        left_out = _left_out(path) if is_book(str(path)) else []
        plan = _plan(options, of_script(options.python, str(path)))
        (plan["script"]["path"] + plan["python"]).encode()
    except FileNotFoundError as error:
        complain(_missing(error, options.python))
        return status.NOT_VALID
    except UnicodeEncodeError:
        complain(f"{path}: {NOT_TEXT}")
        return status.NOT_VALID
    except (OSError, ValueError) as error:
        complain(f"{path}: {error}" if isinstance(error, ValueError) else f"{error}")
        return status.NOT_VALID
    _name(left_out)
    return follow(plan)


def _missing(error: FileNotFoundError, python: str | None) -> str:
    if error.filename is None:
        return "The current folder does not exist any more. Change to another one."
    what = "Python interpreter" if error.filename == python else "such file"
    return f"{error.filename}: there is no {what}."


def _plan(options: argparse.Namespace, python: str) -> dict[str, Any]:
    executable = interpreter(python)
    path: Path = options.file.absolute()
    is_notebook = is_book(str(path))
    made = plan(
        str(path) if is_notebook else os.path.join(Path.cwd(), options.named),  # noqa: PTH118 - it keeps "./"
        [options.named, *options.arguments],
        str(path.parent if is_notebook else Path.cwd()),
        options.workers or 0,
        script_command(executable),
        foreign=executable != own_python(),
        group=group_of_terminal(),
    )
    return {**made, "python": python, "runs": options.runs and str(options.runs)}


def _left_out(book: Path) -> list[str]:
    """The parts of a notebook that do not run. Raises `ValueError` if it is not a notebook."""
    from engine.host.books.book import read_book

    return read_book(str(book)).left_out()


def _name(left_out: list[str]) -> None:
    """Name the parts of a notebook that do not run."""
    for said in left_out[:MOST_NAMED]:
        complain(f"Left out: {said}")
    if len(left_out) > MOST_NAMED:
        complain(f"Left out: {len(left_out) - MOST_NAMED} more lines")
