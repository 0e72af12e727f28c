"""Opens a text file at a line, in the user's editor.

The file itself is never run: it is passed to an editor, or to the system's way of editing a text.
"""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path

from gui.desktop.system import programs, system

COMMAND = "editor"
"""The setting with the command, such as `code -g {file}:{line}`; if empty, an editor is detected."""
KNOWN: Mapping[str, str] = {
    "code": "--goto {file}:{line}",
    "codium": "--goto {file}:{line}",
    "cursor": "--goto {file}:{line}",
    "windsurf": "--goto {file}:{line}",
    "zed": "{file}:{line}",
    "pycharm": "--line {line} {file}",
    "charm": "--line {line} {file}",
    "idea": "--line {line} {file}",
    "subl": "{file}:{line}",
    "kate": "--line {line} {file}",
    "kwrite": "--line {line} {file}",
    "gedit": "+{line} {file}",
    "xed": "+{line} {file}",
    "pluma": "+{line} {file}",
    "geany": "--line {line} {file}",
    "mousepad": "--line={line} {file}",
    "gvim": "+{line} {file}",
    "mvim": "+{line} {file}",
    "mate": "--line {line} {file}",
    "bbedit": "+{line} {file}",
    "notepad++": "-n{line} {file}",
}
"""Editors that open a window, and how each one takes a line number."""
OWN = ("VISUAL", "EDITOR")
"""The environment variables that name an editor."""
_SCRIPTS = (".cmd", ".bat")
"""Windows would take parts of a file name for commands."""


def words_of(command: str, path: Path, line: int) -> list[str]:
    """The words of the command with file and line filled in; a file without a placeholder goes to the end."""
    words = shlex.split(command)
    if not any("{file}" in word for word in words):
        words.append("{file}")
    return [word.replace("{file}", str(path)).replace("{line}", str(line)) for word in words]


def open_at(path: Path, line: int, command: str) -> str:
    """Open a file; returns what went wrong, in words, or an empty text."""
    if not path.is_file():
        return f"{path} is not there."
    try:
        words = words_of(command, path, line) if command else found(path, line)
    except ValueError as error:
        return f"The editor command cannot be read: {error}."
    try:
        if words:
            programs.start(words)
        else:
            system.edit(path)
    except OSError as error:
        return str(error)
    return ""


def found(path: Path, line: int) -> list[str]:
    """The command of the editor that the user names, or of the first one found; empty if there is none."""
    named = [os.environ.get(variable, "").strip() for variable in OWN]
    for name in (*(name for name in named if _known(name) in KNOWN), *KNOWN):
        program = shutil.which(name)
        if program is not None and Path(program).suffix.lower() not in _SCRIPTS:
            return [program, *words_of(KNOWN[_known(name)], path, line)]
    return []


def _known(name: str) -> str:
    """The name of an editor in `KNOWN`."""
    return Path(name).name.lower().removesuffix(".exe")
