"""Shows a source file in an editor: the person's own at the line, or else what the system has for texts.

The file itself is never run: only known editors are started with it, or the system's way to edit a text.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from gui.desktop.system import programs, system

AT_LINE: Mapping[str, tuple[str, ...]] = {
    "code": ("--goto", "{file}:{line}"),
    "codium": ("--goto", "{file}:{line}"),
    "cursor": ("--goto", "{file}:{line}"),
    "windsurf": ("--goto", "{file}:{line}"),
    "zed": ("{file}:{line}",),
    "pycharm": ("--line", "{line}", "{file}"),
    "charm": ("--line", "{line}", "{file}"),
    "idea": ("--line", "{line}", "{file}"),
    "subl": ("{file}:{line}",),
    "kate": ("--line", "{line}", "{file}"),
    "kwrite": ("--line", "{line}", "{file}"),
    "gedit": ("+{line}", "{file}"),
    "xed": ("+{line}", "{file}"),
    "pluma": ("+{line}", "{file}"),
    "geany": ("--line", "{line}", "{file}"),
    "mousepad": ("--line={line}", "{file}"),
    "gvim": ("+{line}", "{file}"),
    "mvim": ("+{line}", "{file}"),
    "mate": ("--line", "{line}", "{file}"),
    "bbedit": ("+{line}", "{file}"),
    "notepad++": ("-n{line}", "{file}"),
}
"""Editors with a window of their own, and how each is told a line."""
OWN = ("VISUAL", "EDITOR")
"""The variables in which a person names an editor."""
SUFFIXES = (".py", ".pyw")


def show(path: Path, line: int) -> None:
    """Show a line of a source file. Raises OSError. It looks for files, so not for the GUI thread."""
    if path.suffix not in SUFFIXES or not path.is_file():
        raise FileNotFoundError(f"{path} is no source file that is there.")
    command = command_for(path, line)
    if command is None:
        system.edit(path)
    else:
        programs.start(command)


def command_for(path: Path, line: int) -> list[str] | None:
    """How the editor is started that the person names, or else the first that there is."""
    for name in (*_own(), *AT_LINE):
        program = shutil.which(name)
        if program is not None and Path(program).suffix.lower() not in (".cmd", ".bat"):
            arguments = AT_LINE[_known(name)]
            return [program, *(part.format(file=path, line=line) for part in arguments)]
    return None


def _own() -> list[str]:
    """The editors that the person names, if they are known here."""
    named = [os.environ.get(variable, "").strip() for variable in OWN]
    return [name for name in named if _known(name) in AT_LINE]


def _known(name: str) -> str:
    return Path(name).stem.lower() if name.lower().endswith(".exe") else Path(name).name.lower()
