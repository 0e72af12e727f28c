"""Where interpreters may be: in folders of the tools that install them, on PATH, and beside a file."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from engine import pythons
from engine.environment import cleaned
from engine.interpreters import system
from engine.interpreters.probe import find_interpreter

SHIMS = "shims"
"""The folder of shims that start one interpreter or another, depending on the folder they are called in."""
_CONDA_ROOTS = ("miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba", ".conda")


class Place(NamedTuple):
    """An executable that may be an interpreter, and its origin."""

    path: Path
    kind: str
    """own environment, recent, pyenv, conda, uv, system or empty."""


def beside(file: Path) -> Iterator[Place]:
    """Environments beside a file or in a folder, and in parents up to the home folder; the nearest first."""
    for python in pythons.beside(str(file)):
        yield Place(Path(python), "own environment")


def everywhere() -> Iterator[Place]:
    """Interpreters of this machine, those of version managers before those on PATH."""
    yield from _pyenv()
    yield from _conda()
    yield from _uv()
    yield from _on_path()
    yield from (Place(path, "system") for path in system.registered())


def _in(folder: Path, kind: str) -> Iterator[Place]:
    with suppress(OSError):  # a folder that cannot be read has none for us
        if python := find_interpreter(folder) if folder.is_dir() else None:
            yield Place(python, kind)


def _each_in(folder: Path, kind: str) -> Iterator[Place]:
    try:
        inside = sorted(folder.iterdir(), reverse=True)
    except OSError:
        return
    for environment in inside:
        yield from _in(environment, kind)


def _pyenv() -> Iterator[Place]:
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from _each_in(root / "versions", "pyenv")
    yield from _each_in(root / "pyenv-win" / "versions", "pyenv")


def _conda() -> Iterator[Place]:
    home = Path.home()
    roots = [home / name for name in _CONDA_ROOTS]
    if executable := os.environ.get("CONDA_EXE"):
        roots.append(Path(executable).parent.parent)
    roots += [
        Path(os.environ[name]) for name in ("CONDA_PREFIX", "MAMBA_ROOT_PREFIX") if os.environ.get(name)
    ]
    with suppress(OSError, UnicodeDecodeError):
        known = (home / ".conda" / "environments.txt").read_text("utf-8").splitlines()
        roots += [Path(line.strip()) for line in known if line.strip()]
    for root in roots:
        yield from _in(root, "conda")
        yield from _each_in(root / "envs", "conda")


def _uv() -> Iterator[Place]:
    if chosen := os.environ.get("UV_PYTHON_INSTALL_DIR"):
        folder = Path(chosen)
    elif sys.platform == "win32":
        folder = Path(os.environ.get("APPDATA") or Path.home()) / "uv" / "data" / "python"
    else:
        folder = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "uv" / "python"
    yield from _each_in(folder, "uv")


def _on_path() -> Iterator[Place]:
    wanted = re.compile(system.NAMES)
    for folder in cleaned(os.environ, foreign=True).get("PATH", "").split(os.pathsep):
        try:
            inside = sorted(Path(folder).absolute().iterdir()) if folder else []
        except OSError:  # PATH may name folders that do not exist
            continue
        for path in inside:
            if wanted.fullmatch(path.name) and os.access(path, os.X_OK) and not system.is_stub(path):
                yield Place(path, SHIMS if path.parent.name == SHIMS else "system")
