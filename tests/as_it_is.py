"""A script under plain Python and as it is, side by side, for tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.runs import open_run
from engine.runs.records import Record, records
from tests.program import command

LIMIT = 110
"""The time limit for both, in seconds."""


@dataclass
class Ended:
    """What a script printed and left behind, and its exit status."""

    out: str
    err: str
    status: int
    files: dict[str, bytes]
    folder: Path | None = None
    """The run folder, if it ran as it is."""

    @property
    def records(self) -> list[Record]:
        assert self.folder is not None
        with open_run(self.folder) as run:
            return list(records(run))


def start(words: Sequence[object], folder: Path) -> subprocess.Popen[str]:
    """Start a command in a folder, with no input."""
    return subprocess.Popen(
        list(map(str, words)),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )


def as_it_is(
    script: object, *arguments: object, python: object = sys.executable, **options: object
) -> list[str]:
    """The command that runs a script as it is."""
    given = [word for name, value in options.items() for word in (f"--{name}", value)]
    return command("run", "--python", python, *given, script, "--", *arguments)


def ended(process: subprocess.Popen[str], folder: Path, ours: bool) -> Ended:
    """Wait for its end."""
    try:
        out, err = process.communicate(timeout=LIMIT)
    finally:
        process.kill()
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    run = None
    if ours and out:
        *lines, last = out.splitlines(keepends=True)
        out, run = "".join(lines), Path(last.strip())
    return Ended(out.replace(str(folder), ""), err.replace(str(folder), ""), process.returncode, files, run)


def both(
    source: Path, name: str, place: Path, *arguments: object, python: object = sys.executable
) -> tuple[Ended, Ended]:
    """Run a script of the folder `source` under plain Python and as it is, each in a copy of the folder."""
    folders = [place / "stock", place / "ours"]
    for folder in folders:
        shutil.copytree(source, folder)
    processes = [
        start([python, name, *arguments], folders[0]),
        start(as_it_is(name, *arguments, python=python), folders[1]),
    ]
    try:
        return ended(processes[0], folders[0], False), ended(processes[1], folders[1], True)
    finally:
        for process in processes:
            process.kill()
            process.communicate(timeout=LIMIT)
